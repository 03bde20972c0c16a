"""How a filter changes: only as its client says, and never by itself (protocol, 2)."""

from tests.conversation import Conversation, command


def subscribed(*tickers: str, channel: str = "market_positions", ticker_limit: int = 10_000) -> Conversation:
    """A connection with one subscription, sid 1, to these markets; to every market when there are none."""
    conversation = Conversation(ticker_limit=ticker_limit)
    conversation.say("subscribe", channels=[channel], market_tickers=list(tickers))
    return conversation


def covers(conversation: Conversation, ticker: str) -> bool:
    """Whether the subscription to positions lets a market through."""
    return conversation.session.subscriptions["market_positions"].covers(ticker)


def code_of(conversation: Conversation, **params: object) -> int:
    """The number of the error that an update is."""
    (frame,) = conversation.say("update_subscription", **params)
    assert frame["type"] == "error"
    code: int = frame["msg"]["code"]
    return code


def test_added_markets_are_answered_with_the_full_list() -> None:
    """In the order they were added, each once, with the next seq of the sid."""
    conversation = subscribed("RAIN")

    assert conversation.send(
        command("update_subscription", action="add_markets", sids=[1], market_tickers=["SUN", "RAIN", "SNOW"])
    ) == [b'{"id":1,"sid":1,"seq":1,"type":"ok","msg":{"market_tickers":["RAIN","SUN","SNOW"]}}']


def test_deleted_markets_are_answered_with_what_is_left() -> None:
    """One that was not in the filter is as good as deleted."""
    conversation = subscribed("RAIN", "SUN")

    assert conversation.send(
        command("update_subscription", action="delete_markets", sid=1, market_tickers=["RAIN", "FOG"])
    ) == [b'{"id":1,"sid":1,"seq":1,"type":"ok","msg":{"market_tickers":["SUN"]}}']
    assert not covers(conversation, "RAIN")


def test_every_update_has_the_next_seq() -> None:
    """Counted from 1 for the sid."""
    conversation = subscribed("RAIN")

    replies = [
        conversation.say("update_subscription", action=action, sid=1, market_ticker="SUN")[0]
        for action in ("add_markets", "delete_markets", "delete_markets")
    ]

    assert [reply["seq"] for reply in replies] == [1, 2, 3]


def test_emptied_filter_matches_nothing() -> None:
    """It does not become the filter that covers every market."""
    conversation = subscribed("RAIN")

    (reply,) = conversation.say("update_subscription", action="delete_markets", sid=1, market_ticker="RAIN")

    assert reply["msg"] == {"market_tickers": []}
    assert not covers(conversation, "RAIN")
    assert not covers(conversation, "SUN")


def test_emptied_filter_takes_markets_again() -> None:
    """Only those."""
    conversation = subscribed("RAIN")
    conversation.say("update_subscription", action="delete_markets", sid=1, market_ticker="RAIN")
    conversation.say("update_subscription", action="add_markets", sid=1, market_ticker="SUN")

    assert covers(conversation, "SUN")
    assert not covers(conversation, "RAIN")


def test_adding_to_every_market_changes_nothing() -> None:
    """And is answered ok."""
    conversation = subscribed()

    (reply,) = conversation.say("update_subscription", action="add_markets", sid=1, market_ticker="RAIN")

    assert (reply["type"], reply["seq"]) == ("ok", 1)
    assert covers(conversation, "SUN")


def test_deleting_from_every_market_is_error_13() -> None:
    """There is no list to take it out of."""
    conversation = subscribed()

    assert code_of(conversation, action="delete_markets", sid=1, market_ticker="RAIN") == 13
    assert covers(conversation, "RAIN")


def test_adding_a_market_to_lifecycles_changes_nothing() -> None:
    """They are of every market, so it is answered ok."""
    conversation = subscribed(channel="market_lifecycle_v2")

    assert conversation.send(command("update_subscription", action="add_markets", sid=1, market_ticker="RAIN")) == [
        b'{"id":1,"sid":1,"seq":1,"type":"ok","msg":{"market_tickers":[]}}'
    ]
    assert conversation.session.subscriptions["market_lifecycle_v2"].covers("SUN")


def test_deleting_a_market_from_lifecycles_is_error_13() -> None:
    """That channel has no filter."""
    conversation = subscribed(channel="market_lifecycle_v2")

    assert code_of(conversation, action="delete_markets", sid=1, market_ticker="RAIN") == 13


def test_updating_an_unknown_sid_is_error_7() -> None:
    """Sids belong to a connection."""
    assert code_of(subscribed("RAIN"), action="add_markets", sid=2, market_ticker="SUN") == 7


def test_adding_more_markets_than_allowed_is_error_26() -> None:
    """None of them is added."""
    conversation = subscribed("RAIN", ticker_limit=2)

    assert code_of(conversation, action="add_markets", sid=1, market_tickers=["SUN", "SNOW"]) == 26
    assert not covers(conversation, "SUN")


def test_failed_update_takes_no_seq() -> None:
    """An error carries none, so a client that checks for gaps would see one."""
    conversation = subscribed("RAIN", ticker_limit=1)
    code_of(conversation, action="add_markets", sid=1, market_ticker="SUN")

    (reply,) = conversation.say("update_subscription", action="delete_markets", sid=1, market_ticker="RAIN")

    assert reply["seq"] == 1
