"""Settings that cannot be served are refused before anything is opened, each by the flag it is set with."""

from pathlib import Path
from typing import Any

import pytest

from openpositions.errors import Misconfigured
from openpositions.server.settings import Settings


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"port": 65_536}, "--port must be 0-65535, not 65536"),
        ({"timestamp_window_ms": -5}, "--timestamp-window-ms must be 1-86400000, not -5"),
        ({"connections_per_user": 0}, "--connections-per-user must be 1-2147483647, not 0"),
        ({"commands_per_second": 0}, "--commands-per-second must be 1-2147483647, not 0"),
        ({"inbound_frame_bytes": -1}, "--inbound-frame-bytes must be 1-2147483647, not -1"),
        ({"request_seconds": 0.0}, "--request-seconds must be 0.01-86400, not 0.0"),
        ({"pong_seconds": float("nan")}, "--pong-seconds must be 0.01-86400, not nan"),
        ({"stall_seconds": float("inf")}, "--stall-seconds must be 0.01-86400, not inf"),
        ({"ping_seconds": 30.0}, "--pong-seconds must be more than --ping-seconds 30, not 30: "),
        (
            {"body_bytes": 100, "bodies_in_memory_bytes": 99},
            "--bodies-in-memory-bytes must be at least --body-bytes 100, not 99: ",
        ),
    ],
)
def test_impossible_number_is_named(tmp_path: Path, settings: dict[str, Any], complaint: str) -> None:
    """With its value and what is allowed, instead of a service that lets nobody in."""
    with pytest.raises(Misconfigured) as raised:
        Settings(data=tmp_path, **settings)

    assert str(raised.value).startswith(complaint)


def test_bounds_are_included(tmp_path: Path) -> None:
    """The least of everything is served."""
    least = Settings(data=tmp_path, port=0, timestamp_window_ms=1, connections=1, ping_seconds=0.01, pong_seconds=0.02)

    assert (least.connections, least.pong_seconds) == (1, 0.02)
