"""`openpositions positions`."""

from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from openpositions.client.requests import ask
from tests.acceptance.http import fill, settlement
from tests.acceptance.service import Service
from tests.cli.commands import openpositions, write_lines

PAID_OUT = ["paid", "out,", "cents"]
TIME = "2023-12-01T00:00:00.000000Z"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Alice holds RAIN, closed SUN, and had SNOW settled."""
    events = [
        fill("t1", "alice", "RAIN", price="0.1234", count="0.07", fee="0.000100"),
        fill("t2", "alice", "SUN", price="0.4000"),
        fill("t3", "alice", "SUN", "no", price="0.5000"),
        fill("t4", "alice", "SNOW", price="0.4000", fee="0.1700"),
        settlement("SNOW", "yes"),
        fill("t5", "bob", "HAIL"),
    ]
    file = write_lines(tmp_path / "events", events)
    assert openpositions("ingest", file, "--data", tmp_path / "data").code == 0
    return tmp_path / "data"


def cells(text: str) -> list[list[str]]:
    """A printed table."""
    return [line.split() for line in text.splitlines()]


def test_what_a_user_holds(data: Path) -> None:
    """Exact to the last digit; flat and settled rows and those of others are left out."""
    done = openpositions("positions", "--data", data, "--user", "alice")

    assert cells(done.out) == [
        ["market", "position", "cost", "realized", "P&L", "fees", "traded", "changed"],
        ["RAIN", "0.07", "0.008638", "0.000000", "0.000100", "0.008638", TIME],
    ]


def test_all_rows(data: Path) -> None:
    """Flat ones too, and settled markets in a table of their own."""
    done = openpositions("positions", "--data", data, "--user", "alice", "--all-rows")

    assert cells(done.out)[1:] == [
        ["RAIN", "0.07", "0.008638", "0.000000", "0.000100", "0.008638", TIME],
        ["SUN", "0.00", "0.000000", "1.000000", "0.000000", "9.000000", TIME],
        [],
        ["Settled"],
        ["market", "result", "YES", "bought", "for", "NO", "bought", "for", "fees", *PAID_OUT, "settled"],
        ["SNOW", "yes", "10.00", "4.000000", "0.00", "0.000000", "0.170000", "1000", "2023-12-21T23:06:40.000000Z"],
    ]


def test_one_market(data: Path) -> None:
    """As JSON, in the form of the REST rows."""
    done = openpositions("positions", "--data", data, "--user", "alice", "--ticker", "SUN", "--all-rows", "--json")

    (row,) = done.answer["market_positions"]
    assert (row["ticker"], row["realized_pnl_dollars"]) == ("SUN", "1.000000")
    assert done.answer["settlements"] == []


@pytest.fixture
def subaccounts(tmp_path: Path) -> Path:
    """Carol holds RAIN in subaccounts 0 and 3, closed SUN in 3, and had SNOW settled in 3."""
    events = [
        fill("t1", "carol", "RAIN", price="0.4000"),
        fill("t2", "carol", "RAIN", "no", price="0.3000", count="2.00", subaccount=3),
        fill("t3", "carol", "SNOW", price="0.4000", subaccount=3),
        settlement("SNOW", "yes"),
    ]
    file = write_lines(tmp_path / "events", events)
    assert openpositions("ingest", file, "--data", tmp_path / "data").code == 0
    return tmp_path / "data"


def test_rows_of_all_subaccounts(subaccounts: Path) -> None:
    """A column says which, where it is not always the first."""
    done = openpositions("positions", "--data", subaccounts, "--user", "carol", "--all-rows")

    assert cells(done.out) == [
        ["market", "subaccount", "position", "cost", "realized", "P&L", "fees", "traded", "changed"],
        ["RAIN", "0", "10.00", "4.000000", "0.000000", "0.000000", "4.000000", TIME],
        ["RAIN", "3", "-2.00", "0.600000", "0.000000", "0.000000", "0.600000", TIME],
        [],
        ["Settled"],
        ["market", "subaccount", "result", "YES", "bought", "for", "NO", "bought", "for", "fees", *PAID_OUT, "settled"],
        [
            "SNOW",
            "3",
            "yes",
            "10.00",
            "4.000000",
            "0.00",
            "0.000000",
            "0.000000",
            "1000",
            "2023-12-21T23:06:40.000000Z",
        ],
    ]


@pytest.mark.parametrize(("subaccount", "positions"), [(0, ["10.00"]), (3, ["-2.00"]), (4, [])])
def test_one_subaccount(subaccounts: Path, subaccount: int, positions: list[str]) -> None:
    """As the other readers have it."""
    arguments = ("--user", "carol", "--subaccount", subaccount, "--json")

    done = openpositions("positions", "--data", subaccounts, *arguments)

    assert [(row["subaccount"], row["position_fp"]) for row in done.answer["market_positions"]] == [
        (subaccount, position) for position in positions
    ]


def test_key_that_is_locked_to_a_subaccount(subaccounts: Path, tmp_path: Path, rsa_key: RSAPrivateKey) -> None:
    """It shows that one; another is out of its reach."""
    service = Service(tmp_path, rsa_key)
    carol = service.add_key("carol", subaccount=3)
    with service:
        target = ("--url", service.url, "--key-id", carol.key_id, "--key-file", service.key_file)
        done = openpositions("positions", *target, "--json")
        refused = openpositions("positions", *target, "--subaccount", 0)

    assert service.data == subaccounts
    assert [(row["subaccount"], row["position_fp"]) for row in done.answer["market_positions"]] == [(3, "-2.00")]
    assert (refused.code, refused.out) == (1, "")
    assert "subaccount 0 is out of reach: this key sees subaccount 3 only" in refused.err


def test_user_without_positions(data: Path) -> None:
    """It is said, with exit code 0."""
    done = openpositions("positions", "--data", data, "--user", "carol")

    assert (done.code, done.out.splitlines()[-1]) == (0, "no rows")


def test_more_rows_than_a_page(tmp_path: Path) -> None:
    """All of them are read, each once."""
    tickers = [f"RAIN-{number:04d}" for number in range(1_001)]
    file = write_lines(tmp_path / "events", [fill("t1", "alice", "X"), *(fill(f"t-{t}", "alice", t) for t in tickers)])
    openpositions("ingest", file, "--data", tmp_path / "data")

    done = openpositions("positions", "--data", tmp_path / "data", "--user", "alice", "--json")

    assert [row["ticker"] for row in done.answer["market_positions"]] == [*tickers, "X"]


def test_open_rows_take_no_page_for_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many markets were settled before, one answer holds what is open; `--all-rows` asks for all."""
    tickers = [f"RAIN-{number:04d}" for number in range(1_001)]
    events = [*(fill(f"t-{ticker}", "alice", ticker) for ticker in tickers), fill("t", "alice", "SUN")]
    events += [settlement(ticker, "yes") for ticker in tickers]
    openpositions("ingest", write_lines(tmp_path / "events", events), "--data", tmp_path / "data")
    answers = []

    async def counting(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - whatever is asked
        answers.append(await ask(*arguments, **options))
        return answers[-1]

    monkeypatch.setattr("openpositions.cli.past.ask", counting)
    done = openpositions("positions", "--data", tmp_path / "data", "--user", "alice", "--json")
    assert ([row["ticker"] for row in done.answer["market_positions"]], len(answers)) == (["SUN"], 1)

    done = openpositions("positions", "--data", tmp_path / "data", "--user", "alice", "--all-rows", "--json")
    assert (len(done.answer["settlements"]), len(answers)) == (1_001, 3)


def test_own_rows_over_the_network(data: Path, tmp_path: Path, rsa_key: RSAPrivateKey) -> None:
    """A key sees the rows of its user."""
    service = Service(tmp_path, rsa_key)
    bob = service.add_key("bob")
    with service:
        done = openpositions(
            "positions", "--url", service.url, "--key-id", bob.key_id, "--key-file", service.key_file, "--json"
        )

    assert service.data == data
    assert [row["ticker"] for row in done.answer["market_positions"]] == ["HAIL"]
