"""A watched portfolio as lines of JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from openpositions.cli.watch.lines import Lines
from openpositions.cli.watch.view import View, Watched, parse_order
from tests.cli.watch.portfolios import held, watched

ORDER = parse_order("ticker")


@pytest.fixture
def lines() -> Lines:
    """Of every market."""
    return Lines(View(ORDER))


def told(lines: Lines, seen: Watched) -> Any:  # noqa: ANN401 - JSON
    """The next line, decoded; None when there is none."""
    line = lines.line(seen)
    return None if line is None else json.loads(line)


def changed(lines: Lines, seen: Watched) -> list[str]:
    """The markets in the next line, which there must be."""
    return [position["market_ticker"] for position in told(lines, seen)["positions"]]


def test_first_line_tells_everything(lines: Lines) -> None:
    """Amounts as exact texts, what is unknown as null, keys in this order, one line."""
    seen = watched(held("RAIN", fees="0.17"), held("SUN", position="-2.00", cost="1.5", mark=None, age_seconds=None))

    assert lines.line(seen) == (
        b'{"observed":"2026-01-31T12:00:00.000Z","connection":"connected","stale_since":null,"continuity":"exact",'
        b'"sequence":42,"time":"2026-01-31T11:59:57.000Z",'
        b'"totals":{"exposure_dollars":"5.5000","market_value_dollars":"6.0000","unrealized_pnl_dollars":"2.0000",'
        b'"realized_pnl_dollars":"0.0000","fees_paid_dollars":"0.1700","open_markets":2,"unmarked_markets":["SUN"]},'
        b'"positions":[{"market_ticker":"RAIN","position_fp":"10.00","exposure_dollars":"4.0000",'
        b'"mark_price_dollars":"0.6000","market_value_dollars":"6.0000","unrealized_pnl_dollars":"2.0000",'
        b'"realized_pnl_dollars":"0.0000","fees_paid_dollars":"0.1700","sequence":7,"time":"2026-01-31T11:59:57.000Z"},'
        b'{"market_ticker":"SUN","position_fp":"-2.00","exposure_dollars":"1.5000",'
        b'"mark_price_dollars":null,"market_value_dollars":null,"unrealized_pnl_dollars":null,'
        b'"realized_pnl_dollars":"0.0000","fees_paid_dollars":"0.0000","sequence":7,"time":null}]}\n'
    )


def test_what_a_closed_market_realized_may_be_unknown(lines: Lines) -> None:
    """And then so is the sum, as a plain service tells it; nothing stands for it but null."""
    line = told(lines, watched(held("RAIN"), held("SUN", realized=None, fees=None)))

    unknown = {"realized_pnl_dollars": None, "fees_paid_dollars": None}
    assert line["totals"] | unknown == line["totals"]
    assert line["positions"][1] | unknown == line["positions"][1]


def test_later_lines_tell_what_changed(lines: Lines) -> None:
    """A fill here, a mark there; what stayed is not told again."""
    lines.line(watched(held("A"), held("B"), held("C")))

    assert changed(lines, watched(held("A"), held("B", mark="0.7000"), held("C", position="11.00"))) == ["B", "C"]


def test_nothing_new_is_no_line(lines: Lines) -> None:
    """Also when the clock went on."""
    seen = watched(held("A"))
    lines.line(seen)

    assert told(lines, seen) is None


def test_market_that_closes_is_told(lines: Lines) -> None:
    """Although flat ones are not in the first line."""
    flat = held("A", position="0.00", cost="0.0000", realized="6.0000")
    lines.line(watched(held("A"), held("B", position="0.00", cost="0")))

    assert changed(lines, watched(flat, held("B", position="0.00", cost="0"))) == ["A"]


def test_market_that_the_history_does_not_have_any_more_is_told_with_zeros(lines: Lines) -> None:
    """As after a backup was restored."""
    lines.line(watched(held("A"), held("B", realized="5", fees="1")))

    (position,) = told(lines, watched(held("A")))["positions"]
    assert {name: position[name] for name in position if position[name] not in {None, "0.0000", "0.00"}} == {
        "market_ticker": "B",
        "mark_price_dollars": "0.6000",
    }


def test_loss_of_the_connection_is_a_line(lines: Lines) -> None:
    """With since when all of it is stale, and another one when it is back."""
    lines.line(watched(held("A")))
    lost = told(lines, watched(held("A"), connection="reconnecting"))
    back = told(lines, watched(held("A")))

    assert (lost["connection"], lost["stale_since"], lost["positions"]) == (
        "reconnecting",
        "2026-01-31T11:59:52.000Z",
        [],
    )
    assert (back["connection"], back["stale_since"], back["positions"]) == ("connected", None, [])


def test_patterns_silence_other_markets() -> None:
    """Also their totals; the loss of the connection is told to everybody."""
    lines = Lines(View(ORDER, ["A*"]))
    assert changed(lines, watched(held("A1"), held("B1"))) == ["A1"]
    assert told(lines, watched(held("A1"), held("B1", position="3.00"), held("B2"))) is None
    assert changed(lines, watched(held("A1"), held("A2"))) == ["A2"]
    assert told(lines, watched(held("A1"), held("A2"), connection="reconnecting"))["connection"] == "reconnecting"


def test_service_without_sequences(lines: Lines) -> None:
    """Continuity is only probable."""
    line = told(lines, watched(held("A"), sequence=None))

    assert (line["continuity"], line["sequence"]) == ("probable", None)
