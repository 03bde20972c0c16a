"""`openpositions export`."""

import csv
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from openpositions.core.lot_ledger import LotLedger
from tests.acceptance.http import fill, settlement
from tests.acceptance.service import Service
from tests.cli.commands import openpositions, write_lines

pq: Any = pytest.importorskip("pyarrow.parquet", reason="the extra openpositions[parquet] is not installed")

# Noon of the 31st of December 2025 and 2026, in Unix milliseconds.
LAST_OF_2025, LAST_OF_2026 = 1_767_182_400_000, 1_798_718_400_000


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Alice bought RAIN in 2025 and sold a part in 2026; one fill was busted; SUN was settled; bob trades too."""
    events = [
        fill("t1", "alice", "RAIN", count="10.00", price="0.4000", fee="0.1700", ts_ms=LAST_OF_2025),
        fill("t2", "alice", "RAIN", "no", count="4.00", price="0.4000", fee="0.1", ts_ms=LAST_OF_2026),
        fill("t3", "alice", "RAIN", count="1.00", price="0.9999", ts_ms=LAST_OF_2026),
        fill("t4", "alice", "SUN", "no", count="0.07", price="0.1234", subaccount=3, ts_ms=LAST_OF_2025),
        fill("t5", "bob", "RAIN"),
        {"type": "bust", "msg": {"bust_id": "b1", "trade_id": "t3"}},
        settlement("SUN", "scalar", settlement_value_dollars="0.2500", ts_ms=LAST_OF_2026),
    ]
    file = write_lines(tmp_path / "events", events)
    assert openpositions("ingest", file, "--data", tmp_path / "data").code == 0
    return tmp_path / "data"


def lines(text: str) -> list[dict[str, str]]:
    """A CSV with a header."""
    return list(csv.DictReader(text.splitlines()))


def picked(rows: list[dict[str, str]], *names: str) -> list[tuple[str, ...]]:
    """Some columns."""
    return [tuple(row[name] for name in names) for row in rows]


def test_rows(data: Path) -> None:
    """Of all subaccounts, flat and settled ones too, on standard output when no file is named."""
    done = openpositions("export", "--data", data, "--user", "alice")

    assert picked(lines(done.out), "market_ticker", "subaccount", "position_fp", "realized_pnl_dollars") == [
        ("RAIN", "0", "6.00", "0.800000"),
        ("SUN", "3", "0.00", "0.043862"),
    ]
    assert done.err == "2 rows as of entry 7\n"


def test_rows_as_of_a_sequence(data: Path) -> None:
    """What is not known yet is empty."""
    done = openpositions("export", "--data", data, "--user", "alice", "--sequence", "4", "--ticker", "SUN")

    assert picked(lines(done.out), "position_fp", "market_result", "settled_ts") == [("-0.07", "", "")]


def test_fills(data: Path) -> None:
    """Oldest first, without the one that was busted; the price is that of the side."""
    done = openpositions("export", "--what", "fills", "--data", data, "--user", "alice")

    names = (
        "sequence",
        "trade_id",
        "side",
        "price_dollars",
        "count_fp",
        "cost_dollars",
        "fee_cost_dollars",
        "filled_ts",
    )
    assert picked(lines(done.out), *names) == [
        ("1", "t1", "yes", "0.4000", "10.00", "4.000000", "0.170000", "2025-12-31T12:00:00.000000Z"),
        ("2", "t2", "no", "0.4000", "4.00", "1.600000", "0.100000", "2026-12-31T12:00:00.000000Z"),
        ("4", "t4", "no", "0.1234", "0.07", "0.008638", "0.000000", "2025-12-31T12:00:00.000000Z"),
    ]
    assert done.err == "3 fills as of entry 7, cost 5.608638, fee cost 0.270000\n"


def test_fills_as_of_before_a_bust(data: Path) -> None:
    """The fill stood then."""
    done = openpositions("export", "--what", "fills", "--data", data, "--user", "alice", "--sequence", 5)

    assert picked(lines(done.out), "trade_id") == [("t1",), ("t2",), ("t3",), ("t4",)]


def test_fills_of_a_year(data: Path) -> None:
    """By the times of the fills."""
    done = openpositions("export", "--what", "fills", "--year", 2026, "--data", data, "--user", "alice")

    assert picked(lines(done.out), "trade_id") == [("t2",)]


def test_settlements(data: Path) -> None:
    """With the exact payout and value."""
    done = openpositions("export", "--what", "settlements", "--data", data, "--user", "alice")

    names = ("market_ticker", "market_result", "settlement_value_dollars", "payout_dollars", "realized_pnl_dollars")
    assert picked(lines(done.out), *names) == [("SUN", "scalar", "0.2500", "0.052500", "0.043862")]


def test_lots(data: Path) -> None:
    """Each disposal, with where it came from and what it brought."""
    done = openpositions("export", "--what", "lots", "--data", data, "--user", "alice")

    first, second = lines(done.out)
    assert first == {
        "user_id": "alice",
        "market_ticker": "RAIN",
        "subaccount": "0",
        "side": "yes",
        "count_fp": "4.00",
        "acquired_id": "t1",
        "acquired_ts": "2025-12-31T12:00:00.000000Z",
        "disposed_by": "closed",
        "disposed_id": "t2",
        "disposed_ts": "2026-12-31T12:00:00.000000Z",
        "proceeds_dollars": "2.400000",
        "basis_dollars": "1.600000",
        "gain_dollars": "0.800000",
        "acquisition_fees_dollars": "0.068000",
        "disposal_fees_dollars": "0.100000",
        "net_gain_dollars": "0.632000",
        "sequence": "2",
    }
    assert (second["disposed_by"], second["disposed_id"], second["proceeds_dollars"]) == (
        "settled",
        "scalar",
        "0.052500",
    )


@pytest.mark.parametrize(
    ("year", "zone", "count"),
    [
        (2025, "UTC", 0),
        (2026, "UTC", 2),
        (2027, "UTC", 0),
        (2026, "Pacific/Kiritimati", 0),
        (2027, "Pacific/Kiritimati", 2),
    ],
)
def test_lots_of_a_year(data: Path, year: int, zone: str, count: int) -> None:
    """The year begins where it begins in a zone; lots of earlier years are known all the same."""
    done = openpositions("export", "--what", "lots", "--year", year, "--zone", zone, "--data", data, "--user", "alice")

    assert len(lines(done.out)) == count


def test_open_lots(data: Path) -> None:
    """What is left of them."""
    done = openpositions("export", "--what", "open-lots", "--data", data, "--user", "alice")

    assert picked(
        lines(done.out), "market_ticker", "side", "count_fp", "basis_dollars", "acquisition_fees_dollars"
    ) == [("RAIN", "yes", "6.00", "2.400000", "0.102000")]


def test_profit_and_loss(data: Path) -> None:
    """At the ends of the days on which it changed; RAIN has no mark, so the total is unknown and empty."""
    done = openpositions("export", "--what", "pnl", "--every", "1d", "--data", data, "--user", "alice")

    names = (
        "market_ticker",
        "before_ts",
        "realized_pnl_dollars",
        "total_pnl_dollars",
        "open_markets",
        "unmarked_markets",
    )
    assert picked(lines(done.out), *names) == [
        ("", "2026-01-01T00:00:00.000000Z", "0.000000", "", "2", "2"),
        ("", "2027-01-01T00:00:00.000000Z", "0.843862", "", "1", "1"),
    ]


def test_profit_and_loss_of_a_market_in_a_year(data: Path, tmp_path: Path) -> None:
    """The last point is that of the end of the year; in Parquet what is unknown is null."""
    file = tmp_path / "pnl.parquet"
    options = ["--what", "pnl", "--every", "1d", "--year", 2025, "--ticker", "RAIN"]
    openpositions("export", file, *options, "--data", data, "--user", "alice")

    table = pq.read_table(file)
    assert table.column("market_ticker").to_pylist() == ["RAIN"]
    assert [moment.isoformat() for moment in table.column("before_ts").to_pylist()] == ["2026-01-01T00:00:00+00:00"]
    assert table.column("total_pnl_dollars").to_pylist() == [None]
    assert table.column("exposure_dollars").to_pylist() == [Decimal("4.000000")]


def test_adjustment_in_lots(data: Path, tmp_path: Path) -> None:
    """What it states is a line without contracts."""
    message = {
        "adjustment_id": "a1",
        "user_id": "alice",
        "market_ticker": "RAIN",
        "realized_pnl_dollars": "-1.5",
        "reason": "late",
    }
    openpositions("ingest", write_lines(tmp_path / "more", [{"type": "adjustment", "msg": message}]), "--data", data)

    done = openpositions("export", "--what", "lots", "--data", data, "--user", "alice")

    assert picked(lines(done.out)[-1:], "side", "count_fp", "acquired_ts", "disposed_by", "gain_dollars") == [
        ("", "0.00", "", "adjusted", "-1.500000")
    ]


def test_lots_that_do_not_add_up_are_not_written(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are held against the rows first."""
    monkeypatch.setattr(LotLedger, "violation", lambda *_: "fees are 1 micros, the row paid 2")

    done = openpositions("export", tmp_path / "lots.csv", "--what", "lots", "--data", data, "--user", "alice")

    assert done.code == 1
    assert "the lots of alice in RAIN do not add up: fees are 1 micros, the row paid 2" in done.err
    assert not (tmp_path / "lots.csv").exists()


