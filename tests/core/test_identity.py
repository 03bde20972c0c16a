"""Duplicates and conflicts (interfaces, "Events in"), and the hashes that find them."""

import msgspec
import pytest

from openpositions.core.events import Adjustment, Bust, Cash, Event, Fill
from openpositions.core.identity import Identity, differences, identity_of, text_key, trade_key_range
from openpositions.core.outcomes import Refusal, Verdict
from tests.events import adjusted, bought_no, bought_yes, busted, declared, determined, marked, paid_in, settled
from tests.journaled_book import book_after, encoded, refusal_of

EVENTS: list[Event] = [
    bought_yes("t1", fee=170_000),
    settled("yes", ticker="SNOW"),
    determined("yes", ticker="HAIL"),
    adjusted("a1", fees=5),
    busted("b1", "t1"),
    paid_in("c1", 250_000000),
    declared("WEATHER"),
    marked(6000, ts_ms=5),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_repeat_of_an_event_is_a_duplicate_and_changes_nothing(event: Event) -> None:
    """Every kind; in a later commit as within a batch."""
    journaled = book_after(bought_yes("t1", fee=170_000), event)
    before = encoded(journaled.book)

    assert journaled.feed(event, event) == [Verdict.DUPLICATE, Verdict.DUPLICATE]
    assert encoded(journaled.book) == before


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_repeat_within_its_own_batch_is_a_duplicate(event: Event) -> None:
    """Before anything of it is durable."""
    journaled = book_after(*([] if isinstance(event, Fill) else [bought_yes("t1")]))

    assert journaled.feed(event, event) == [Verdict.ACCEPTED, Verdict.DUPLICATE]


@pytest.mark.parametrize(
    "repeat",
    [
        bought_yes("t1", fee=None),
        bought_yes("t1", fee=170_000, ts_ms=99),
        msgspec.structs.replace(bought_yes("t1", fee=170_000), is_taker=True, order_id="o1", client_order_id="c1"),
    ],
    ids=["no fee stated", "another time", "more told about the order"],
)
def test_repeat_of_a_fill_may_leave_out_the_fee_and_differ_in_what_does_not_count(repeat: Fill) -> None:
    """Its content is market, side, price, count, and the fee where the repeat states one."""
    assert book_after(bought_yes("t1", fee=170_000)).feed(repeat) == [Verdict.DUPLICATE]


def test_fee_of_0_repeats_a_fill_that_stated_none() -> None:
    """None stated counts as 0."""
    assert book_after(bought_yes("t1", fee=None)).feed(bought_yes("t1", fee=0)) == [Verdict.DUPLICATE]


@pytest.mark.parametrize(
    ("repeat", "difference"),
    [
        (bought_yes("t1", ticker="SNOW"), "market_ticker RAIN is recorded, this one has SNOW"),
        (bought_no("t1", 10_00, 6000), "outcome_side yes is recorded, this one has no"),
        (bought_yes("t1", 10_00, 4001), "yes_price_dollars 0.4000 is recorded, this one has 0.4001"),
        (bought_yes("t1", 10_01, 4000), "count_fp 10.00 is recorded, this one has 10.01"),
        (bought_yes("t1", fee=-100), "fee_cost 0.0000 is recorded, this one has -0.0001"),
        (
            bought_yes("t1", 5_00, 5000),
            "yes_price_dollars 0.4000 is recorded, this one has 0.5000; count_fp 10.00 is recorded, this one has 5.00",
        ),
    ],
    ids=["market", "side", "price", "count", "fee", "price and count"],
)
def test_fill_with_other_content_is_a_conflict_that_names_what_differs(repeat: Fill, difference: str) -> None:
    """What was recorded stands."""
    journaled = book_after(bought_yes("t1", 10_00, 4000))
    before = encoded(journaled.book)

    assert journaled.feed(repeat) == [Refusal("conflict", f"fill 't1': {difference}")]
    assert encoded(journaled.book) == before


@pytest.mark.parametrize(
    ("repeat", "difference"),
    [
        (adjusted("a1", fees=5, user="bob"), "user_id alice is recorded, this one has bob"),
        (adjusted("a1", fees=5, subaccount=1), "subaccount 0 is recorded, this one has 1"),
        (adjusted("a1", fees=5, ticker="SNOW"), "market_ticker RAIN is recorded, this one has SNOW"),
        (adjusted("a1", fees=5, position=1), "position_fp 0.00 is recorded, this one has 0.01"),
        (adjusted("a1", fees=5, cost=1), "cost_dollars 0.0000 is recorded, this one has 0.000001"),
        (adjusted("a1", fees=5, realized_pnl=-1), "realized_pnl_dollars 0.0000 is recorded, this one has -0.000001"),
        (adjusted("a1", fees=6), "fees_paid_dollars 0.000005 is recorded, this one has 0.000006"),
        (adjusted("a1", fees=5, cash=10_000), "cash_dollars 0.0000 is recorded, this one has 0.0100"),
        (adjusted("a1", fees=5, reason="other"), "reason correction is recorded, this one has other"),
    ],
)
def test_adjustment_with_other_content_is_a_conflict(repeat: Adjustment, difference: str) -> None:
    """Every stated amount counts, and the reason."""
    outcomes = book_after(adjusted("a1", fees=5)).feed(repeat)

    assert refusal_of(outcomes) == ("conflict", f"adjustment 'a1': {difference}")


@pytest.mark.parametrize(
    ("repeat", "difference"),
    [
        (busted("b1", "t2"), "trade_id t1 is recorded, this one has t2"),
        (busted("b1", "t1", user="alice"), "user_id every user is recorded, this one has alice"),
        (busted("b1", "t1", subaccount=0), "subaccount all is recorded, this one has 0"),
    ],
)
def test_bust_with_other_content_is_a_conflict(repeat: Bust, difference: str) -> None:
    """Trade and whom it was busted for."""
    outcomes = book_after(bought_yes("t1"), busted("b1", "t1")).feed(repeat)

    assert refusal_of(outcomes) == ("conflict", f"bust 'b1': {difference}")


@pytest.mark.parametrize(
    ("repeat", "difference"),
    [
        (paid_in("c1", 250_000000, user="bob"), "user_id alice is recorded, this one has bob"),
        (paid_in("c1", 250_000000, subaccount=1), "subaccount 0 is recorded, this one has 1"),
        (paid_in("c1", -250_000000), "amount_dollars 250.0000 is recorded, this one has -250.0000"),
    ],
)
def test_cash_with_other_content_is_a_conflict(repeat: Cash, difference: str) -> None:
    """Whose it is, and how much."""
    outcomes = book_after(paid_in("c1", 250_000000)).feed(repeat)

    assert refusal_of(outcomes) == ("conflict", f"cash 'c1': {difference}")


def test_event_of_another_kind_may_have_the_same_id() -> None:
    """A trade, an adjustment, a bust and a deposit with the id 1."""
    outcomes = book_after(bought_yes("1")).feed(adjusted("1"), paid_in("1", 5), busted("1", "1"))

    assert outcomes == [Verdict.ACCEPTED] * 3


def test_refused_event_leaves_its_id_free() -> None:
    """Corrected, it is taken under the same id."""
    journaled = book_after()
    refusal_of(journaled.feed(adjusted("a1", position=10_00)))

    assert journaled.feed(adjusted("a1", position=10_00, cost=4_000000)) == [Verdict.ACCEPTED]


def test_identity_of_a_fill_is_user_subaccount_and_trade() -> None:
    """The others have their own id; markets, marks and settlements live in their market."""
    assert identity_of(bought_yes("t1", user="bob", subaccount=2)) == Identity("fill", "t1", "bob", 2)
    assert identity_of(adjusted("a1")) == Identity("adjustment", "a1")
    assert [identity_of(event) for event in (settled("yes"), determined("yes"), declared("X"), marked(1))] == [None] * 4


def test_comparing_an_event_that_has_no_identity_is_a_mistake_of_the_caller() -> None:
    """Settlements are compared by their market."""
    with pytest.raises(TypeError):
        differences(settled("yes"), settled("no"))


def test_fills_of_a_trade_have_keys_in_its_range() -> None:
    """Whoever they belong to; fills of other trades and events of other kinds have not."""
    first, last = trade_key_range("t1")

    own = [Identity("fill", "t1", user, subaccount).key for user in ("alice", "bob") for subaccount in (0, 63)]
    others = [Identity("fill", "t2", "alice").key, Identity("bust", "t1").key]
    assert len(set(own)) == 4
    assert all(first <= key <= last for key in own)
    assert not any(first <= key <= last for key in others)


@pytest.mark.parametrize("text", ["alice", "", "x" * 128])
def test_keys_fit_in_a_signed_64_bit_column(text: str) -> None:
    """And are not negative."""
    keys = [text_key(text), Identity("fill", text, text).key, *trade_key_range(text)]

    assert all(0 <= key < 2**63 for key in keys)


def test_keys_are_the_same_in_every_process() -> None:
    """They are stored: Python's own hash of a text would differ from run to run."""
    assert text_key("alice") == 2_807_279_712_608_087_364
    assert Identity("fill", "t1", "alice").key == 3_062_984_815_351_105_306
