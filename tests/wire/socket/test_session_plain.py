"""A connection that is served as the venue would: what the venue does not know is as if it did not exist."""

import pytest

from tests.conversation import Conversation, command
from tests.events import bought_yes
from tests.journaled_book import book_after


@pytest.mark.parametrize(
    "extension",
    [
        {"send_initial_snapshot": True},
        {"extended": True},
        {"resume": {"epoch": "e1", "sequence": 0}},
        {"conflate_ms": 50},
        {"conflate_ms": "often"},
    ],
    ids=lambda extension: next(iter(extension)),
)
def test_extension_is_an_unknown_parameter(extension: dict[str, object]) -> None:
    """Ignored like any other, even where its value makes no sense."""
    conversation = Conversation(book_after(bought_yes("t1")), plain=True)

    assert conversation.send(command("subscribe", channels=["market_positions"], **extension)) == [
        b'{"type":"subscribed","id":1,"msg":{"channel":"market_positions","sid":1}}'
    ]


def test_channel_of_ours_is_an_unknown_one() -> None:
    """And nothing of the command is done."""
    conversation = Conversation(plain=True)

    assert conversation.send(command("subscribe", channels=["market_positions", "portfolio"])) == [
        b'{"id":1,"type":"error","msg":{"code":8,"msg":"Unknown channel name"}}'
    ]
    assert conversation.session.subscriptions == {}


def test_error_says_no_more_than_the_venue() -> None:
    """Its number and its text, without the detail that others are told."""
    conversation = Conversation(plain=True)

    assert conversation.send(command("unsubscribe", sids=[5])) == [
        b'{"id":1,"type":"error","msg":{"code":7,"msg":"Unknown subscription ID"}}'
    ]