def test_parquet_holds_exact_decimals(data: Path, tmp_path: Path) -> None:
    """And times with their zone; the summary is printed as JSON."""
    file = tmp_path / "lots.parquet"
    done = openpositions("export", file, "--what", "lots", "--data", data, "--user", "alice", "--json")

    table = pq.read_table(file)
    assert table.column("gain_dollars").to_pylist() == [Decimal("0.800000"), Decimal("0.043862")]
    assert table.column("count_fp").to_pylist() == [Decimal("4.00"), Decimal("0.07")]
    assert table.column("subaccount").to_pylist() == [0, 3]
    assert [str(field.type) for field in table.schema][4:7] == ["decimal128(20, 2)", "string", "timestamp[ms, tz=UTC]"]
    assert done.answer == {
        "file": str(file),
        "what": "lots",
        "rows": 2,
        "sequence": 7,
        "proceeds_dollars": "2.452500",
        "basis_dollars": "1.608638",
        "gain_dollars": "0.843862",
        "net_gain_dollars": "0.675862",
    }


def test_parquet_of_nothing_has_its_columns(data: Path, tmp_path: Path) -> None:
    """Unknown values are null, and no rows are a table too."""
    openpositions("export", tmp_path / "rows.parquet", "--data", data, "--user", "alice", "--sequence", 4)
    openpositions("export", tmp_path / "none.parquet", "--data", data, "--user", "carol")

    assert pq.read_table(tmp_path / "rows.parquet").column("settled_ts").to_pylist() == [None, None]
    assert pq.read_table(tmp_path / "none.parquet").num_rows == 0
    assert pq.read_table(tmp_path / "none.parquet").column_names[0] == "user_id"


