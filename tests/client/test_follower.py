"""The follower against the real session: exact over reconnects, gaps, restored backups and interrupted snapshots."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from openpositions.client.follower import Follower
from openpositions.client.news import CaughtUp, Gap, Interrupted, NoTotals, Seed
from openpositions.client.rows import Cause
from openpositions.errors import InvalidInput, SubscriptionRefused
from openpositions.wire.socket.frames import Dialect
from tests.client.pair import Pair, is_caught_up, rows, told
from tests.events import bought_no, bought_yes, settled
from tests.journaled_book import JournaledBook

# ------------------------------------------------------------ connections that come and go


def test_the_first_connection_tells_what_is_open() -> None:
    """Flat rows are history, and nobody asked for that."""
    pair = Pair()
    pair.book.feed(bought_yes("t1"), bought_yes("t2", ticker="SNOW"), settled("yes", ticker="SNOW"))
    news = pair.settle_down()
    assert told(news) == [("RAIN", 10)]
    assert news[-1] == CaughtUp(3)
    assert pair.follower.continuity == "exact"


def test_a_live_row_says_what_changed_it() -> None:
    """With the identity of its cause, and its place in the journal."""
    pair = Pair()
    pair.settle_down()
    pair.feed(bought_yes("t1"))
    (row,) = rows(pair.deliver())
    assert (row.sequence, row.cause) == (1, Cause("fill", "t1"))


def test_a_resume_tells_only_what_changed() -> None:
    """The rest is known, and not repeated."""
    pair = Pair()
    pair.book.feed(bought_yes("t1"), bought_yes("t2", ticker="SNOW"))
    pair.settle_down()
    pair.book.feed(bought_yes("t3"))
    news = pair.settle_down()
    assert told(news) == [("RAIN", 20)]
    assert pair.commands[-1]["params"]["resume"] == {"epoch": "e1", "sequence": 2}


def test_a_row_settled_while_away_is_told_flat() -> None:
    """A resume tells flat rows too."""
    pair = Pair()
    pair.book.feed(bought_yes("t1"))
    pair.settle_down()
    pair.book.feed(settled("yes"))
    assert told(pair.settle_down()) == [("RAIN", 0)]


@pytest.mark.parametrize("frames", range(5))
def test_a_snapshot_cut_anywhere_is_made_up_for(frames: int) -> None:
    """However many of its frames came, the next connection tells the rest, also of what was settled in between."""
    pair = Pair()
    pair.book.feed(*(bought_yes(f"t{number}", ticker=f"M{number}") for number in range(3)))
    pair.connect()
    pair.deliver(frames)
    pair.book.feed(settled("yes", ticker="M0"))
    assert is_caught_up(pair.settle_down())
    assert {row.market_ticker: float(row.position) for row in pair.follower.rows.values() if row.position} == {
        "M1": 10,
        "M2": 10,
    }


def test_live_rows_move_the_place_to_resume_from() -> None:
    """So that the next resume costs what changed since the last row."""
    pair = Pair()
    pair.settle_down()
    pair.feed(bought_yes("t1"), bought_yes("t2"))
    pair.deliver()
    pair.settle_down()
    assert pair.commands[-1]["params"]["resume"] == {"epoch": "e1", "sequence": 2}


def test_another_history_replaces_what_is_known() -> None:
    """After a restored backup, rows are told as they are there: some older, some flat, some that were never there."""
    pair = Pair()
    pair.book.feed(bought_yes("t1"), bought_yes("t2", ticker="SNOW"), bought_yes("t3", ticker="HAIL"))
    pair.settle_down()
    pair.book, pair.epoch = JournaledBook(), "e2"
    pair.book.feed(bought_yes("t1", 4_00), bought_yes("t2", ticker="SNOW"), settled("yes", ticker="SNOW"))
    news = pair.settle_down()
    assert dict(told(news)) == {"RAIN": 4, "SNOW": 0, "HAIL": 0}
    assert news[-1] == CaughtUp(3)
    gone = pair.follower.rows.get(("HAIL", 0))
    assert gone is None


def test_a_cut_between_two_histories_is_made_up_for() -> None:
    """The place in the old history is never taken for one in the new."""
    pair = Pair()
    pair.book.feed(bought_yes("t1"), bought_yes("t2", ticker="SNOW"))
    pair.settle_down()
    pair.book, pair.epoch = JournaledBook(), "e2"
    pair.book.feed(bought_yes("t1"), bought_yes("t2"), bought_yes("t3"))
    pair.connect()
    pair.deliver(3)  # the answer, the open row and the marker; not the rows asked for then
    news = pair.settle_down()
    assert told(pair.news)[-1] == ("SNOW", 0)
    assert is_caught_up(news)


def test_nothing_is_current_until_it_is_told() -> None:
    """From the start of a connection to the marker."""
    pair = Pair()
    pair.settle_down()
    assert pair.follower.is_current
    pair.connect()
    assert not pair.follower.is_current


# ------------------------------------------------------------ gaps


def test_a_gap_is_healed_on_the_spot() -> None:
    """It is reported, every row is told anew, and what was lost is among them."""
    pair = Pair()
    pair.book.feed(bought_yes("t1"), bought_yes("t2", ticker="SNOW"))
    pair.settle_down()
    pair.feed(settled("yes", ticker="SNOW"), bought_yes("t3"))
    news = pair.deliver(lost={0})
    assert news[0] == Gap(expected=4, found=5)
    assert told(news) == [("RAIN", 20), ("SNOW", 0)]
    assert is_caught_up(news)


def test_a_gap_within_a_snapshot_is_healed_too() -> None:
    """The row that was lost in it comes with the next."""
    pair = Pair()
    pair.book.feed(bought_yes("t1"), bought_yes("t2", ticker="SNOW"))
    pair.connect()
    news = pair.deliver(lost={1})
    assert dict(told(news)) == {"RAIN": 10, "SNOW": 10}
    assert is_caught_up(news)


def test_a_second_gap_ends_the_connection() -> None:
    """The next one tells every row anew."""
    pair = Pair()
    pair.settle_down()
    pair.feed(bought_yes("t1"), bought_yes("t2"))
    pair.deliver(lost={0})
    pair.feed(bought_yes("t3"), bought_yes("t4"))
    with pytest.raises(Interrupted, match="seq"):
        pair.deliver(lost={0})
    pair.settle_down()
    assert pair.commands[-1]["params"]["resume"] == {"epoch": "e1", "sequence": 0}
    assert pair.follower.is_current


def test_a_repeated_frame_is_told_once() -> None:
    """Its seq is out of order, which is a bug like any other; its row is known."""
    pair = Pair()
    pair.settle_down()
    pair.feed(bought_yes("t1"))
    (frame,) = pair.outbox.frames()
    (row,) = rows(pair.follower.receive(frame))
    assert row.position == 10
    news = pair.follower.receive(frame)
    assert news[0] == Gap(expected=3, found=2)
    assert rows(news) == []


def test_a_marker_that_nobody_asked_for_is_passed_over() -> None:
    """The next one that was asked for still counts."""
    pair = Pair()
    pair.settle_down()
    marker = {"type": "market_positions_snapshot", "sid": 1, "msg": {"rows": 0, "epoch": "e9", "sequence": 99}}
    assert pair.follower.receive(msgspec.json.encode(marker)) == []
    pair.book.feed(bought_yes("t1"))
    assert told(pair.settle_down()) == [("RAIN", 10)]


# ------------------------------------------------------------ filters


def test_a_long_filter_goes_in_several_commands() -> None:
    """None is longer than a service takes, and together they name every market."""
    tickers = [f"M{number}".ljust(100, "-") for number in range(1_000)]
    pair = Pair(Follower(tickers))
    pair.book.feed(
        bought_yes("t1", ticker=tickers[0]), bought_yes("t2", ticker=tickers[-1]), bought_yes("t3", ticker="OTHER")
    )
    news = pair.settle_down()
    assert len(pair.commands) > 1
    assert max(len(msgspec.json.encode(command)) for command in pair.commands) < 64 * 1024
    assert sorted(told(news)) == [(tickers[0], 10), (tickers[-1], 10)]
    assert [one for one in news if isinstance(one, CaughtUp)] == [CaughtUp(3)]


def test_a_long_filter_is_resumed() -> None:
    """Rows of every part of it that changed are told, each once."""
    tickers = [f"M{number}".ljust(100, "-") for number in range(1_000)]
    pair = Pair(Follower(tickers))
    pair.book.feed(bought_yes("t1", ticker=tickers[0]), bought_yes("t2", ticker=tickers[-1]))
    pair.settle_down()
    pair.book.feed(bought_yes("t3", ticker=tickers[0]), bought_yes("t4", ticker=tickers[-1]))
    assert told(pair.settle_down()) == [(tickers[0], 20), (tickers[-1], 20)]


@pytest.mark.parametrize("tickers", ["RAIN", [], [7], [""], ["R" * 129], 7, iter([])])
def test_what_is_no_list_of_tickers_is_refused(tickers: Any) -> None:  # noqa: ANN401 - anything
    """A single text would be taken apart into letters; an empty list would silently follow nothing, or all."""
    with pytest.raises(InvalidInput, match="tickers"):
        Follower(tickers)


def test_tickers_that_come_from_an_iterator_are_the_filter() -> None:
    """What can be gone through once only does not become a filter of nothing, which would be every market."""
    pair = Pair(Follower(ticker for ticker in ("RAIN", "SNOW")))  # type: ignore[arg-type]
    pair.book.feed(bought_yes("t1"), bought_yes("t2", ticker="SNOW"), bought_yes("t3", ticker="HAIL"))
    assert told(pair.settle_down()) == [("RAIN", 10), ("SNOW", 10)]


# ------------------------------------------------------------ services without extensions


@pytest.mark.parametrize("dialect", [Dialect.D2025, Dialect.D2026])
def test_a_service_without_extensions_is_told_by_its_first_answer(dialect: Dialect) -> None:
    """Then the follower asks for a seed and holds back what comes, newest per row."""
    pair = Pair(dialect=dialect, plain=True)
    assert pair.settle_down() == [Seed()]
    pair.feed(bought_yes("t1"))
    pair.feed(bought_yes("t2"))
    assert pair.deliver() == []
    news = pair.follower.seed([])
    assert told(news) == [("RAIN", 20)]
    assert news[-1] == CaughtUp(None)
    assert pair.follower.continuity == "probable"


def test_a_frame_beats_the_seed() -> None:
    """Which of them is newer cannot be told; if it is the seed, a frame that says the same is on its way."""
    pair = Pair(plain=True)
    pair.settle_down()
    pair.feed(bought_yes("t1"), bought_yes("t2", ticker="SNOW"))
    pair.deliver()
    held = pair.follower.seed([])
    pair.settle_down()
    pair.feed(bought_yes("t3"))
    pair.deliver()
    news = pair.follower.seed(rows(held))
    assert told(news) == [("RAIN", 20)]


def test_a_subaccount_that_was_not_read_is_asked_for() -> None:
    """Its frame waits for whatever else it holds; frames of known ones do not."""
    pair = Pair(plain=True)
    pair.follower.unnumbered.subaccounts.add(0)
    pair.settle_down()
    pair.follower.seed([])
    pair.feed(bought_yes("t1"))
    assert told(pair.deliver()) == [("RAIN", 10)]
    pair.feed(bought_yes("t2", subaccount=3))
    assert pair.deliver() == [Seed()]
    pair.feed(bought_yes("t3", subaccount=3))
    assert pair.deliver() == []
    assert told(pair.follower.seed([])) == [("RAIN", 20)]
    assert pair.follower.unnumbered.subaccounts == {0, 3}


def test_both_dialects_tell_the_same_amounts() -> None:
    """Integers of 2025 are read in their units."""
    told_in = []
    for dialect in (Dialect.D2025, Dialect.D2026):
        pair = Pair(dialect=dialect, plain=True)
        pair.settle_down()
        pair.feed(bought_yes("t1", fee=170_000), bought_no("t2", 4_00, 5000))
        pair.deliver()
        told_in += rows(pair.follower.seed([]))
    of_2025, of_2026 = told_in
    assert (of_2025.position, of_2025.cost, of_2025.realized_pnl, of_2025.fees_paid, of_2025.volume) == (
        of_2026.position,
        of_2026.cost,
        of_2026.realized_pnl,
        of_2026.fees_paid,
        of_2026.volume,
    )


# ------------------------------------------------------------ refusals and nonsense


def test_a_refused_subscription_is_final() -> None:
    """With the number of the error; another connection would be told the same."""
    follower = Follower()
    follower.start()
    with pytest.raises(SubscriptionRefused, match="limit") as refused:
        follower.receive('{"id":1,"type":"error","msg":{"code":26,"msg":"Subscription market limit exceeded"}}')
    assert refused.value.code == 26


@pytest.mark.parametrize("code", [10, 27])
def test_a_failure_that_passes_only_interrupts(code: int) -> None:
    """An internal error or too many commands: the next connection may fare better."""
    follower = Follower()
    follower.start()
    with pytest.raises(Interrupted):
        follower.receive(msgspec.json.encode({"id": 1, "type": "error", "msg": {"code": code, "msg": "…"}}))


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "[]",
        '{"sid":1}',
        '{"type":"market_position","sid":1,"msg":{"market_ticker":"A"}}',
        '{"type":"market_position","sid":1,"msg":{"market_ticker":"A","position_fp":"NaN"}}',
        '{"type":"market_positions_snapshot","sid":1,"msg":{}}',
    ],
)
def test_a_frame_without_sense_interrupts(frame: str) -> None:
    """The next connection tells what it should have told."""
    follower = Follower()
    follower.start()
    with pytest.raises(Interrupted):
        follower.receive(frame)


def test_frames_of_other_types_are_passed_over() -> None:
    """Notices, and what a later service may send."""
    follower = Follower()
    follower.start()
    assert follower.receive('{"type":"notice","msg":{"event":"shutdown"}}') == []


def test_without_totals_flat_rows_are_told_too() -> None:
    """Somebody has to add up what they realized."""
    pair = Pair(Follower(totals=True), knows_totals=False)
    pair.book.feed(bought_yes("t1"), bought_yes("t2", ticker="SNOW"), settled("yes", ticker="SNOW"))
    news = pair.settle_down()
    assert news[0] == NoTotals()
    assert dict(told(news)) == {"RAIN": 10, "SNOW": 0}
    assert is_caught_up(news)


@pytest.mark.parametrize("command_id", [1, None])
def test_whoever_refuses_totals_has_none(command_id: int | None) -> None:
    """By whatever number, with the id of the command or without; rows are followed all the same."""
    follower = Follower(totals=True)
    follower.start()
    refusal = {"id": command_id, "type": "error", "msg": {"code": 11, "msg": "…"}}
    assert follower.receive(msgspec.json.encode(refusal)) == [NoTotals()]


def test_totals_that_fail_later_interrupt() -> None:
    """They are there on the next connection."""
    follower = Follower(totals=True)
    follower.start()
    with pytest.raises(Interrupted):
        follower.receive('{"type":"error","sid":1,"msg":{"code":10,"msg":"Channel error"}}')
