"""When a portfolio frame leaves, and what stands before it (protocol, 5.6)."""

from typing import Any

import pytest

from openpositions.core.book import Batch
from openpositions.core.draft import MarketChange
from openpositions.core.events import Event
from openpositions.core.valued import ValuedMarket
from openpositions.engine.live_portfolios import LivePortfolios
from openpositions.wire.socket.frames import Dialect
from tests.connected import Connected, connected
from tests.conversation import Conversation
from tests.events import bought_yes, marked, settled
from tests.journaled_book import JournaledBook, book_after


def told(frames: list[Any]) -> list[tuple[str, object]]:
    """The type of each frame, and what a position or a portfolio frame is of."""
    return [
        (frame["type"], frame["msg"].get("position_fp") or frame["msg"].get("sequence"))
        for frame in frames
        if frame["type"] in {"market_position", "portfolio"}
    ]


def changes(journaled: JournaledBook, *events: Event) -> list[MarketChange]:
    """What one commit changed of markets."""
    return journaled.commit(Batch(events))[0].market_changes


def rested(connection: Connected) -> Connected:
    """The same connection when its next frame may leave."""
    connection.outbox.portfolio.resting = False
    return connection


def test_first_frame_follows_the_reply() -> None:
    """It has all there is, and the next one does not wait for news of the same."""
    connection = Connected(Conversation(book_after(bought_yes("t1"))))
    connection.say("subscribe", channels=["portfolio"])

    reply, frame = connection.read()

    assert (reply["type"], frame["type"], frame["sid"]) == ("subscribed", "portfolio", 1)
    assert [market["market_ticker"] for market in frame["msg"]["markets"]] == ["RAIN"]
    assert rested(connection).read() == []


def test_frame_leaves_after_the_positions_up_to_it() -> None:
    """One frame for all that changed."""
    connection = rested(connected("market_positions", "portfolio"))

    connection.feed(bought_yes("t1", 1_00), bought_yes("t2", 1_00, ticker="SUN"))
    connection.feed(bought_yes("t3", 1_00))

    assert told(connection.read()) == [
        ("market_position", "1.00"),
        ("market_position", "1.00"),
        ("market_position", "2.00"),
        ("portfolio", 3),
    ]


def test_frame_rests_after_each_frame() -> None:
    """What changes meanwhile is told in one frame afterwards."""
    connection = connected("portfolio")

    connection.feed(bought_yes("t1"))
    resting = connection.read()
    connection.feed(marked(5000))

    assert resting == []
    assert told(rested(connection).read()) == [("portfolio", 2)]


def test_blocked_connection_is_told_the_newest_state_once() -> None:
    """Behind the rows that waited."""
    connection = rested(connected("market_positions", "portfolio"))
    connection.outbox.blocked = True

    for number in range(5):
        connection.feed(bought_yes(f"t{number}", 1_00), marked(5000 + number, ts_ms=number))
    connection.outbox.blocked = False

    assert told(connection.read()) == [("market_position", "5.00"), ("portfolio", 10)]


def test_reader_that_never_catches_up_is_told_its_portfolio_too() -> None:
    """Of its rows as of when it was looked at; what changed since stands behind it, and in the next frame."""
    connection = rested(connected("market_positions", "portfolio"))
    connection.outbox.blocked = True
    connection.feed(bought_yes("t1", 1_00), bought_yes("t2", 1_00, ticker="SUN"))

    first = connection.read(1)
    connection.feed(bought_yes("t3", 1_00), bought_yes("t4", 1_00, ticker="SUN"))
    frames = connection.read()

    assert told(first + frames) == [
        ("market_position", "1.00"),
        ("portfolio", 2),
        ("market_position", "2.00"),
        ("market_position", "2.00"),
    ]
    assert told(rested(connection).read()) == [("portfolio", 4)]


def test_frame_waits_while_positions_are_held() -> None:
    """Those of `conflate_ms` have sequences up to its own."""
    connection = Connected(Conversation())
    connection.say("subscribe", channels=["market_positions", "portfolio"], conflate_ms=1000)
    connection.read()
    rested(connection).feed(bought_yes("t1", 1_00))

    held = connection.read()
    connection.outbox.release()

    assert held == []
    assert told(connection.read()) == [("market_position", "1.00"), ("portfolio", 1)]


def test_nothing_follows_the_end_of_the_subscription() -> None:
    """What was not looked at before is not looked at any more."""
    connection = rested(connected("portfolio"))
    connection.feed(bought_yes("t1"))

    connection.say("unsubscribe", sids=[1])
    connection.feed(bought_yes("t2"))

    assert [frame["type"] for frame in connection.read()] == ["unsubscribed"]


@pytest.mark.parametrize("again", ["repeated", "anew"])
def test_subscribing_once_more_tells_everything_once_more(again: str) -> None:
    """After its rest: nobody gets whole portfolios faster by asking faster."""
    connection = connected("portfolio", book=book_after(bought_yes("t1")))
    if again == "anew":
        connection.say("unsubscribe", sids=[1])

    connection.say("subscribe", channels=["portfolio"])
    at_once = connection.read()
    (frame,) = rested(connection).read()

    assert told(at_once) == []
    assert [market["market_ticker"] for market in frame["msg"]["markets"]] == ["RAIN"]


