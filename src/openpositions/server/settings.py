"""What an operator can set. Every limit has a default that suits one machine."""

from pathlib import Path

import msgspec

from openpositions.errors import Misconfigured

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

_COUNT = 1, 2**31 - 1
_SECONDS = 0.01, 86_400.0
# What each number may be, both ends included. A limit of 0 would let nobody in, and nan would never be over.
_RANGES: dict[str, tuple[float, float]] = {
    "port": (0, 2**16 - 1),
    "timestamp_window_ms": (1, 86_400_000),
    "connections": _COUNT,
    "connections_per_user": _COUNT,
    "commands_per_second": _COUNT,
    "reads_per_second": _COUNT,
    "tickers_per_subscription": _COUNT,
    "inbound_frame_bytes": _COUNT,
    "body_bytes": _COUNT,
    "bodies_in_memory_bytes": _COUNT,
    "request_seconds": _SECONDS,
    "ping_seconds": _SECONDS,
    "pong_seconds": _SECONDS,
    "stall_seconds": _SECONDS,
}

RENAMED = {"bodies_bytes": "bodies_in_memory_bytes"}
"""Names that no setting has any more, each with the one that it has now."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings of a running service. Making them checks what cannot be served; raises Misconfigured."""

    data: Path
    """The directory that holds everything durable."""
    host: str = "127.0.0.1"
    port: int = 8080
    """0 picks a free one."""
    wire: str = "both"
    """The dialect of connections that do not name one: 2025, 2026 or both."""
    plain: bool = False
    """Serve sockets as the venue would: every extension of the protocol is ignored."""
    tls_cert: Path | None = None
    tls_key: Path | None = None
    insecure: bool = False
    """Serve beyond loopback without TLS."""
    allowed_origins: tuple[str, ...] = ()
    """Origins besides the service's own that may ask for tickets."""
    timestamp_window_ms: int = 30_000
    """How far the timestamp of a signed request may be off, either way."""
    connections: int = 20_000
    """WebSocket connections in all."""
    connections_per_user: int = 200
    commands_per_second: int = 100
    """Commands of one connection."""
    reads_per_second: int = 200
    """REST reads (GET) of one user."""
    tickers_per_subscription: int = 10_000
    inbound_frame_bytes: int = 64 * 1024
    body_bytes: int = 16 * 1024 * 1024
    """The longest body of POST /v1/events."""
    bodies_in_memory_bytes: int = 64 * 1024 * 1024
    """All bodies in memory at once."""
    request_seconds: float = 60.0
    """A connection on which a request does not arrive for so long, or its body, is closed."""
    ping_seconds: float = 10.0
    pong_seconds: float = 30.0
    """Without a pong for so long a connection is closed."""
    stall_seconds: float = 60.0
    """A connection whose socket takes nothing for so long is closed."""

    def __post_init__(self) -> None:
        if self.wire not in {"2025", "2026", "both"}:
            raise Misconfigured(f"--wire must be 2025, 2026 or both, not {self.wire!r}")
        for name, (lowest, highest) in _RANGES.items():
            value = getattr(self, name)
            if not lowest <= value <= highest:
                raise Misconfigured(f"{_flag(name)} must be {lowest:.15g}-{highest:.15g}, not {value}")
        if self.ping_seconds >= self.pong_seconds:
            raise Misconfigured(
                f"--pong-seconds must be more than --ping-seconds {self.ping_seconds:g}, not {self.pong_seconds:g}: "
                "whoever is idle would be closed before the first ping"
            )
        if self.body_bytes > self.bodies_in_memory_bytes:
            raise Misconfigured(
                f"--bodies-in-memory-bytes must be at least --body-bytes {self.body_bytes}, "
                f"not {self.bodies_in_memory_bytes}: a body of that length would wait for ever"
            )
        if (self.tls_cert is None) != (self.tls_key is None):
            raise Misconfigured("--tls-cert and --tls-key go together: give both or neither")
        if self.host not in _LOOPBACK and self.tls_cert is None and not self.insecure:
            raise Misconfigured(
                f"--host {self.host} is reachable from other machines: give --tls-cert and --tls-key, "
                "or say --insecure when something else encrypts the way"
            )


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"
