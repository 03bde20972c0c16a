"""A connection without a socket: commands in, frames out, on a book that really takes events."""

from itertools import chain
from typing import Any

import msgspec

from openpositions.wire.socket.frames import Dialect
from openpositions.wire.socket.session import Access, Output, Session
from tests.journaled_book import JournaledBook

EPOCH = "e1"


class Conversation:
    """What one connection says and is told. It speaks for alice unless told otherwise."""

    def __init__(
        self,
        journaled: JournaledBook | None = None,
        *,
        user: str = "alice",
        subaccount: int | None = None,
        dialect: Dialect = Dialect.BOTH,
        ticker_limit: int = 10_000,
        plain: bool = False,
    ) -> None:
        self.journaled = journaled or JournaledBook()
        self.session = Session(Access(user, subaccount, dialect, ticker_limit, plain), self.journaled.book, EPOCH)

    def send(self, message: str | bytes) -> list[bytes]:
        """The frames that answer a message, as they leave."""
        return frames_of(self.session.receive(message))

    def say(self, cmd: str, **params: object) -> list[Any]:
        """The frames, decoded, that answer a command with the id 1."""
        return [msgspec.json.decode(frame) for frame in self.send(command(cmd, **params))]


def command(cmd: str, **params: object) -> bytes:
    """A command with the id 1."""
    return msgspec.json.encode({"id": 1, "cmd": cmd, "params": params})


def frames_of(outputs: list[Output]) -> list[bytes]:
    """Everything that a session returned, encoded in its order."""
    return list(chain.from_iterable([output] if isinstance(output, bytes) else output for output in outputs))


def market_tickers(frames: list[Any]) -> list[str]:
    """The markets of the position frames among some frames."""
    return [frame["msg"]["market_ticker"] for frame in frames if frame["type"] == "market_position"]


def types(frames: list[Any]) -> list[str]:
    """What kinds of frames these are."""
    return [frame["type"] for frame in frames]
