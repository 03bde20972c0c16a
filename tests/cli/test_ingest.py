"""`openpositions ingest`."""

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from openpositions.wire.signing import format_private_key
from tests.acceptance.http import ask, fill, settlement
from tests.acceptance.service import Service
from tests.cli.commands import openpositions, program, write_lines


def position(data: Path, ticker: str, user: str = "alice") -> tuple[str, str]:
    """Contracts and what they cost."""
    done = openpositions("positions", "--data", data, "--user", user, "--ticker", ticker, "--all-rows", "--json")
    (row,) = done.answer["market_positions"]
    return row["position_fp"], row["market_exposure_dollars"]


def test_file_goes_into_a_directory_that_no_service_has(tmp_path: Path) -> None:
    """The sums are printed, and the positions are there."""
    file = write_lines(tmp_path / "fills", [fill("t1", "alice", "RAIN"), fill("t1", "bob", "RAIN", "no")])

    done = openpositions("ingest", file, "--data", tmp_path / "data")

    assert done == (0, "accepted 2, duplicates 0, rejected 0\n", "")
    assert position(tmp_path / "data", "RAIN") == ("10.00", "5.000000")


async def test_file_goes_through_the_service_that_has_the_directory(tmp_path: Path, rsa_key: RSAPrivateKey) -> None:
    """Which knows it at once."""
    file = write_lines(tmp_path / "fills", [fill("t1", "alice", "RAIN")])
    with Service(tmp_path, rsa_key) as service:
        assert openpositions("ingest", file, "--data", service.data).code == 0

        assert (await ask(service, None, "GET", "/readyz")).content["sequence"] == 1
        assert position(service.data, "RAIN") == ("10.00", "5.000000")


def test_file_goes_over_the_network_signed(tmp_path: Path, rsa_key: RSAPrivateKey) -> None:
    """With a key that may ingest."""
    file = write_lines(tmp_path / "fills", [fill("t1", "alice", "RAIN")])
    with Service(tmp_path, rsa_key) as service:
        feeder = service.callers["feeder"]
        target = ("--url", service.url, "--key-id", feeder.key_id, "--key-file", service.key_file)

        assert openpositions("ingest", file, *target).out == "accepted 1, duplicates 0, rejected 0\n"


def test_key_that_may_not_is_refused_in_one_line(tmp_path: Path, rsa_key: RSAPrivateKey) -> None:
    """Without being tried again."""
    file = write_lines(tmp_path / "fills", [fill("t1", "alice", "RAIN")])
    service = Service(tmp_path, rsa_key)
    alice = service.add_key("alice")
    with service:
        done = openpositions(
            "ingest", file, "--url", service.url, "--key-id", alice.key_id, "--key-file", service.key_file
        )

    assert (done.code, done.out) == (1, "")
    assert done.err == (
        "openpositions: POST /v1/events was refused with 403: this needs a key with the scope 'ingest'; "
        "from line 1 on nothing is known to be taken, feed the file again\n"
    )


def test_rejected_lines_are_named_by_their_numbers_in_the_file(tmp_path: Path) -> None:
    """Blank lines count, also far beyond one batch; the others are taken all the same."""
    good = [fill(f"t{number}", "alice", "RAIN") for number in range(1_200)]
    conflicting = fill("t0", "alice", "RAIN", price="0.6000")
    file = write_lines(tmp_path / "fills", [*good[:2], "", "[1]", "nonsense", *good[2:], conflicting])

    done = openpositions("ingest", file, "--data", tmp_path / "data")

    assert (done.code, done.out) == (1, "accepted 1200, duplicates 0, rejected 3\n")
    assert [line.split(": ")[:2] for line in done.err.splitlines()] == [
        ["line 4", "invalid_json"],
        ["line 5", "invalid_json"],
        ["line 1204", "conflict"],
    ]


def test_sums_and_rejections_in_json(tmp_path: Path) -> None:
    """The form of the answer of POST /v1/events."""
    file = write_lines(tmp_path / "fills", [fill("t1", "alice", "RAIN"), "x", fill("t1", "alice", "RAIN")])

    done = openpositions("ingest", file, "--data", tmp_path / "data", "--json")

    (rejected,) = done.answer.pop("rejected")
    assert (done.code, done.err) == (1, "")
    assert (rejected["line"], rejected["code"]) == (2, "invalid_json")
    assert {name: value for name, value in done.answer.items() if name != "rejected"} == {
        "accepted": 1,
        "duplicates": 1,
        "sequence": 1,
    }


def test_feeding_again_changes_nothing(tmp_path: Path) -> None:
    """Everything is a duplicate."""
    file = write_lines(tmp_path / "fills", [fill("t1", "alice", "RAIN"), settlement("RAIN", "yes")])
    openpositions("ingest", file, "--data", tmp_path / "data")

    assert openpositions("ingest", file, "--data", tmp_path / "data").out == "accepted 0, duplicates 2, rejected 0\n"


def test_standard_input_is_read(tmp_path: Path) -> None:
    """As `-`, also from a pipe."""
    body = b"\n".join(json.dumps(fill(trade, "alice", "RAIN")).encode() for trade in ("t1", "t2"))

    done = program("ingest", "-", "--data", tmp_path / "data", stdin=body)

    assert done == (0, "accepted 2, duplicates 0, rejected 0\n", "")


def test_array_over_many_lines_is_read(tmp_path: Path) -> None:
    """A bad element is named by its number."""
    bad = fill("t2", "alice", "RAIN", count="0")
    (tmp_path / "fills").write_text(json.dumps([fill("t1", "alice", "RAIN"), bad], indent=2), encoding="utf-8")

    done = openpositions("ingest", tmp_path / "fills", "--data", tmp_path / "data")

    assert done.out == "accepted 1, duplicates 0, rejected 1\n"
    assert done.err.startswith("line 2: invalid_count: ")


