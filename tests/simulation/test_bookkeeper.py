"""Two bookkeepers, one of them naive, agree on everything that happens in 100,000 events."""

from collections import Counter
from fractions import Fraction
from random import Random
from typing import NamedTuple

import pytest

from openpositions.core.book import Batch
from openpositions.core.draft import Change
from openpositions.core.events import Bust, Fill, Settlement
from openpositions.core.market import Market
from openpositions.core.outcomes import Outcome, Refusal
from openpositions.core.position import Position
from tests.journaled_book import JournaledBook, encoded
from tests.simulation.bookkeeper import Line, dollars
from tests.simulation.office import Office
from tests.simulation.workload import USERS, Workload

pytestmark = pytest.mark.timeout(600)

EVENTS = 100_000
COUNTS = {"position", "yes_volume", "no_volume"}


class Season(NamedTuple):
    """What both had in their books in the end, and what they met on the way."""

    ours: JournaledBook
    naive: Office
    met: Counter[str]


def answer(outcome: Outcome) -> str:
    """An outcome in the words of the naive office."""
    return outcome.code if isinstance(outcome, Refusal) else outcome.value


def exactly(amount: Fraction, unit: int) -> int:
    """How many parts of a contract or a dollar it is, nothing left over."""
    parts, rest = divmod(amount.numerator * unit, amount.denominator)
    assert rest == 0, amount
    return parts


def figures(line: Line) -> dict[str, int]:
    """A line of the naive books under the names of ours, and in our units."""
    amounts = {
        "position": line.position,
        "cost": line.cost,
        "realized_pnl": line.realized_pnl,
        "fees_paid": line.fees + line.stated_fees,
        "fee_cost": line.fee_cost,
        "yes_volume": line.yes.acquired,
        "yes_traded": line.yes.paid,
        "no_volume": line.no.acquired,
        "no_traded": line.no.paid,
        "received": line.pairs + line.payouts,
        "payout": line.payouts,
    }
    return {name: exactly(amount, 100 if name in COUNTS else 1_000_000) for name, amount in amounts.items()}


NAMES = tuple(figures(Line()))


def numbers(row: Position) -> dict[str, int]:
    """A row of ours."""
    return {name: getattr(row, name) for name in NAMES}


def kind_of(change: Change, market: Market) -> str:
    """What happened to a position."""
    before, after, cause = change
    late = (market.settled_sequence or change.sequence) < change.sequence
    match cause:
        case Fill() if late:
            return "late fill"
        case Fill() if before.position * after.position < 0:
            return "flip"
        case Fill() if 0 < abs(after.position) < abs(before.position):
            return "partial close"
        case Bust() if late:
            return "bust after the settlement"
        case Settlement():
            return f"settled {market.result}"
        case _:
            return type(cause).__name__.lower()


@pytest.fixture(scope="module")
def season() -> Season:
    """All events fed to both, one batch in ten atomic; after each, outcomes and changed rows are compared."""
    ours, naive, met, chance = JournaledBook(), Office(), Counter[str](), Random(20)
    for events in Workload(seed=1).batches(EVENTS):
        atomic = chance.random() < 0.1
        draft, (outcomes,) = ours.commit(Batch(events, atomic=atomic))
        answers = naive.take_batch(events, atomic=atomic)
        assert [answer(outcome) for outcome in outcomes] == answers
        met.update(answers)
        for key, row in draft.rows.items():
            assert numbers(row) == figures(naive.lines[key]), key
        met.update(kind_of(change, ours.book.market(change.after.market_ticker)) for change in draft.changes)
    return Season(ours, naive, met)


def test_every_row_agrees(season: Season) -> None:
    """Nobody has a row that the other has not."""
    ours = {row.key: numbers(row) for row in season.ours.book.rows()}

    assert ours == {key: figures(line) for key, line in season.naive.lines.items()}


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("subaccount", [0, 7])
def test_every_balance_agrees(season: Season, user: str, subaccount: int) -> None:
    """Deposits, trades, fees, payouts and stated cash."""
    assert dollars(season.ours.cash(user, subaccount)) == season.naive.balance(user, subaccount)


def test_every_mark_agrees(season: Season) -> None:
    """The latest in time, whatever the order of arrival."""
    marks = {ticker: season.ours.book.market(ticker).mark_bp for ticker in season.naive.marks}

    assert marks == {ticker: mark.yes_price_bp for ticker, mark in season.naive.marks.items()}


def test_replay_of_the_journal_gives_the_live_book(season: Season) -> None:
    """Byte for byte, in pieces of another size than the commits."""
    assert encoded(season.ours.replayed(pieces=7)) == encoded(season.ours.book)


def test_everything_that_can_happen_happened(season: Season) -> None:
    """Otherwise agreeing would prove little."""
    answers = ["accepted", "duplicate", "withdrawn", "conflict", "unknown_trade", "breaks_invariant", "market_settled"]
    fills = ["flip", "partial close", "late fill"]
    settlements = ["settled yes", "settled no", "settled scalar", "settled void"]
    rest = ["adjustment", "bust", "bust after the settlement"]

    assert sum(season.met[name] for name in [*answers, "not_determined"]) == EVENTS
    assert {name for name in [*answers, *fills, *settlements, *rest] if season.met[name] < 100} == set()
    assert season.met["not_determined"] >= 10