@pytest.mark.parametrize(
    ("dialect", "locked_to", "exposure"),
    [(Dialect.BOTH, None, "12.0000"), (Dialect.D2026, 7, "8.0000"), (Dialect.D2025, None, "4.0000")],
)
def test_portfolio_is_of_the_rows_that_the_connection_sees(
    dialect: Dialect, locked_to: int | None, exposure: str
) -> None:
    """A locked key sees its subaccount only, a 2025 connection subaccount 0."""
    journaled = book_after(bought_yes("t1", 10_00), bought_yes("t2", 20_00, subaccount=7))
    connection = Connected(Conversation(journaled, dialect=dialect, subaccount=locked_to))
    connection.say("subscribe", channels=["portfolio"])

    assert connection.read()[1]["msg"]["exposure_dollars"] == exposure


def test_large_portfolio_is_looked_at_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until then nothing is told of it; what else there is leaves as ever."""
    monkeypatch.setattr("openpositions.engine.live_portfolios.ROWS_A_LOOK", 2)
    connection = Connected(Conversation(book_after(*(bought_yes(f"t{i}", ticker=f"M{i}") for i in range(5)))))
    connection.say("subscribe", channels=["market_positions", "portfolio"])

    connection.feed(bought_yes("t5", 1_00))
    looks = []
    for _ in range(3):
        frames = connection.read()
        looks.append((told(frames), connection.outbox.portfolio.is_unfinished))

    assert looks == [([("market_position", "1.00")], True), ([], True), ([("portfolio", 6)], False)]


# ---------------------------------------------------------------- the portfolios that are followed


def test_portfolio_is_kept_once_for_all_that_follow_it_and_until_the_last_leaves() -> None:
    """Then a mark concerns nobody."""
    journaled = book_after(bought_yes("t1"))
    portfolios = LivePortfolios(journaled.book)
    first, second = (Connected(Conversation(journaled), portfolios) for _ in range(2))
    for connection in (first, second):
        connection.say("subscribe", channels=["portfolio"])
        connection.read()
    kept = portfolios.current(("alice", None))

    first.outbox.portfolio.close()
    first.outbox.portfolio.close()
    assert portfolios.current(("alice", None)) is kept
    assert portfolios.touch(changes(journaled, marked(5000, ts_ms=1))) == {"alice"}
    second.say("unsubscribe", sids=[1])
    second.read()
    assert portfolios.touch(changes(journaled, marked(6000, ts_ms=2))) == set()


def test_followers_of_one_portfolio_are_each_told_what_changed_for_them() -> None:
    """One that was told in between, and one that was not."""
    journaled = book_after(bought_yes("t1"))
    portfolios = LivePortfolios(journaled.book)
    quick, slow = (Connected(Conversation(journaled), portfolios) for _ in range(2))
    for connection in (quick, slow):
        connection.say("subscribe", channels=["portfolio"])
        connection.read()

    markets = []
    for event in (bought_yes("t2", ticker="SUN"), settled("yes")):
        quick.feed(event)
        markets.append([market["market_ticker"] for market in rested(quick).read()[0]["msg"]["markets"]])

    assert markets == [["SUN"], ["RAIN"]]
    (frame,) = rested(slow).read()
    assert [market["market_ticker"] for market in frame["msg"]["markets"]] == ["RAIN", "SUN"]


def test_portfolio_that_failed_half_way_is_forgotten_with_all_its_markets(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mark finds nothing half done, and the next look counts anew."""
    journaled = book_after(bought_yes("t1"), bought_yes("t2", ticker="SUN"))
    portfolios = LivePortfolios(journaled.book)
    view = ("alice", None)
    portfolios.follow(view)
    portfolios.current(view)
    journaled.feed(bought_yes("t3"))
    with monkeypatch.context() as failing:
        failing.setattr(ValuedMarket, "value", None)
        with pytest.raises(TypeError):
            portfolios.current(view)

    assert portfolios.touch(changes(journaled, marked(5000), marked(5000, ticker="SUN"))) == set()
    portfolio = portfolios.current(view)
    assert portfolio is not None
    assert portfolio.sums.market_value == 15_000000
    assert portfolios.touch(changes(journaled, marked(6000, ts_ms=1))) == {"alice"}


def test_mark_concerns_those_who_hold_the_market() -> None:
    """Not those who closed it, nor those who never had it."""
    journaled = JournaledBook()
    portfolios = LivePortfolios(journaled.book)
    journaled.feed(*(bought_yes(f"t{user}", user=user) for user in ("alice", "bob")), bought_yes("t1", ticker="SUN"))
    for user in ("alice", "bob", "carol"):
        portfolios.follow((user, None))
        portfolios.current((user, None))

    concerned = [portfolios.touch(changes(journaled, marked(5000, ticker=ticker))) for ticker in ("RAIN", "SUN")]
    journaled.feed(settled("yes"))
    for user in ("alice", "bob"):
        portfolios.current((user, None))
    concerned.append(portfolios.touch(changes(journaled, marked(6000, ts_ms=1))))

    assert concerned == [{"alice", "bob"}, {"alice"}, set()]
