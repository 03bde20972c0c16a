"""A session of a service that does not have one of the channels."""

from __future__ import annotations

import msgspec

from openpositions.wire.sandbox.withholding import WithholdingSession
from openpositions.wire.socket.frames import Dialect
from openpositions.wire.socket.session import Access
from tests.conversation import EPOCH, command, frames_of
from tests.journaled_book import JournaledBook


def answers(withheld: str | None, *commands: bytes) -> list[tuple[str, int]]:
    """Type of each reply, and its error code or sid."""
    access = Access("alice", None, Dialect.BOTH)
    session = WithholdingSession(access, JournaledBook().book, EPOCH, lambda: withheld)
    replies = [msgspec.json.decode(frame) for one in commands for frame in frames_of(session.receive(one))]
    return [(reply["type"], reply["msg"].get("code") or reply["msg"].get("sid")) for reply in replies]


def test_withheld_channel_is_unknown() -> None:
    """And fails the whole command, as any unknown channel does (protocol, 2)."""
    assert answers(
        "fill", command("subscribe", channels=["market_positions", "fill"]), command("subscribe", channels=["fill"])
    ) == [("error", 8), ("error", 8)]


def test_other_channels_are_there() -> None:
    """Nothing but the one is withheld."""
    assert answers("fill", command("subscribe", channels=["market_positions"])) == [("subscribed", 1)]


def test_what_is_wrong_otherwise_is_answered_as_always() -> None:
    """An unknown command, one without channels, one that is no JSON."""
    assert answers("fill", command("dance"), command("subscribe"), b"no json") == [
        ("error", 5),
        ("error", 3),
        ("error", 1),
    ]


def test_nothing_is_withheld_when_there_is_nothing_to() -> None:
    """As in a service that is no sandbox."""
    assert answers(None, command("subscribe", channels=["fill"])) == [("subscribed", 1)]
