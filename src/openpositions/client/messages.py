"""Frames of a service as a client reads them, and the commands it sends (protocol, 2 and 5)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from openpositions.client.news import Bookmark
from openpositions.errors import InvalidInput
from openpositions.wire.names import LONGEST_NAME
from openpositions.wire.socket.commands import POSITIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# A command is at most 64 KiB long; this leaves room for the rest of it.
_TICKERS_BYTES = 48 * 1024

# Those of a service have 32 characters.
_LONGEST_EPOCH = 128


class Frame(msgspec.Struct, gc=False):
    """The envelope of whatever a service sends; what the type means is in `msg`."""

    type: str
    id: int | None = None
    sid: int | None = None
    seq: int | None = None
    conflated: int = 0
    msg: msgspec.Raw = msgspec.Raw(b"{}")


class Subscribed(msgspec.Struct, gc=False):
    """The answer to a subscribe; `recovered` is there exactly when the service knows extensions and was asked."""

    channel: str
    sid: int
    recovered: bool | None = None


class Marker(msgspec.Struct, gc=False):
    """What ends a snapshot: the position in a history that its rows are as of."""

    epoch: str
    sequence: int


class SocketError(msgspec.Struct, gc=False):
    """A numbered error."""

    code: int = 0
    msg: str = ""
    detail: str = ""

    def __str__(self) -> str:
        """The error for people."""
        return f"{self.msg}: {self.detail}" if self.detail else self.msg


decode_frame = msgspec.json.Decoder(Frame).decode
decode_subscribed = msgspec.json.Decoder(Subscribed).decode
decode_marker = msgspec.json.Decoder(Marker).decode
decode_error = msgspec.json.Decoder(SocketError).decode


def subscribe(command_id: int, channel: str, **params: object) -> str:
    """The command that opens or widens a subscription."""
    command = {"id": command_id, "cmd": "subscribe", "params": {"channels": [channel], **params}}
    return msgspec.json.encode(command).decode()


def check_tickers(tickers: Sequence[str] | None) -> tuple[str, ...]:
    """The markets of a filter, each once; none for None. Raises InvalidInput."""
    if tickers is None:
        return ()
    # An iterator can be gone through once only.
    each = None if isinstance(tickers, str) or not isinstance(tickers, Iterable) else tuple(tickers)
    if each is None or not all(isinstance(ticker, str) for ticker in each):
        raise InvalidInput("tickers", f"tickers must be a list of market tickers, not {tickers!r:.60}")
    for ticker in each:
        if not 0 < len(ticker) <= LONGEST_NAME:  # of its characters the service is the judge
            raise InvalidInput("tickers", f"each of tickers has 1-{LONGEST_NAME} characters, unlike {ticker[:40]!r}")
    if not each:
        raise InvalidInput("tickers", "tickers names no market; leave it out to follow every market")
    return tuple(dict.fromkeys(each))


def check_bookmark(since: Bookmark) -> Bookmark:
    """A bookmark as it was given. Raises InvalidInput when it is none."""
    if (
        isinstance(since, Bookmark)
        and isinstance(since.epoch, str)
        and len(since.epoch) <= _LONGEST_EPOCH
        and type(since.sequence) is int
        and since.sequence >= 0
    ):
        return since
    raise InvalidInput("since", f"since must be a Bookmark(epoch, sequence), not {since!r:.60}")


def follow_rows(ids: Iterator[int], tickers: Sequence[str], since: Bookmark) -> dict[int, str]:
    """The commands, by their ids, that ask for rows and what becomes of them; no tickers stand for every market."""
    commands = {}
    for piece in _in_pieces(tickers):
        command_id = next(ids)
        commands[command_id] = subscribe(
            command_id,
            POSITIONS,
            send_initial_snapshot=True,
            extended=True,
            resume=since._asdict(),
            **({"market_tickers": piece} if piece else {}),
        )
    return commands


def _in_pieces(tickers: Sequence[str]) -> Iterator[list[str]]:
    """A filter in pieces that fit a command each; one empty piece stands for every market."""
    piece: list[str] = []
    size = 0
    for ticker in tickers:
        size += len(ticker) + 3
        if size > _TICKERS_BYTES:
            yield piece
            piece, size = [], len(ticker) + 3
        piece.append(ticker)
    yield piece