@contextmanager
def ingesting(*arguments: object) -> Iterator[subprocess.Popen[bytes]]:
    """A command that reads a pipe which stays open."""
    process = subprocess.Popen(
        [sys.executable, "-m", "openpositions", "ingest", "-", *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def feed(process: subprocess.Popen[bytes], text: str) -> None:
    """Writes to its pipe."""
    assert process.stdin is not None
    process.stdin.write(text.encode())


def held(data: Path, ticker: str) -> str:
    """The contracts of alice, as another command shows them, once it shows any."""
    give_up_at = time.monotonic() + 30
    while time.monotonic() < give_up_at:
        done = openpositions("positions", "--data", data, "--user", "alice", "--ticker", ticker, "--json")
        if done.code == 0 and (rows := done.answer["market_positions"]):
            return str(rows[0]["position_fp"])
    raise AssertionError(done)


def test_live_pipe_is_fed_as_it_comes(tmp_path: Path) -> None:
    """What is complete counts although more may come, and other commands are served meanwhile."""
    with ingesting("--data", tmp_path / "data") as process:
        feed(process, json.dumps(fill("t1", "alice", "RAIN")) + "\n" + json.dumps(fill("t2", "alice", "RAIN"))[:20])

        assert held(tmp_path / "data", "RAIN") == "10.00"
        assert process.poll() is None


@pytest.mark.parametrize("as_json", [False, True])
def test_interrupt_ends_a_live_pipe_and_says_how_far_it_came(tmp_path: Path, *, as_json: bool) -> None:
    """One is enough: what was sent was answered, and the rest can be fed again."""
    with ingesting("--data", tmp_path / "data", *(["--json"] if as_json else [])) as process:
        feed(process, "\n" + json.dumps(fill("t1", "alice", "RAIN")) + "\n")
        assert held(tmp_path / "data", "RAIN") == "10.00"

        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)

    assert (process.returncode, err) == (130, b"")
    if as_json:
        sums = {"accepted": 1, "duplicates": 0, "rejected": [], "sequence": 1, "interrupted_after_line": 2}
        assert json.loads(out) == sums
    else:
        assert out == b"accepted 1, duplicates 0, rejected 0, interrupted after line 2\n"


async def test_interrupt_lets_what_was_sent_be_answered(tmp_path: Path, rsa_key: RSAPrivateKey) -> None:
    """And counts the answer in."""
    (tmp_path / "key.pem").write_text(format_private_key(rsa_key), encoding="ascii")
    received, interrupted = asyncio.Event(), asyncio.Event()

    async def answer(_: web.Request) -> web.Response:
        received.set()
        await interrupted.wait()
        return web.json_response({"accepted": 1, "duplicates": 0, "rejected": [], "sequence": 1})

    app = web.Application()
    app.router.add_post("/v1/events", answer)
    async with TestServer(app) as server, asyncio.timeout(60):
        login = ("--key-id", "k", "--key-file", str(tmp_path / "key.pem"))
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "openpositions", "ingest", "-", "--url", str(server.make_url("")), *login),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b'{"type":"cash"}\n')
        await received.wait()
        process.send_signal(signal.SIGINT)
        interrupted.set()

        assert await process.stdout.read() == b"accepted 1, duplicates 0, rejected 0, interrupted after line 1\n"
        assert await process.wait() == 130


def rest_row(trade_id: str, side: str, action: str, price: str, time: str) -> dict[str, object]:
    """A row of the venue's fills read."""
    return {
        "action": action,
        "count_fp": "10.00",
        "created_time": time,
        "fee_cost": "0.010000",
        "fill_id": trade_id,
        "is_taker": True,
        "order_id": "o1",
        f"{side}_price_dollars": price,
        "side": side,
        "subaccount_number": 0,
        "ticker": "RAIN",
        "trade_id": trade_id,
    }


@pytest.mark.parametrize("pages", [True, False])
def test_fills_of_the_rest_api_are_read_oldest_first(tmp_path: Path, *, pages: bool) -> None:
    """Alice buys 10 YES at 0.40, closes them by 10 NO at 0.50 and opens 10 NO at 0.30; the venue lists it backwards."""
    rows = [
        rest_row("t3", "no", "buy", "0.3000", "2026-01-01T00:00:03Z"),
        rest_row("t2", "no", "sell", "0.5000", "2026-01-01T00:00:02Z"),
        rest_row("t1", "yes", "buy", "0.4000", "2026-01-01T00:00:01.5Z"),
    ]
    file = tmp_path / "rows"
    if pages:
        file.write_text(json.dumps({"cursor": "", "fills": rows}, indent=1), encoding="utf-8")
    else:
        write_lines(file, rows)

    done = openpositions("ingest", file, "--data", tmp_path / "data", "--from", "kalshi-rest", "--user", "alice")

    assert done == (0, "accepted 3, duplicates 0, rejected 0\n", "")
    assert position(tmp_path / "data", "RAIN") == ("-10.00", "3.000000")


def test_row_of_the_rest_api_is_rejected_by_its_number(tmp_path: Path) -> None:
    """The others are taken."""
    good = rest_row("t1", "yes", "buy", "0.4000", "2026-01-01T00:00:01Z")
    file = write_lines(tmp_path / "rows", [good, {"trade_id": "t2"}])

    done = openpositions("ingest", file, "--data", tmp_path / "data", "--from", "kalshi-rest", "--user", "alice")

    assert (done.code, done.out) == (1, "accepted 1, duplicates 0, rejected 1\n")
    assert done.err.startswith("line 2: missing_field: ")
