"""`openpositions history`."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from openpositions.cli.tables import UNKNOWN
from tests.acceptance.http import fill, settlement
from tests.acceptance.service import Service
from tests.cli.commands import openpositions, write_lines


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Alice bought RAIN twice, the second time busted later; SUN was settled. Bob holds HAIL."""
    events = [
        fill("t1", "alice", "RAIN", price="0.1234", count="0.07", fee="0.000100", ts_ms=1_000),
        fill("t2", "alice", "RAIN", price="0.4000", ts_ms=2_000),
        fill("t3", "alice", "SUN", "no", price="0.5000", subaccount=3, ts_ms=3_000),
        {"type": "bust", "msg": {"bust_id": "b1", "trade_id": "t2", "ts_ms": 4_000}},
        settlement("SUN", "no", ts_ms=5_000),
        fill("t5", "bob", "HAIL", ts_ms=6_000),
    ]
    file = write_lines(tmp_path / "events", events)
    assert openpositions("ingest", file, "--data", tmp_path / "data").code == 0
    return tmp_path / "data"


def cells(text: str) -> list[list[str]]:
    """A printed table."""
    return [line.split() for line in text.splitlines()]


def test_rows_as_of_a_sequence(data: Path) -> None:
    """Before the bust and the settlement; what does not exist is a dash."""
    done = openpositions("history", "--data", data, "--user", "alice", "--sequence", 3)

    assert cells(done.out) == [
        [
            *[
                "market",
                "subaccount",
                "position",
                "cost",
                "realized",
                "P&L",
                "fees",
                "traded",
                "settled",
                "sequence",
                "changed",
            ]
        ],
        f"RAIN 0 10.07 4.008638 0.000000 0.000100 4.008638 {UNKNOWN} 2 1970-01-01T00:00:02.000000Z".split(),
        f"SUN 3 -10.00 5.000000 0.000000 0.000000 5.000000 {UNKNOWN} 3 1970-01-01T00:00:03.000000Z".split(),
    ]


def test_rows_as_of_a_time(data: Path) -> None:
    """As JSON, in the form of the read; the bust had happened, the settlement had not."""
    done = openpositions("history", "--data", data, "--user", "alice", "--as-of", "1970-01-01T00:00:04Z", "--json")

    assert (done.answer["as_of_ms"], done.answer["sequence"]) == (4_000, 6)
    rows = {row["market_ticker"]: row for row in done.answer["market_positions"]}
    assert {ticker: row["position_fp"] for ticker, row in rows.items()} == {"RAIN": "0.07", "SUN": "-10.00"}


def test_narrowed_to_a_market_or_a_subaccount(data: Path) -> None:
    """Without a moment the rows are those of now."""
    of_market = openpositions("history", "--data", data, "--user", "alice", "--ticker", "RAIN", "--json")
    of_subaccount = openpositions("history", "--data", data, "--user", "alice", "--subaccount", 3, "--json")

    assert [row["position_fp"] for row in of_market.answer["market_positions"]] == ["0.07"]
    assert [row["realized_pnl_dollars"] for row in of_subaccount.answer["market_positions"]] == ["5.000000"]


def test_user_without_a_past(data: Path) -> None:
    """It is said, with exit code 0."""
    done = openpositions("history", "--data", data, "--user", "carol")

    assert (done.code, done.out.splitlines()[-1]) == (0, "no rows")


def test_more_rows_than_a_page(tmp_path: Path) -> None:
    """All of them are read, each once."""
    tickers = [f"RAIN-{number:04d}" for number in range(1_001)]
    file = write_lines(tmp_path / "events", [fill(f"t-{ticker}", "alice", ticker) for ticker in tickers])
    openpositions("ingest", file, "--data", tmp_path / "data")

    done = openpositions("history", "--data", tmp_path / "data", "--user", "alice", "--as-of", 2**41, "--json")

    assert [row["market_ticker"] for row in done.answer["market_positions"]] == tickers
    assert done.answer["cursor"] == ""


def test_profit_and_loss_over_time(data: Path) -> None:
    """By the hour; what is unknown is a dash."""
    done = openpositions("history", "--series", "--data", data, "--user", "alice")

    assert cells(done.out) == [
        ["before", "realized", "P&L", *["unrealized", "total", "fees", "exposure", "open", "unmarked"]],
        [*f"1970-01-01T01:00:00.000000Z 5.000000 {UNKNOWN} {UNKNOWN} 0.000100 0.008638 1 1".split()],
    ]


def test_profit_and_loss_of_a_market(data: Path) -> None:
    """As JSON, by the second, within a span."""
    options = ["--series", "--ticker", "SUN", "--every", "1s", "--since", 5_000, "--until", 6_001]
    done = openpositions("history", *options, "--data", data, "--user", "alice", "--json")

    points = [(point["ts_ms"], point["total_pnl_dollars"]) for point in done.answer["points"]]
    assert points == [(5_000, None), (6_000, "5.000000")]


def test_profit_and_loss_of_a_market_over_all_users(data: Path) -> None:
    """Where no user is named beside the data directory."""
    done = openpositions("history", "--series", "--ticker", "HAIL", "--data", data, "--json")

    assert (done.answer["user_id"], done.answer["market_ticker"], len(done.answer["points"])) == (None, "HAIL", 1)
    assert openpositions("history", "--series", "--data", data).code == 2


def test_user_without_entries_has_no_series(data: Path) -> None:
    """It is said, with exit code 0."""
    done = openpositions("history", "--series", "--data", data, "--user", "carol")

    assert (done.code, done.out.splitlines()[-1]) == (0, "no entries")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--series", "--as-of", "1"], "--as-of does not go with --series"),
        (["--every", "1h"], "--every does not go with positions; add --series"),
    ],
)
def test_options_of_the_other_kind_are_refused(data: Path, options: list[str], message: str) -> None:
    """Rows are of one moment, a series is of many."""
    done = openpositions("history", *options, "--data", data, "--user", "alice")

    assert (done.code, message in done.err) == (2, True)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--as-of", "soon"], "as_of must be Unix milliseconds"),
        (["--sequence", "7"], "sequence must be a sequence that the journal has, an integer from 0 to 6, not '7'"),
        (["--as-of", "1", "--sequence", "1"], "as_of and sequence are two ways to say when"),
    ],
)
def test_wrong_moment_is_refused(data: Path, options: list[str], message: str) -> None:
    """By the service, which knows how far its journal goes; the reason is passed on."""
    done = openpositions("history", "--data", data, "--user", "alice", *options)

    assert (done.code, message in done.err) == (2, True)


def test_user_goes_with_a_data_directory(data: Path) -> None:
    """There nobody has signed for one."""
    done = openpositions("history", "--data", data)

    assert (done.code, "--user goes with --data" in done.err) == (2, True)


def test_own_rows_over_the_network(data: Path, tmp_path: Path, rsa_key: RSAPrivateKey) -> None:
    """A key sees the rows of its user; beside the running service the directory is read through it."""
    service = Service(tmp_path, rsa_key)
    bob = service.add_key("bob")
    with service:
        remote = openpositions(
            "history", "--url", service.url, "--key-id", bob.key_id, "--key-file", service.key_file, "--json"
        )
        beside = openpositions("history", "--data", data, "--user", "bob", "--json")

    assert [row["market_ticker"] for row in remote.answer["market_positions"]] == ["HAIL"]
    assert beside.answer == remote.answer
