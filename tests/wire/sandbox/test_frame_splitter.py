"""Frames found in a stream that others read and write (RFC 6455, 5.2)."""

from hypothesis import given
from hypothesis import strategies as st

from openpositions.wire.sandbox.frame_splitter import CLOSE, PING, TEXT, FrameSplitter, WireFrame, close_frame
from tests.acceptance.websocket import encode_frame


def test_server_frames_of_all_three_lengths_are_found() -> None:
    """Up to 125 bytes, up to 64 KiB, and beyond."""
    frames = [encode_frame(bytes(length), TEXT, mask_bit=0) for length in (0, 125, 126, 65_535, 65_536)]

    assert FrameSplitter().feed(b"".join(frames)) == [WireFrame(TEXT, frame[_head(frame) :], frame) for frame in frames]


def test_frames_of_a_client_are_unmasked() -> None:
    """The payload is what the client meant; the bytes are what it sent."""
    encoded = encode_frame(b'{"id":1}', TEXT)

    assert FrameSplitter().feed(encoded) == [WireFrame(TEXT, b'{"id":1}', encoded)]


@given(st.lists(st.integers(1, 40)))
def test_stream_may_be_cut_anywhere(cuts: list[int]) -> None:
    """The frames are those of the whole, whatever the pieces."""
    stream = encode_frame(b"a" * 130, TEXT) + encode_frame(b"", PING, mask_bit=0) + encode_frame(b"b", TEXT, mask_bit=0)
    splitter = FrameSplitter()
    found: list[WireFrame] = []
    at = 0
    for cut in [*cuts, len(stream)]:
        found += splitter.feed(stream[at : at + cut])
        at += cut

    assert [(frame.opcode, frame.payload) for frame in found] == [(TEXT, b"a" * 130), (PING, b""), (TEXT, b"b")]


def test_frame_beyond_the_limit_ends_the_looking() -> None:
    """Nothing is kept for it, and nothing is given after it."""
    splitter = FrameSplitter(longest_bytes=10)

    assert splitter.feed(encode_frame(b"short", TEXT)) != []
    assert splitter.feed(b"\x81\x7f" + (1 << 40).to_bytes(8)) == []
    assert splitter.feed(encode_frame(b"short", TEXT)) == []


def test_close_frame_carries_its_code() -> None:
    """Unmasked, as a server sends it."""
    assert close_frame(1012) == WireFrame(CLOSE, b"\x03\xf4", b"\x88\x02\x03\xf4")


def _head(frame: bytes) -> int:
    return {126: 4, 127: 10}.get(frame[1], 2)