def test_missing_library_is_said(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what would help; nothing is left behind."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    done = openpositions("export", tmp_path / "rows.parquet", "--data", data, "--user", "alice")

    assert done.code == 2
    assert "Parquet needs pyarrow: install openpositions[parquet], or write CSV with --format csv" in done.err
    assert list(tmp_path.glob(".*")) == list(tmp_path.glob("*.parquet")) == []


def test_file_that_cannot_be_written_is_named(data: Path, tmp_path: Path) -> None:
    """By the name that the user gave it."""
    file = tmp_path / "nowhere" / "rows.csv"

    done = openpositions("export", file, "--data", data, "--user", "alice")

    assert done == (2, "", f"openpositions: {file} cannot be written: No such file or directory\n")


def test_file_is_replaced_whole_or_not_at_all(data: Path, tmp_path: Path) -> None:
    """An export that fails leaves what was there, and nothing beside it."""
    file = tmp_path / "rows.csv"
    file.write_text("precious", encoding="utf-8")

    failed = openpositions("export", file, "--data", data, "--user", "alice", "--sequence", 99)
    kept = file.read_text(encoding="utf-8")
    done = openpositions("export", file, "--data", data, "--user", "alice")

    assert (failed.code, kept, done.code) == (2, "precious", 0)
    assert len(lines(file.read_text(encoding="utf-8"))) == 2
    assert list(tmp_path.glob(".*")) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--what", "cats"], "--what must be one of rows, fills, settlements, lots, open-lots, pnl"),
        (["--year", "2026"], "--year does not go with --what rows"),
        (["--what", "lots", "--as-of", "1"], "--as-of does not go with --what lots"),
        (["--what", "pnl", "--sequence", "1"], "--sequence does not go with --what pnl"),
        (["--every", "1d"], "--every does not go with --what rows"),
        (["--what", "lots", "--year", "26"], "--year must be 1970-9998, not 26"),
        (["--what", "lots", "--year", "2026", "--zone", "Mars"], "--zone 'Mars' is not known"),
        (["--format", "xls"], "say --format csv or --format parquet"),
        (["--format", "parquet"], "Parquet is no text: give a file instead of -"),
        (["--json"], "--json prints what was written to a file: name one"),
        (["table"], "table could be either: name it .csv or .parquet"),
    ],
)
def test_wrong_use(data: Path, options: list[str], message: str) -> None:
    """One line says what to do."""
    done = openpositions("export", *options, "--data", data, "--user", "alice")

    assert done.code == 2
    assert message in done.err


def test_many_fills_over_the_network(tmp_path: Path, rsa_key: RSAPrivateKey) -> None:
    """More than a page, through a running service, each once; a key sees those of its user."""
    fills = [fill(f"t{number}", "bob" if number % 3 else "alice", "RAIN") for number in range(1_800)]
    openpositions("ingest", write_lines(tmp_path / "events", fills), "--data", tmp_path / "data")
    service = Service(tmp_path, rsa_key)
    bob = service.add_key("bob")
    with service:
        options = ["--url", service.url, "--key-id", bob.key_id, "--key-file", service.key_file]
        done = openpositions("export", tmp_path / "fills.csv", "--what", "fills", *options, "--json")

    assert (done.answer["rows"], done.answer["cost_dollars"]) == (1_200, "6000.000000")
    written = lines((tmp_path / "fills.csv").read_text(encoding="utf-8"))
    assert [row["trade_id"] for row in written] == [f"t{number}" for number in range(1_800) if number % 3]
