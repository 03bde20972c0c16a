"""The `portfolio` channel: its commands and its frames (protocol, 5.6)."""

from typing import Any

import msgspec
import pytest

from openpositions.core.live_portfolio import LivePortfolio
from openpositions.wire.socket.frames import Dialect
from openpositions.wire.socket.portfolio_frames import portfolio_message
from openpositions.wire.socket.subscription import Subscription
from tests.conversation import Conversation, command, types
from tests.events import bought_no, bought_yes, marked, settled
from tests.journaled_book import JournaledBook, book_after


def message(journaled: JournaledBook, since: int | None = None, subaccount: int | None = None) -> Any:  # noqa: ANN401 - JSON
    """What alice is told of her portfolio."""
    portfolio = LivePortfolio(journaled.book, "alice", subaccount)
    portfolio.refresh(1_000)
    return msgspec.json.decode(portfolio_message(portfolio, since))


# ---------------------------------------------------------------- frames


@pytest.mark.parametrize("dialect", list(Dialect))
def test_frame_is_the_same_in_every_dialect(dialect: Dialect) -> None:
    """Byte for byte: one market with a mark and one without, of one event; a settled one that realized 6 dollars."""
    journaled = book_after(
        bought_yes("t1", 10_00, 4000, fee=170_000, ticker="FED-3"),
        bought_no("t2", 2_50, 3333, ticker="FED-4", ts_ms=1_701_388_800_000),
        marked(5600, ticker="FED-3", ts_ms=1_701_388_805_000),
        bought_yes("t3", 10_00, 4000),
        settled("yes"),
    )
    portfolio = LivePortfolio(journaled.book, "alice")
    portfolio.refresh(1_000)

    assert Subscription(3, "portfolio", dialect).portfolio_frame(portfolio) == (
        b'{"type":"portfolio","sid":3,"msg":{"user_id":"alice","sequence":5,"ts_ms":1701388805000,'
        b'"realized_pnl_dollars":"6.0000","unrealized_pnl_dollars":"1.6000","fees_paid_dollars":"0.1700",'
        b'"exposure_dollars":"4.83325","market_value_dollars":"5.6000","open_markets":2,'
        b'"unmarked_markets":["FED-4"],"markets":['
        b'{"market_ticker":"FED-3","position_fp":"10.00","mark_price_dollars":"0.5600",'
        b'"market_value_dollars":"5.6000","unrealized_pnl_dollars":"1.6000"},'
        b'{"market_ticker":"FED-4","position_fp":"-2.50","mark_price_dollars":null,'
        b'"market_value_dollars":null,"unrealized_pnl_dollars":null}],"events":['
        b'{"event_ticker":"FED","realized_pnl_dollars":"0.0000","unrealized_pnl_dollars":"1.6000",'
        b'"fees_paid_dollars":"0.1700","exposure_dollars":"4.83325","market_value_dollars":"5.6000"},'
        b'{"event_ticker":"RAIN","realized_pnl_dollars":"6.0000","unrealized_pnl_dollars":"0.0000",'
        b'"fees_paid_dollars":"0.0000","exposure_dollars":"0.0000","market_value_dollars":"0.0000"}]}}'
    )


def test_frame_of_nothing_is_all_zero_and_known() -> None:
    """No market is open, so nothing is unknown."""
    told = message(JournaledBook())

    assert told == {
        "user_id": "alice",
        "sequence": 0,
        "ts_ms": 0,
        "realized_pnl_dollars": "0.0000",
        "unrealized_pnl_dollars": "0.0000",
        "fees_paid_dollars": "0.0000",
        "exposure_dollars": "0.0000",
        "market_value_dollars": "0.0000",
        "open_markets": 0,
        "unmarked_markets": [],
        "markets": [],
        "events": [],
    }


def test_without_any_mark_the_sums_are_null_too() -> None:
    """Unknown is never 0; neither for the event."""
    told = message(book_after(bought_yes("t1")))

    for sums in (told, told["events"][0], told["markets"][0]):
        assert (sums["market_value_dollars"], sums["unrealized_pnl_dollars"]) == (None, None)


def test_closed_market_is_told_once_with_zeros() -> None:
    """What is known of it is 0, whether or not it has a mark."""
    journaled = book_after(bought_yes("t1"), settled("yes"))

    told = message(journaled, since=1)

    assert told["markets"] == [
        {
            "market_ticker": "RAIN",
            "position_fp": "0.00",
            "mark_price_dollars": None,
            "market_value_dollars": "0.0000",
            "unrealized_pnl_dollars": "0.0000",
        }
    ]
    assert told["events"][0]["realized_pnl_dollars"] == "6.0000"
    assert told["unmarked_markets"] == []


