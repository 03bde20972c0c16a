"""A watched portfolio on screens of many sizes."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from rich.console import Console

from openpositions.cli.tables import UNKNOWN
from openpositions.cli.watch.screen import Size, format_age, screen, shortened
from openpositions.cli.watch.view import View, Watched, parse_order
from tests.cli.watch.portfolios import NOON, held, watched

ALL = View(parse_order("ticker"))
MANY = [held(f"KXHIGHNY-26JUL24-B{number}") for number in range(100, 200)]


def drawn(seen: Watched, view: View = ALL, width: int = 120, height: int | None = 40) -> list[str]:
    """The lines of a screen, without what is empty at their ends."""
    console = Console(file=StringIO(), width=width, height=height or 40, color_system=None, legacy_windows=False)
    with console.capture() as capture:
        console.print(screen(seen, view, "http://venue:8080", Size(width, height)))
    return [line.rstrip() for line in capture.get().splitlines()]


def styled(seen: Watched) -> str:
    """A screen as a terminal with colours is sent it."""
    console = Console(file=StringIO(), width=120, color_system="standard", force_terminal=True, legacy_windows=False)
    with console.capture() as capture:
        console.print(screen(seen, ALL, "http://venue:8080", Size(120, 40)))
    return capture.get()


def test_everything_about_a_portfolio() -> None:
    """Unknown values are dashes, decimals stand below each other, and the totals are those of the service."""
    seen = watched(
        held("FED-23DEC-T3.00", fees="0.17", realized="-1.25"),
        held("RAIN", position="-0.07", cost="0.008638", mark=None, age_seconds=7200),
    )

    assert drawn(seen) == [
        "connected to http://venue:8080",
        "as of sequence 42 · last change 3 s ago · continuity exact",
        "",
        "market           position  exposure    mark  unrealized  realized    fees  age",
        "FED-23DEC-T3.00     10.00  4.000000  0.6000      2.0000   -1.2500  0.1700  3 s",
        "RAIN                -0.07  0.008638       –           –    0.0000  0.0000  2 h",  # noqa: RUF001 - dashes
        "total, 2 open              4.008638              2.0000   -1.2500  0.1700",
        "unrealized leaves out 1 without a mark: RAIN",
    ]


def test_unknown_total_is_a_dash() -> None:
    """Where nothing has a mark."""
    line = drawn(watched(held("RAIN", mark=None)))[5]

    assert line.split() == ["total,", "1", "open", "4.0000", UNKNOWN, "0.0000", "0.0000"]


def test_unknown_realized_is_a_dash() -> None:
    """Of a market that was settled unseen, and so of all."""
    rain, sums = drawn(watched(held("RAIN", realized=None, fees=None)))[4:6]

    assert rain.split() == ["RAIN", "10.00", "4.0000", "0.6000", "2.0000", UNKNOWN, UNKNOWN, "3", "s"]
    assert sums.split() == ["total,", "1", "open", "4.0000", "2.0000", UNKNOWN, UNKNOWN]


def test_nothing_held() -> None:
    """It is said, and sums up to 0."""
    assert drawn(watched())[4:] == [
        "no positions",
        "total, 0 open              0.0000            0.0000    0.0000  0.0000",
    ]


def test_stale_screen_says_since_when() -> None:
    """The numbers stay, and what they were as of."""
    lines = drawn(watched(held("RAIN"), connection="reconnecting"))

    assert lines[:2] == [
        "STALE since 11:59:52, 8 s ago: reconnecting to http://venue:8080",
        "as of sequence 42 · last change 3 s ago · continuity exact",
    ]
    assert lines[4].startswith("RAIN")


def test_stale_rows_are_dim() -> None:
    """All of them, gains and losses too; those that are current are not."""
    dim, current = styled(watched(held("RAIN"), connection="reconnecting")), styled(watched(held("RAIN")))

    rows = [line for line in dim.splitlines() if "RAIN" in line or "total" in line]
    assert [line.startswith("\x1b[2m") for line in rows] == [True, True]
    assert "\x1b[32m" not in "".join(rows)
    assert "\x1b[32m" in "".join(line for line in current.splitlines() if "RAIN" in line)


def test_connection_that_ended() -> None:
    """Nobody tries to get it back."""
    assert drawn(watched(connection="ended"))[0] == "STALE since 11:59:52, 8 s ago: the connection ended"


def test_service_that_tells_little() -> None:
    """Neither sequence nor time, and continuity is probable."""
    assert drawn(watched(sequence=None, time=None))[1] == "no sequence · last change unknown · continuity probable"


def test_patterns_have_a_sum_of_their_own() -> None:
    """Beside that of everything."""
    lines = drawn(watched(held("FED-1"), held("RAIN")), View(parse_order("ticker"), ["FED-*"]))

    assert [line.split()[:4] for line in lines[4:]] == [
        ["FED-1", "10.00", "4.0000", "0.6000"],
        ["these", "1", "4.0000", "2.0000"],
        ["total,", "2", "open", "8.0000"],
    ]


@pytest.mark.parametrize("height", [10, 24, 60])
def test_more_rows_than_lines(height: int) -> None:
    """The first are shown and the others counted, the totals stay, and the screen is exactly full."""
    lines = drawn(watched(*MANY), height=height)

    more = 100 - (height - 6)
    assert len(lines) == height
    assert (lines[-2], lines[-1].split()[:3]) == (f"… {more} more", ["total,", "100", "open"])
    assert lines[4].split()[0] == "KXHIGHNY-26JUL24-B100"


def test_rows_that_just_fit_are_all_shown() -> None:
    """None is given up for a line that counts it."""
    lines = drawn(watched(*MANY[:10]), height=15)

    assert (len(lines), lines[-2].split()[0]) == (15, "KXHIGHNY-26JUL24-B109")


def test_no_limit() -> None:
    """For a file, all rows are shown."""
    assert len(drawn(watched(*MANY), height=None)) == 105


@pytest.mark.parametrize(
    ("width", "header"),
    [
        (90, "market                 position  exposure    mark  unrealized  realized    fees  age"),
        (75, "market        position  exposure    mark  unrealized  realized    fees  age"),
        (70, "market           position  exposure    mark  unrealized  realized  age"),
        (65, "market           position  exposure    mark  unrealized  realized"),
        (60, "market              position  exposure  unrealized  realized"),
        (50, "market              position  exposure  unrealized"),
        (40, "market              position  unrealized"),
        (26, "market            position"),
        (20, "market"),
    ],
)
def test_narrow_screens_leave_columns_out(width: int, header: str) -> None:
    """What is wanted least goes first."""
    assert drawn(watched(*MANY[:3]), width=width)[3] == header


def test_screens_of_every_width() -> None:
    """A number is whole or not there, however long it is; a line is never folded, nor wider than the screen."""
    seen = watched(held("KXHIGHNY-26JUL24-B100", position="-1234567.89", cost="123456.789012", realized="-5"))
    whole = {"-1234567.89", "123456.789012", "0.6000", "370370.366988", "-5.0000", "0.0000", "3", "s"}
    for width in range(1, 130):
        lines = drawn(seen, width=width)

        assert len(lines) == 6
        assert max(map(len, lines)) <= width
        assert set(lines[4].split()[1:]) <= whole


@pytest.mark.parametrize("height", [1, 3, 6])
def test_screen_lower_than_its_frame(height: int) -> None:
    """Above and below the rows stays what there is; the terminal crops it."""
    lines = drawn(watched(*MANY), height=height)

    assert [line.split()[:3] for line in lines[3:]] == [
        ["market", "position", "exposure"],
        ["…", "100", "more"],
        ["total,", "100", "open"],
    ]


def test_tickers_lose_their_middle() -> None:
    """Their ends tell them apart."""
    assert shortened("KXHIGHNY-26JUL24-B87.5", 12) == "KXHIG…-B87.5"
    assert shortened("RAIN", 4) == "RAIN"
    assert shortened("RAIN", 1) == "…"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (119, "119 s"), (120, "2 min"), (7199, "119 min"), (7200, "2 h"), (200_000, "2 d"), (-5, "0 s")],
)
def test_age_has_one_unit(seconds: int, text: str) -> None:
    """A clock that runs behind makes nothing younger than now."""
    assert format_age(NOON - timedelta(seconds=seconds), NOON) == text


def test_terminal_is_safe_from_the_names_of_markets() -> None:
    """A service may send anything as one."""
    text = "".join(drawn(watched(held("\x1b]0;owned\x07雨", mark=None))))

    assert "?]0;owned??" in text
    assert text.isprintable()
