"""What is wrong with a scenario file, by line and field."""

from pathlib import Path

import pytest

from openpositions.errors import InvalidInput, Misconfigured
from openpositions.testing.scenario import load, parse
from openpositions.wire.sandbox.faults import (
    ClockSkew,
    DelayFrames,
    DropConnections,
    DuplicateFrames,
    ExpireKey,
    Fault,
    Pause,
    RejectHandshakes,
    ReorderFrames,
    Restart,
    Resume,
    SpeakDialect,
    UnknownChannel,
)
from tests.testing.scenario.scenarios import FILL, scenario


@pytest.mark.parametrize(
    ("step", "message"),
    [
        pytest.param(
            "fill: {user: alice, ticker: A-1, price: 1.40, count: 10}",
            "steps[0].fill.price must be a price from 0.0001 to 0.9999 dollar, at most 4 decimals, not '1.40'",
            id="price",
        ),
        pytest.param(
            "fill: {user: alice, ticker: A-1, price: 0.12345, count: 10}",
            "steps[0].fill.price must be a price from 0.0001 to 0.9999 dollar, at most 4 decimals, not '0.12345'",
            id="decimals",
        ),
        pytest.param(
            "fill: {user: alice, ticker: A-1, price: 0.40, count: 0.00}",
            "steps[0].fill.count must be a count of contracts above 0, at most 2 decimals, not '0.00'",
            id="count",
        ),
        pytest.param(
            "fill: {user: alice, ticker: A-1, price: 0.40, count: 9999999999}",
            'steps[0] count_fp must be more than 0 and at most 1000000000 contracts, not "9999999999"',
            id="what only the service knows",
        ),
        pytest.param(
            "fill: {user: alice, ticker: A-1, side: maybe, price: 0.40, count: 1}",
            "steps[0].fill.side must be one of no, yes, not 'maybe'",
            id="choice",
        ),
        pytest.param(
            "fill: {user: alice, ticker: A-1, prize: 0.40, count: 1}",
            "steps[0].fill.prize is no field here; a mapping of user, ticker, side, price, count, fee, subaccount, "
            "order_id, id",
            id="misspelt",
        ),
        pytest.param(
            "fill: {user: alice, ticker: A-1, price: 0.40}",
            "steps[0].fill count is missing: a count of contracts above 0, at most 2 decimals",
            id="missing",
        ),
        pytest.param("fill: yes", "steps[0].fill must be a mapping of user, ticker, side, price", id="not a mapping"),
        pytest.param(
            "{at_ms: soon, " + FILL + "}",
            "steps[0].at_ms must be milliseconds, at most a week, an integer from 0 to 604800000, not 'soon'",
            id="time",
        ),
        pytest.param("{at_ms: 5}", "steps[0] does nothing; a step has exactly one of trade, fill,", id="nothing"),
        pytest.param(
            "{mark: {ticker: A-1, price: 0.5}, " + FILL + "}", "steps[0] has fill and mark; a step has", id="two"
        ),
        pytest.param(
            "trade: {buyer: alice, seller: alice, ticker: A-1, price: 0.40, count: 1}",
            "steps[0].trade.seller must be another user than the buyer",
            id="self-trade",
        ),
        pytest.param(
            "settle: {ticker: A-1, result: scalar}", "steps[0].settle value is given exactly when", id="no value"
        ),
        pytest.param(
            "settle: {ticker: A-1, result: yes, value: 1}", "steps[0].settle value is given exactly", id="two values"
        ),
        pytest.param(
            "fault: {fault: rain}", "steps[0].fault.fault must be one of drop_connections, reject", id="unknown fault"
        ),
        pytest.param(
            "fault: {fault: clock_skew, ms: x}",
            "steps[0].fault.ms must be an integer from -31622400000 to 31622400000, not 'x'",
            id="fault's number",
        ),
        pytest.param(
            "fault: {fault: reject_handshakes}",
            "steps[0].fault count is missing: an integer from 1 to 10000",
            id="fault's missing field",
        ),
        pytest.param(
            "fault: {fault: pause, ms: 5}",
            "steps[0].fault.ms is no field here; a mapping of fault",
            id="fault's field",
        ),
        pytest.param(
            "fault: {fault: expire_key}",
            "steps[0].fault key_id is missing: give key_id or user_id",
            id="fault's choice",
        ),
        pytest.param("fault: restart", "steps[0].fault must be a mapping of fault, user_id, ", id="fault's name alone"),
        pytest.param(
            "{outcome: duplicate, fault: {fault: pause}}", "steps[0].outcome goes with events", id="fault's outcome"
        ),
        pytest.param("expect: [{user: alice, ticker: A-1}]", "steps[0].expect[0] expects nothing", id="no numbers"),
        pytest.param("expect: []", "steps[0].expect must be a list of rows, not an empty list", id="no rows"),
        pytest.param(
            "{times: 2, expect: [{user: alice, ticker: A-1, cost: 1}]}", "steps[0].times goes with", id="twice"
        ),
        pytest.param("{times: 100001, " + FILL + "}", "steps[0].times must be how many times, an", id="too often"),
        pytest.param(
            "{times: 1000, cash: {user: a, amount: 1, id: " + "x" * 124 + "}}",
            "steps[0] cash_id must be text of 1-128 printable ASCII characters without spaces, not",
            id="numbered id",
        ),
        pytest.param(
            "{times: 50001, trade: {buyer: a, seller: b, ticker: A-1, price: 0.40, count: 1}}",
            "steps[0].times makes more than 100000 events of the whole scenario",
            id="too many events",
        ),
    ],
)
def test_wrong_step_is_named(step: str, message: str) -> None:
    """File, line, field, value and what is allowed."""
    with pytest.raises(InvalidInput) as raised:
        scenario(step)

    assert str(raised.value).startswith(f"short.yaml, line 3: {message}")


