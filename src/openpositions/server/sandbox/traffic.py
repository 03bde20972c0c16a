"""What a sandbox does to the frames of all its connections: delays, pauses, doubles, reorders; and who looks on."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from openpositions.wire.sandbox.frame_splitter import CLOSE, TEXT, WireFrame

if TYPE_CHECKING:
    from openpositions.server.sandbox.relay import Relay


class Onlooker(Protocol):
    """Is told of every frame of every socket, when it leaves and when it came, and of handshakes that fail."""

    def on_sent(self, relay: Relay, frame: WireFrame) -> None:
        """A frame left for the client."""

    def on_received(self, relay: Relay, frame: WireFrame) -> None:
        """A frame came from the client."""

    def on_refused(self, relay: Relay, status: int, body: bytes) -> None:
        """A handshake was answered with something else than a socket."""

    def on_ended(self, relay: Relay) -> None:
        """The connection of a socket is gone."""


class _Waiting(NamedTuple):
    relay: Relay
    frame: WireFrame


class Traffic:
    """The relays of a sandbox that became sockets. Counts go over all of them together: one client sees them exactly.

    Only messages are doubled and reordered; pings and close frames pass.
    """

    def __init__(self, onlooker: Onlooker | None = None) -> None:
        self.paused = False
        self.delay_seconds = 0.0
        self.duplicates_left = 0
        self.reorders_left = 0
        self._onlooker = onlooker
        self._reordered: list[_Waiting] = []
        self._sockets: dict[Relay, None] = {}
        self._last_number = 0

    def next_number(self) -> int:
        """The number of a new connection."""
        self._last_number += 1
        return self._last_number

    def sockets(self, user_id: str | None = None) -> list[Relay]:
        """The open sockets of a user, or all."""
        return [relay for relay in self._sockets if user_id is None or relay.user_id == user_id]

    # ------------------------------------------------------------ the faults

    def pause(self) -> None:
        """From now on everything is held."""
        self.paused = True
        for relay in self._sockets:
            relay.tell_whether_full()

    def resume(self) -> None:
        """What is held leaves, in its order."""
        self.paused = False
        for relay in list(self._sockets):
            relay.let_go()

    def delay(self, seconds: float) -> None:
        """Every frame leaves so much later, and what is held already not later than that."""
        self.delay_seconds = seconds
        for relay in list(self._sockets):
            relay.hurry(seconds)

    def reorder(self, count: int) -> None:
        """The next messages leave in reverse order, once so many are there; an earlier reordering ends."""
        self._release(self._reordered)
        self.reorders_left = count

    def clear(self) -> None:
        """Nothing is done to frames any more; those held leave, in the order they came."""
        self.duplicates_left = self.reorders_left = 0
        for relay in self._sockets:
            relay.bytes_until_cut = None
        self._release(self._reordered)
        self.delay(0.0)
        self.resume()

    # ------------------------------------------------------------ what relays report

    def opened(self, relay: Relay) -> None:
        """A connection became a socket."""
        self._sockets[relay] = None

    def forget(self, relay: Relay) -> None:
        """A connection is gone."""
        if relay not in self._sockets:
            return
        del self._sockets[relay]
        if self._onlooker is not None:
            self._onlooker.on_ended(relay)
        self._reordered = [waiting for waiting in self._reordered if waiting.relay is not relay]

    def leave(self, relay: Relay, frame: WireFrame) -> None:
        """Sends a frame that the service wrote, as the faults have it."""
        if frame.opcode == CLOSE:
            self._release([waiting for waiting in self._reordered if waiting.relay is relay])
        if frame.opcode != TEXT:
            relay.send(frame)
        elif self.reorders_left:
            self._reordered.append(_Waiting(relay, frame))
            self.reorders_left -= 1
            if not self.reorders_left:
                self._release(self._reordered[::-1])
        else:
            self._send(relay, frame)

    def sent(self, relay: Relay, frame: WireFrame) -> None:
        """A frame left."""
        if self._onlooker is not None:
            self._onlooker.on_sent(relay, frame)

    def received(self, relay: Relay, frame: WireFrame) -> None:
        """A frame came."""
        if self._onlooker is not None:
            self._onlooker.on_received(relay, frame)

    def refused(self, relay: Relay, status: int, body: bytes) -> None:
        """A handshake failed."""
        if self._onlooker is not None:
            self._onlooker.on_refused(relay, status, body)

    def _release(self, some: list[_Waiting]) -> None:
        released = list(some)
        self._reordered = [waiting for waiting in self._reordered if waiting not in released]
        for relay, frame in released:
            self._send(relay, frame)

    def _send(self, relay: Relay, frame: WireFrame) -> None:
        relay.send(frame)
        if self.duplicates_left:
            self.duplicates_left -= 1
            relay.send(frame)
