"""The scripts of the page that need no page: run in a browser, held against the service's own arithmetic."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from openpositions.core.money import divide_half_even, format_dollars, format_price
from openpositions.testing.sandbox_server import SandboxServer
from tests.server.dashboard.screen import opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser

    from tests.server.dashboard.screen import Screen

pytestmark = pytest.mark.asyncio(loop_scope="session")

LARGEST = 2**63 - 1


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def screen(browser: Browser) -> AsyncIterator[Screen]:
    """One page for all: nobody signs in, and the modules keep nothing."""
    with SandboxServer() as server:
        async with opened(browser, server) as screen:
            yield screen


async def test_amounts_are_read_and_written_exactly(screen: Screen) -> None:
    """As the service writes them, up to the largest that it keeps: a float would have lost digits long before."""
    random = Random(1)
    amounts = [
        0,
        1,
        -1,
        99,
        -100,
        1_234_500,
        LARGEST,
        -LARGEST,
        *(random.randint(-(10**12), 10**12) for _ in range(200)),
    ]
    texts = [format_dollars(amount) for amount in amounts]

    assert await screen.module("decimal", "a.map(t => `${m.parseFixed(t, 6)}`)", texts) == [str(one) for one in amounts]
    assert (
        await screen.module("decimal", "a.map(t => m.formatMoney(BigInt(t)))", [str(one) for one in amounts]) == texts
    )


async def test_what_is_no_amount_is_refused(screen: Screen) -> None:
    """Rather than read as something else."""
    texts = ["", "1,5", "1e3", "1.", ".5", "--1", "+1", "0x10", "1.0000000", " 1", "NaN"]
    script = "a.map(t => { try { return `${m.parseFixed(t, 6)}` } catch (error) { return error.name } })"

    assert await screen.module("decimal", script, texts) == ["RangeError"] * len(texts)


async def test_value_is_that_of_the_service(screen: Screen) -> None:
    """Of both sides, at any mark; and the average price, half to even."""
    random = Random(2)
    cases = [
        (random.choice((-1, 1)) * random.randint(1, 10**9), random.randint(1, 9_999), random.randint(0, 10**12))
        for _ in range(300)
    ]
    texts = [[str(number) for number in case] for case in cases]

    values = await screen.module("decimal", "a.map(([p, y]) => `${m.valueAt(BigInt(p), BigInt(y))}`)", texts)
    averages = await screen.module(
        "decimal",
        """a.map(([p, , c]) => {
            const { price, exact } = m.averagePrice(BigInt(c), BigInt(p));
            return [`${price}`, exact];
        })""",
        texts,
    )

    assert values == [str(held * mark if held > 0 else -held * (10_000 - mark)) for held, mark, _ in cases]
    assert averages == [[str(divide_half_even(cost, abs(held))), cost % abs(held) == 0] for held, _, cost in cases]


async def test_rows_and_totals_are_shown_when_they_belong_together(screen: Screen) -> None:
    """Not a row before its totals, not totals before their rows; a row that is not newer changes nothing."""
    told = await screen.module(
        "book",
        """await (async () => {
            const { readRow } = await import("/dashboard/rows.js");
            const row = (sequence, position, cost) => readRow({
                market_ticker: "T", position_fp: position, position_cost_dollars: cost, realized_pnl_dollars: "0.0000",
                fees_paid_dollars: "0.0000", volume_fp: position, sequence, ts_ms: 1 });
            const totals = (sequence, exposure, open = 1) => ({
                sequence, exposure_dollars: exposure, open_markets: open, unmarked_markets: [],
                markets: [{ market_ticker: "T", mark_price_dollars: "0.5000" }] });
            const book = new m.Book();
            const seen = [];
            const look = shown => seen.push([
                shown !== null, book.lines.get("T 0")?.row.position ?? null, book.totals?.sequence ?? null]);
            book.takeRow(row(5, "10.00", "4.0000"), true, 0);
            look(book.takeTotals(totals(4, "0.0000", 0)));
            look(book.takeTotals(totals(5, "4.0000")));
            book.takeRow(row(7, "20.00", "9.0000"), true, 0);
            look(book.takeTotals(totals(6, "4.0000")));
            book.takeRow(row(6, "15.00", "6.0000"), true, 0);
            look(book.takeTotals(totals(7, "9.0000")));
            look(book.takeTotals(totals(8, "9.0000", 2)));
            return seen;
        })()""",
    )

    assert told == [
        [False, None, None],
        [True, "10.00", 5],
        [False, "10.00", 5],
        [True, "20.00", 7],
        [False, "20.00", 7],
    ]


async def test_another_history_is_asked_for_as_a_whole(screen: Screen) -> None:
    """After a restored backup the service does not know the epoch; what the page knew is replaced by what it has."""
    told = await screen.module(
        "following",
        """await (async () => {
            const { Book } = await import("/dashboard/book.js");
            const book = new Book();
            const following = new m.Following(book);
            const row = (ticker, sequence, seq) => ({ type: "market_position", sid: 1, seq, msg: {
                market_ticker: ticker, position_fp: "1.00", position_cost_dollars: "0.5000",
                realized_pnl_dollars: "0.0000", fees_paid_dollars: "0.0000", volume_fp: "1.00", sequence, ts_ms: 1 } });
            const asked = [];
            const connect = (epoch, ticker, sequence) => {
                asked.push(JSON.parse(following.begin()[0]).params.resume);
                following.take({ type: "subscribed", id: 1, msg: { recovered: false } });
                following.take(row(ticker, sequence, 1));
                following.take({ type: "market_positions_snapshot", sid: 1, seq: 2, msg: { epoch, sequence } });
                const markets = [{ market_ticker: ticker, mark_price_dollars: null }];
                return following.take({ type: "portfolio", sid: 2, msg: {
                    sequence, ts_ms: 1, exposure_dollars: "0.5000", open_markets: 1, unmarked_markets: [], markets } });
            };
            const caughtUp = [connect("one", "OLD", 9).caughtUp, connect("two", "NEW", 3).caughtUp];
            return { asked, caughtUp, lines: [...book.lines.keys()], place: following.place };
        })()""",
    )

    assert told == {
        "asked": [{"epoch": "none", "sequence": 0}, {"epoch": "one", "sequence": 9}],
        "caughtUp": [True, True],
        "lines": ["NEW 0"],
        "place": {"epoch": "two", "sequence": 3},
    }


async def test_missing_message_is_noticed(screen: Screen) -> None:
    """By its number."""
    said = await screen.module(
        "following",
        """(() => {
            const following = new m.Following({});
            following.begin();
            following.take({ type: "subscribed", id: 1, msg: { recovered: true } });
            try {
                following.take({ type: "market_positions_snapshot", seq: 2, msg: {} });
            } catch (error) {
                return [error instanceof m.Interrupted, error.final, error.message];
            }
        })()""",
    )

    assert said == [True, False, "A message of the service went missing, or came twice."]


async def test_pauses_grow_and_are_never_the_same(screen: Screen) -> None:
    """Up to half a minute; a connection that lived for a while begins anew."""
    pauses = await screen.module(
        "backoff",
        """(() => {
            const [least, most] = [new m.Backoff(() => 0), new m.Backoff(() => 1)];
            const pauses = Array.from({ length: 12 }, () => [least.nextMs(), most.nextMs()]);
            most.ended(m.HEALTHY_MS - 1);
            pauses.push(most.nextMs());
            most.ended(m.HEALTHY_MS);
            pauses.push(most.nextMs());
            return pauses;
        })()""",
    )

    assert pauses[:3] == [[125, 250], [250, 500], [500, 1000]]
    assert pauses[11:] == [[15_000, 30_000], 30_000, 250]


async def test_live_points_move_to_the_end_of_their_span(screen: Screen) -> None:
    """One a span, behind those of the read; sums are exact, and unknown while a mark is."""
    points = await screen.module(
        "series",
        """(() => {
            const series = new m.Series(1000);
            const point = (ts_ms, realized_pnl_dollars, unrealized_pnl_dollars, total_pnl_dollars) => ({
                ts_ms, realized_pnl_dollars, unrealized_pnl_dollars, total_pnl_dollars });
            series.load([point(1000, "0.100000", null, null), point(3000, "0.200000", "0.000001", "0.200001")]);
            const totals = (ts_ms, realized, unrealized, unmarked = []) => ({
                ts_ms, realized_pnl_dollars: realized, unrealized_pnl_dollars: unrealized,
                unmarked_markets: unmarked });
            series.take(totals(2500, "0.3000", "0.0000"));
            series.take(totals(3100, "0.1000", "0.2000"));
            series.take(totals(3900, "0.1000", "0.200001"));
            series.take(totals(4000, "0.1000", "0.2000", ["T"]));
            return series.points.map(({ tsMs, total }) => [tsMs, total]);
        })()""",
    )

    assert points == [[1000, None], [2500, "0.3000"], [3900, "0.300001"], [4000, None]]


async def test_closings_mean_what_the_protocol_says(screen: Screen) -> None:
    """Whether to come back is told by the code; codes of the service that are not known mean not to."""
    codes = [1000, 1001, 1006, 1008, 1009, 1011, 1012, 1013, 4000, 4003]
    final = await screen.module("refusals", "a.map(code => m.closing(code).final)", codes)

    assert [code for code, is_final in zip(codes, final, strict=True) if is_final] == [1008, 1009, 4000, 4003]


async def test_prices_keep_four_places(screen: Screen) -> None:
    """As the service writes them."""
    prices = [0, 1, 42, 4_200, 9_999, 10_000]
    texts = await screen.module("decimal", "a.map(price => m.formatFixed(BigInt(price), m.PRICE_DECIMALS))", prices)

    assert texts == [format_price(price) for price in prices]
