"""The relay between aiohttp and the socket: what leaves, and when the writer is to wait."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from openpositions.server.sandbox.relay import Relay, RelayProtocol
from openpositions.server.sandbox.traffic import Traffic
from openpositions.wire.sandbox.frame_splitter import CLOSE, TEXT, FrameSplitter
from tests.acceptance.websocket import encode_frame

if TYPE_CHECKING:
    from collections.abc import Callable

HIGH = 64 * 1024


class Wire(asyncio.Transport):
    """The real transport: takes what it is given, and keeps as much of it as it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.kept = 0
        self.closed = self.aborted = False

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        """Takes bytes."""
        assert not self.is_closing(), "nothing may be written to a transport that closes"
        self.written += data

    def close(self) -> None:
        """Ends it when all is sent."""
        self.closed = True

    def abort(self) -> None:
        """Ends it."""
        self.aborted = True

    def is_closing(self) -> bool:
        """Whether it ends."""
        return self.closed or self.aborted

    def get_write_buffer_size(self) -> int:
        """What the socket has not taken."""
        return self.kept

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Is told."""


class Reader(asyncio.Protocol):
    """What aiohttp is: insists, as it does, that pauses and their ends take turns."""

    def __init__(self) -> None:
        self.waits = False

    def pause_writing(self) -> None:
        """Has to wait."""
        assert not self.waits
        self.waits = True

    def resume_writing(self) -> None:
        """May go on."""
        assert self.waits
        self.waits = False


class Joined:
    """A relay that became a socket."""

    def __init__(self, traffic: Traffic | None = None) -> None:
        self.traffic = traffic or Traffic()
        self.wire, self.reader = Wire(), Reader()
        protocol = RelayProtocol(self.reader, self.traffic)
        protocol.connection_made(self.wire)
        self.protocol = protocol
        transport = protocol._relay  # noqa: SLF001 - what the protocol of aiohttp is given
        self.relay: Relay = transport
        self.relay.write(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
        self.wire.written = b""

    def write(self, payload: bytes) -> None:
        """Writes a message."""
        self.relay.write(encode_frame(payload, TEXT, mask_bit=0))

    @property
    def left(self) -> list[bytes]:
        """The messages that left."""
        return [frame.payload for frame in FrameSplitter().feed(self.wire.written) if frame.opcode == TEXT]


async def test_what_is_no_websocket_passes_as_it_is() -> None:
    """Requests are answered in a pause, too."""
    traffic, wire = Traffic(), Wire()
    protocol = RelayProtocol(Reader(), traffic)
    protocol.connection_made(wire)
    traffic.pause()
    protocol._relay.writelines([b"HTTP/1.1 200 OK\r\n", b"\r\n"])  # noqa: SLF001 - as above

    assert wire.written == b"HTTP/1.1 200 OK\r\n\r\n"
    assert traffic.sockets() == []


async def test_frame_in_pieces_leaves_whole() -> None:
    """Aiohttp writes the header of a long frame on its own."""
    joined = Joined()
    encoded = encode_frame(b"message", TEXT, mask_bit=0)
    joined.relay.write(encoded[:1])
    joined.relay.write(bytearray(encoded[1:5]))
    assert joined.wire.written == b""
    joined.relay.write(memoryview(encoded[5:]))

    assert joined.wire.written == encoded


async def test_writer_waits_while_a_pause_holds_too_much() -> None:
    """And goes on when it has left. Less than that is no reason to wait."""
    joined = Joined()
    joined.traffic.pause()
    joined.write(bytes(HIGH - 100))
    assert not joined.reader.waits
    joined.write(bytes(200))
    assert joined.reader.waits
    assert joined.relay.get_write_buffer_size() > HIGH
    joined.traffic.resume()

    assert not joined.reader.waits
    assert [len(message) for message in joined.left] == [HIGH - 100, 200]


async def test_writer_waits_for_what_is_held_and_kept_together() -> None:
    """Half above and half below the relay is as much as all of it in one place; no reader has both wait for ever."""
    joined = Joined()
    joined.wire.kept = HIGH // 2
    joined.traffic.pause()
    joined.write(bytes(HIGH // 2 + 100))
    assert joined.reader.waits
    joined.protocol.pause_writing()
    joined.traffic.resume()
    assert joined.reader.waits
    joined.protocol.resume_writing()

    assert not joined.reader.waits


async def test_delay_is_no_reason_to_wait() -> None:
    """Until so much is on the way that memory is at stake."""
    joined = Joined()
    joined.traffic.delay(60)
    for _ in range(16):
        joined.write(bytes(1 << 20))
    assert joined.relay.get_write_buffer_size() < HIGH
    assert not joined.reader.waits
    joined.write(bytes(HIGH + 1))
    assert joined.reader.waits
    joined.traffic.delay(0)

    assert not joined.reader.waits
    assert len(joined.left) == 17


async def test_nothing_is_written_after_a_close() -> None:
    """What was held leaves first, then the connection ends."""
    joined = Joined()
    joined.traffic.pause()
    joined.write(b"before")
    joined.relay.close()
    joined.write(b"after")
    assert not joined.wire.closed
    joined.traffic.resume()

    assert (joined.left, joined.wire.closed, joined.relay.is_closing()) == ([b"before"], True, True)


async def test_lost_connection_is_forgotten_with_what_was_held_for_it() -> None:
    """A resume, a reordering that is complete, or a timer do not write to it."""
    joined = Joined()
    joined.traffic.delay(0.001)
    joined.write(b"delayed")
    joined.traffic.reorder(2)
    joined.write(b"held")
    joined.wire.closed = True
    joined.protocol.connection_lost(None)
    joined.traffic.clear()
    await asyncio.sleep(0.01)

    assert (joined.left, joined.traffic.sockets()) == ([], [])


async def test_cut_drops_what_is_held() -> None:
    """At once, however much waits."""
    joined = Joined()
    joined.traffic.pause()
    joined.write(b"held")
    joined.relay.cut(None)
    joined.traffic.resume()

    assert (joined.left, joined.wire.aborted) == ([], True)


async def test_close_frame_ends_it_once() -> None:
    """A second one would follow a close frame."""
    joined = Joined()
    joined.relay.close_with(1001)
    joined.relay.close_with(1012)

    assert [frame.opcode for frame in FrameSplitter().feed(joined.wire.written)] == [CLOSE]
    assert joined.wire.closed


async def test_reordering_goes_over_all_connections() -> None:
    """Messages are counted together; each connection gets its own."""
    traffic = Traffic()
    alice, bob = Joined(traffic), Joined(traffic)
    traffic.reorder(3)
    alice.write(b"1")
    bob.write(b"2")
    assert alice.left + bob.left == []
    alice.write(b"3")
    bob.write(b"4")

    assert (alice.left, bob.left) == ([b"3", b"1"], [b"2", b"4"])


_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.integers(0, 40_000)),
        st.tuples(st.sampled_from(["pause", "resume", "full", "empty"]), st.just(0)),
        st.tuples(st.just("delay"), st.sampled_from([0, 60])),
    ),
    max_size=40,
)


@given(_STEPS)
@settings(deadline=None)
def test_every_message_leaves_once_and_in_order(steps: list[tuple[str, int]]) -> None:
    """Whatever pauses and delays come and go; pauses of the writer take turns with their ends, and end in the end."""

    async def play() -> None:
        joined = Joined()
        full = False
        written: list[bytes] = []
        for step, value in [*steps, ("resume", 0), ("delay", 0), ("empty", 0)]:
            if step == "write":
                written.append(b"%d " % len(written) + bytes(value))
                joined.write(written[-1])
            elif step in {"full", "empty"}:
                if full != (step == "full"):
                    full = not full
                    joined.wire.kept = HIGH + 1 if full else 0
                    _told(joined, full=full)()
            elif step == "delay":
                joined.traffic.delay(value)
            else:
                getattr(joined.traffic, step)()
        assert joined.left == written
        assert not joined.reader.waits

    asyncio.run(play())


def _told(joined: Joined, *, full: bool) -> Callable[[], None]:
    return joined.protocol.pause_writing if full else joined.protocol.resume_writing