def test_first_frame_has_the_events_of_settled_markets_but_not_the_markets() -> None:
    """So what was realized per event adds up to the total, however long ago it was."""
    told = message(
        book_after(bought_yes("t1", ticker="OLD-A"), settled("yes", ticker="OLD-A"), bought_yes("t2", ticker="NEW-A"))
    )

    assert [market["market_ticker"] for market in told["markets"]] == ["NEW-A"]
    assert [(event["event_ticker"], event["realized_pnl_dollars"]) for event in told["events"]] == [
        ("NEW", "0.0000"),
        ("OLD", "6.0000"),
    ]
    assert told["realized_pnl_dollars"] == "6.0000"


def test_markets_and_events_are_in_order_of_their_tickers() -> None:
    """Whatever the order in which they changed."""
    told = message(book_after(*(bought_yes(f"t{ticker}", ticker=ticker) for ticker in ("C-2", "A-1", "B-1", "C-1"))))

    assert [market["market_ticker"] for market in told["markets"]] == ["A-1", "B-1", "C-1", "C-2"]
    assert [event["event_ticker"] for event in told["events"]] == ["A", "B", "C"]


def test_second_frame_has_what_changed_and_there_is_none_when_nothing_did() -> None:
    """The sums are whole all the same."""
    journaled = book_after(bought_yes("t1"), bought_yes("t2", ticker="SUN"))
    portfolio, subscription = LivePortfolio(journaled.book, "alice"), Subscription(1, "portfolio", Dialect.BOTH)
    portfolio.refresh(1_000)
    subscription.portfolio_frame(portfolio)

    assert subscription.portfolio_frame(portfolio) is None
    journaled.feed(bought_yes("t3", ticker="SUN"))
    portfolio.refresh(1_000)
    frame = subscription.portfolio_frame(portfolio)

    assert frame is not None
    told = msgspec.json.decode(frame)["msg"]
    assert [market["market_ticker"] for market in told["markets"]] == ["SUN"]
    assert (told["open_markets"], told["exposure_dollars"]) == (2, "12.0000")


# ---------------------------------------------------------------- commands


def test_portfolio_is_subscribed_listed_and_unsubscribed_like_any_channel() -> None:
    """With a sid of its own."""
    conversation = Conversation()

    assert conversation.say("subscribe", channels=["market_positions", "portfolio"])[1]["msg"] == {
        "channel": "portfolio",
        "sid": 2,
    }
    assert conversation.say("list_subscriptions")[0]["msg"][1] == {"channel": "portfolio", "sid": 2}
    assert conversation.say("unsubscribe", sids=[2]) == [{"id": 1, "sid": 2, "seq": 1, "type": "unsubscribed"}]


@pytest.mark.parametrize("channels", [["portfolio"], ["portfolio", "market_lifecycle_v2"]])
@pytest.mark.parametrize("filtered", [{"market_ticker": "RAIN"}, {"market_tickers": ["RAIN"]}])
def test_portfolio_takes_no_filter(channels: list[str], filtered: dict[str, object]) -> None:
    """Its sums would be taken for those of the markets named."""
    (error,) = Conversation().say("subscribe", channels=channels, **filtered)

    assert error["msg"]["code"] == 11
    assert error["msg"]["detail"] == "a subscription to portfolio covers every market"


def test_filter_beside_another_channel_is_that_ones() -> None:
    """Positions of one market, and the sums over all."""
    conversation = Conversation()

    assert types(conversation.say("subscribe", channels=["portfolio", "fill"], market_ticker="RAIN")) == [
        "subscribed",
        "subscribed",
    ]
    assert conversation.session.subscriptions["portfolio"].tickers is None
    assert conversation.session.subscriptions["fill"].tickers == {"RAIN": None}


def test_adding_markets_to_a_portfolio_changes_nothing() -> None:
    """It covers every market, as the empty list says; taking one out is error 13."""
    conversation = Conversation()
    conversation.say("subscribe", channels=["portfolio"])

    assert conversation.send(command("update_subscription", action="add_markets", sid=1, market_ticker="RAIN")) == [
        b'{"id":1,"sid":1,"seq":1,"type":"ok","msg":{"market_tickers":[]}}'
    ]
    (error,) = conversation.say("update_subscription", action="delete_markets", sid=1, market_ticker="RAIN")
    assert error["msg"]["code"] == 13
    assert conversation.session.subscriptions["portfolio"].tickers is None


@pytest.mark.parametrize(
    "extension",
    [
        {"extended": True},
        {"send_initial_snapshot": True},
        {"conflate_ms": 250},
        {"resume": {"epoch": "e", "sequence": 1}},
    ],
)
def test_portfolio_cannot_be_extended(extension: dict[str, object]) -> None:
    """Each of these is of positions."""
    (error,) = Conversation().say("subscribe", channels=["portfolio"], **extension)

    assert error["msg"]["code"] == 11