def test_line_is_that_of_the_field() -> None:
    """Where a step takes several lines, the one of the field that is wrong."""
    text = "scenario: long\nsteps:\n  - at_ms: 0\n    fill:\n      user: alice\n      ticker: A 1\n"

    with pytest.raises(InvalidInput, match=r"long\.yaml, line 6: steps\[0\]\.fill\.ticker must be 1-128 printable"):
        parse(text, "long.yaml")


def test_time_does_not_run_back() -> None:
    """A step before the one above it is a mistake of writing."""
    with pytest.raises(InvalidInput, match=r"line 4: steps\[1\]\.at_ms must not be before .*, which begins at 500"):
        scenario("{at_ms: 500, " + FILL + "}", "{at_ms: 400, " + FILL + "}")


def test_time_does_not_run_back_behind_repetitions() -> None:
    """A step after them begins when they end, and the next not before it."""
    with pytest.raises(InvalidInput, match=r"line 5: steps\[2\]\.at_ms must not be before .*, which begins at 900"):
        scenario("{times: 10, every_ms: 100, " + FILL + "}", FILL, "{at_ms: 400, " + FILL + "}")


def test_a_scenario_ends_within_a_week() -> None:
    """Its repetitions too."""
    with pytest.raises(InvalidInput, match=r"line 3: steps\[0\] ends at 604800001; a scenario ends by 604800000, a we"):
        scenario("{at_ms: 1, times: 2, every_ms: 604800000, " + FILL + "}")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            f"steps: [{{{FILL}}}]",
            "s.yaml, line 1: scenario is missing: 1-128 printable ASCII characters without spaces",
        ),
        ("scenario: a\nsteps: []", "s.yaml, line 2: steps must be a list of 1 to 10000 steps, not an empty list"),
        ("- a", "s.yaml, line 1: must be a mapping of scenario, about, start, steps, not a list"),
        (
            f"scenario: a\nstart: noon\nsteps: [{{{FILL}}}]",
            "s.yaml, line 2: start must be a time with its zone, as 2026-01-01T00:00:00Z, not 'noon'",
        ),
    ],
)
def test_wrong_head_is_named(text: str, message: str) -> None:
    """What stands around the steps."""
    with pytest.raises(InvalidInput) as raised:
        parse(text, "s.yaml")

    assert str(raised.value) == message


def test_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """As for every other file."""
    with pytest.raises(Misconfigured, match=r"nowhere\.yaml cannot be read: No such file or directory"):
        load(tmp_path / "nowhere.yaml")


def test_json_is_read_too(tmp_path: Path) -> None:
    """It is a part of YAML."""
    (tmp_path / "a.json").write_text(
        '{"scenario": "a", "steps": [{"mark": {"ticker": "A-1", "price": 0.5}}]}', encoding="utf-8"
    )

    assert load(tmp_path / "a.json").scenario.steps[0].mark is not None


@pytest.mark.parametrize(
    ("stated", "fault"),
    [
        ("{fault: drop_connections, user_id: null, close_code: null, after_bytes: null}", DropConnections()),
        ("{fault: drop_connections, user_id: a, close_code: 1001}", DropConnections(user_id="a", close_code=1001)),
        ("{fault: reject_handshakes, count: 3, status: 503}", RejectHandshakes(count=3, status=503)),
        ("{fault: delay_frames, ms: 5}", DelayFrames(ms=5)),
        ("{fault: duplicate_frames, count: 2}", DuplicateFrames(count=2)),
        ("{fault: reorder_frames, count: 2}", ReorderFrames(count=2)),
        ("{fault: pause}", Pause()),
        ("{fault: resume}", Resume()),
        ("{fault: clock_skew, ms: -5}", ClockSkew(ms=-5)),
        ("{fault: expire_key, user_id: a}", ExpireKey(user_id="a")),
        ("{fault: dialect, wire: 2025}", SpeakDialect(wire="2025")),
        ("{fault: unknown_channel, channel: fill}", UnknownChannel(channel="fill")),
        ("{fault: unknown_channel, channel: null}", UnknownChannel(channel=None)),
        ('{"fault":"restart"}', Restart()),
    ],
)
def test_every_fault_is_written_as_it_is_posted(stated: str, fault: Fault) -> None:
    """Its numbers as numbers, and null where nothing is meant."""
    assert scenario(f"fault: {stated}").scenario.steps[0].fault == fault
