"""What a sandbox does to the frames of all its connections: delays, pauses, doubles, reorders; and who looks on."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from openpositions.wire.frame_splitter import CLOSE, TEXT, WireFrame

if TYPE_CHECKING:
    from openpositions.server.link import Link


class Onlooker(Protocol):
    """Is told of every frame of every socket, when it leaves and when it came, and of handshakes that fail."""

    def on_sent(self, link: Link, frame: WireFrame) -> None:
        """A frame left for the client."""

    def on_received(self, link: Link, frame: WireFrame) -> None:
        """A frame came from the client."""

    def on_refused(self, link: Link, status: int, body: bytes) -> None:
        """A handshake was answered with something else than a socket."""

    def on_ended(self, link: Link) -> None:
        """The connection of a socket is gone."""


class _Waiting(NamedTuple):
    link: Link
    frame: WireFrame


class Traffic:
    """The links of a sandbox that became sockets. Counts go over all of them together: one client sees them exactly.

    Only messages are doubled and reordered; pings and close frames pass.
    """

    def __init__(self, onlooker: Onlooker | None = None) -> None:
        self.paused = False
        self.delay_seconds = 0.0
        self.duplicates_left = 0
        self.reorders_left = 0
        self._onlooker = onlooker
        self._reordered: list[_Waiting] = []
        self._sockets: dict[Link, None] = {}
        self._last_number = 0

    def next_number(self) -> int:
        """The number of a new connection."""
        self._last_number += 1
        return self._last_number

    def sockets(self, user_id: str | None = None) -> list[Link]:
        """The open sockets of a user, or all."""
        return [link for link in self._sockets if user_id is None or link.user_id == user_id]

    # ------------------------------------------------------------ the faults

    def pause(self) -> None:
        """From now on everything is held."""
        self.paused = True
        for link in self._sockets:
            link.tell_whether_full()

    def resume(self) -> None:
        """What is held leaves, in its order."""
        self.paused = False
        for link in list(self._sockets):
            link.let_go()

    def delay(self, seconds: float) -> None:
        """Every frame leaves so much later, and what is held already not later than that."""
        self.delay_seconds = seconds
        for link in list(self._sockets):
            link.hurry(seconds)

    def reorder(self, count: int) -> None:
        """The next messages leave in reverse order, once so many are there; an earlier reordering ends."""
        self._release(self._reordered)
        self.reorders_left = count

    def clear(self) -> None:
        """Nothing is done to frames any more; those held leave, in the order they came."""
        self.duplicates_left = self.reorders_left = 0
        self._release(self._reordered)
        self.delay(0.0)
        self.resume()

    # ------------------------------------------------------------ what links report

    def opened(self, link: Link) -> None:
        """A connection became a socket."""
        self._sockets[link] = None

    def forget(self, link: Link) -> None:
        """A connection is gone."""
        if link not in self._sockets:
            return
        del self._sockets[link]
        if self._onlooker is not None:
            self._onlooker.on_ended(link)
        self._reordered = [waiting for waiting in self._reordered if waiting.link is not link]

    def leave(self, link: Link, frame: WireFrame) -> None:
        """Sends a frame that the service wrote, as the faults have it."""
        if frame.opcode == CLOSE:
            self._release([waiting for waiting in self._reordered if waiting.link is link])
        if frame.opcode != TEXT:
            link.send(frame)
        elif self.reorders_left:
            self._reordered.append(_Waiting(link, frame))
            self.reorders_left -= 1
            if not self.reorders_left:
                self._release(self._reordered[::-1])
        else:
            self._send(link, frame)

    def sent(self, link: Link, frame: WireFrame) -> None:
        """A frame left."""
        if self._onlooker is not None:
            self._onlooker.on_sent(link, frame)

    def received(self, link: Link, frame: WireFrame) -> None:
        """A frame came."""
        if self._onlooker is not None:
            self._onlooker.on_received(link, frame)

    def refused(self, link: Link, status: int, body: bytes) -> None:
        """A handshake failed."""
        if self._onlooker is not None:
            self._onlooker.on_refused(link, status, body)

    def _release(self, some: list[_Waiting]) -> None:
        released = list(some)
        self._reordered = [waiting for waiting in self._reordered if waiting not in released]
        for link, frame in released:
            self._send(link, frame)

    def _send(self, link: Link, frame: WireFrame) -> None:
        link.send(frame)
        if self.duplicates_left:
            self.duplicates_left -= 1
            link.send(frame)
