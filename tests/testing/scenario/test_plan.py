"""What is sent when."""

import json

from openpositions.testing.scenario import PlannedScenario
from tests.testing.scenario.scenarios import FILL, scenario


def times(planned: PlannedScenario) -> list[tuple[int, int]]:
    """The time and the step of each moment."""
    return [(moment.at_ms, moment.step) for moment in planned.moments]


def sent(planned: PlannedScenario) -> list[dict[str, object]]:
    """The events of a scenario, as of time 7."""
    return [json.loads(line) for moment in planned.moments for body in moment.bodies(7) for line in body.splitlines()]


def test_step_without_a_time_follows_the_one_before() -> None:
    """Also behind the last repetition."""
    planned = scenario("{at_ms: 100, times: 3, every_ms: 50, " + FILL + "}", FILL)

    assert times(planned) == [(100, 0), (150, 0), (200, 0), (200, 1)]


def test_repetitions_overlap_with_a_later_step_that_has_a_time() -> None:
    """In the order of time, and of the steps where the time is the same."""
    planned = scenario("{times: 3, every_ms: 50, " + FILL + "}", "{at_ms: 50, " + FILL + "}")

    assert times(planned) == [(0, 0), (50, 0), (50, 1), (100, 0)]


def test_trade_has_two_sides_that_pay_one_dollar_together() -> None:
    """Under one id, which comes from the scenario and the step."""
    planned = scenario("trade: {buyer: a, seller: b, ticker: A-1, price: 0.4025, count: 2, seller_fee: 0.01}")

    common = {"trade_id": "short-1", "market_ticker": "A-1", "count_fp": "2", "ts_ms": 7}
    bought = {"user_id": "a", "outcome_side": "yes", "yes_price_dollars": "0.4025", "fee_cost": "0"}
    sold = {"user_id": "b", "outcome_side": "no", "no_price_dollars": "0.5975", "fee_cost": "0.01"}
    assert sent(planned) == [{"type": "fill", "msg": common | bought}, {"type": "fill", "msg": common | sold}]


def test_repeated_events_have_numbered_ids() -> None:
    """Also where the id is given."""
    planned = scenario("{times: 2, cash: {user: a, amount: 5, id: gift}}", "{times: 2, cash: {user: a, amount: 5}}")

    assert [event["msg"]["cash_id"] for event in sent(planned)] == ["gift-1", "gift-2", "short-2-1", "short-2-2"]  # type: ignore[index]


def test_every_other_event_is_what_the_service_takes() -> None:
    """Field by field."""
    planned = scenario(
        "settle: {ticker: A-1, result: scalar, value: .5}",
        "mark: {ticker: A-1, price: .25}",
        "bust: {trade: t, user: a}",
        "adjust: {user: a, ticker: A-1, position: -5, cost: 2, reason: 'opening balance'}",
        "declare: {ticker: A-1, event: A}",
    )

    assert [(event["type"], event["msg"]) for event in sent(planned)] == [
        ("settlement", {"market_ticker": "A-1", "result": "scalar", "settlement_value_dollars": "0.5", "ts_ms": 7}),
        ("ticker", {"market_ticker": "A-1", "price_dollars": "0.25", "ts_ms": 7}),
        ("bust", {"bust_id": "short-3", "trade_id": "t", "user_id": "a", "ts_ms": 7}),
        (
            "adjustment",
            {
                "adjustment_id": "short-4",
                "user_id": "a",
                "subaccount": 0,
                "market_ticker": "A-1",
                "position_fp": "-5",
                "cost_dollars": "2",
                "realized_pnl_dollars": "0",
                "fees_paid_dollars": "0",
                "cash_dollars": "0",
                "reason": "opening balance",
                "ts_ms": 7,
            },
        ),
        ("market", {"market_ticker": "A-1", "event_ticker": "A", "ts_ms": 7}),
    ]


def test_long_bursts_are_sent_in_bodies_of_500_lines() -> None:
    """And without a stamp where the service is to give one."""
    (moment,) = scenario("{times: 1200, " + FILL + "}").moments

    assert [body.count(b"\n") + 1 for body in moment.bodies(None)] == [500, 500, 200]
    assert b"ts_ms" not in next(moment.bodies(None))
