"""Load of which every answer and every row is known beforehand, because a naive bookkeeper keeps books of it too.

Posts that are under way at the same time are taken in any order, so the load comes in lanes: within a lane one post
follows the other, and no lane touches what another one trades.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from openpositions.core.events import AS_DETERMINED, Adjustment, Bust, Cash, Event, Fill, Settlement
from tests.simulation.office import Office
from tests.simulation.workload import Workload

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.simulation.bookkeeper import Line

SUBACCOUNTS = (0, 7)

# More than is ever posted.
_EVENTS = 1 << 62
# A contradiction may ask for a hundredth more, which is refused before anybody looks for what it repeats.
_MOST_COUNT_CENTI = 10**11
# What is answered to a repeat of the whole post is known of these only: what was refused once may be taken later.
_STABLE = frozenset({"accepted", "duplicate", "conflict"})


class Row(NamedTuple):
    """What a row says, in contracts and dollars."""

    position: Fraction
    cost: Fraction
    realized_pnl: Fraction
    fees_paid: Fraction
    fee_cost: Fraction
    volume: Fraction


class Post(NamedTuple):
    """Events that are posted together, and the answer to each: `accepted`, `duplicate` or `conflict`."""

    events: list[Event]
    answers: list[str]

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The events in the form in which they are fed."""
        return [message(event) for event in self.events]

    @property
    def kinds(self) -> list[tuple[str, str]]:
        """The kind of each event, and its answer."""
        return [(type(event).__name__, answer) for event, answer in zip(self.events, self.answers, strict=True)]

    def summary(self, *, again: bool) -> dict[str, Any]:
        """What the service answers the first time, and what when it has taken all of it before."""
        accepted, duplicates = self.answers.count("accepted"), self.answers.count("duplicate")
        if again:
            accepted, duplicates = 0, accepted + duplicates
        conflicts = [(line, answer) for line, answer in enumerate(self.answers, 1) if answer == "conflict"]
        return {"accepted": accepted, "duplicates": duplicates, "rejected": conflicts}


class Lane:
    """Users who trade with each other only, in markets of their own."""

    def __init__(self, name: str, seed: int) -> None:
        self.users = tuple(f"{name}-{user}" for user in ("ann", "ben", "cleo"))
        self._batches = Workload(seed, f"{name}-", self.users).batches(_EVENTS)
        self._office = Office()

    def post(self) -> Post:
        """The next one. From now on the books have it, whatever becomes of it."""
        post = Post([], [])
        while not post.events:
            for event in filter(_can_be_repeated, next(self._batches)):
                answer = self._office.take(event)
                if answer in _STABLE:
                    post.events.append(event)
                    post.answers.append(answer)
        return post

    def rows_of(self, user_id: str) -> dict[tuple[str, int], Row]:
        """The rows of a user by market and subaccount, once every post was taken."""
        lines = self._office.lines.items()
        return {(ticker, subaccount): _row(line) for (user, subaccount, ticker), line in lines if user == user_id}

    def balance_of(self, user_id: str) -> Fraction:
        """The dollars of a user, once every post was taken."""
        return sum((self._office.balance(user_id, subaccount) for subaccount in SUBACCOUNTS), Fraction(0))


def row_from(msg: dict[str, Any]) -> Row:
    """A row as a frame tells it, in the exact form."""
    names = ("position_fp", "position_cost_dollars", "realized_pnl_dollars", "fees_paid_dollars")
    return Row(*(Fraction(msg[name]) for name in (*names, "position_fee_cost_dollars", "volume_fp")))


def message(event: Event) -> dict[str, Any]:
    """An event in the form in which it is fed."""
    kind = type(event).__name__.lower()
    return {"type": kind, "msg": {name: value for name, value in _fields(event) if value is not None}}


def _can_be_repeated(event: Event) -> bool:
    """Whether it has an identity, as a settlement has that says its result; and whether it can be fed at all."""
    if isinstance(event, Fill):
        return event.count_centi <= _MOST_COUNT_CENTI
    return isinstance(event, Adjustment | Bust | Cash) or (
        isinstance(event, Settlement) and event.result != AS_DETERMINED
    )


def _row(line: Line) -> Row:
    return Row(
        line.position,
        line.cost,
        line.realized_pnl,
        line.fees + line.stated_fees,
        line.fee_cost,
        line.yes.acquired + line.no.acquired,
    )


def _fields(event: Event) -> Iterator[tuple[str, Any]]:
    names = ("trade_id", "adjustment_id", "bust_id", "cash_id", "user_id", "subaccount", "market_ticker", "ts_ms")
    own = ((name, getattr(event, name, None)) for name in names)
    match event:
        case Fill():
            side = "yes" if event.acquires_yes else "no"
            price, count, fee = event.yes_price_bp, event.count_centi, event.fee_micros
            numbers = {"yes_price_dollars": (price, 4), "count_fp": (count, 2), "fee_cost": (fee, 6)}
            return chain(own, _texts(numbers), [("outcome_side", side)])
        case Adjustment():
            amounts = {
                f"{name}_dollars": (getattr(event, f"{name}_micros"), 6)
                for name in ("cost", "realized_pnl", "fees_paid", "cash")
            }
            position = {"position_fp": (event.position_centi, 2)}
            return chain(own, _texts(position | amounts), [("reason", event.reason)])
        case Cash():
            return chain(own, _texts({"amount_dollars": (event.amount_micros, 6)}))
        case Settlement():
            value = event.value_bp if event.result == "scalar" else None
            return chain(own, _texts({"settlement_value_dollars": (value, 4)}), [("result", event.result)])
        case _:
            return own


def _texts(numbers: dict[str, tuple[int | None, int]]) -> Iterator[tuple[str, str | None]]:
    """Numbers of so many decimals, as text."""
    for name, (number, decimals) in numbers.items():
        yield name, None if number is None else f"{Decimal(number).scaleb(-decimals):f}"
