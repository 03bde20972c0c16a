"""`openpositions watch`, but for the screen."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.acceptance.http import feed, fill, settlement
from tests.acceptance.service import Service
from tests.cli.commands import openpositions

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

PATIENCE_SECONDS = 60


def mark(ticker: str, price: str) -> dict[str, Any]:
    """A price of a market."""
    return {"type": "ticker", "msg": {"market_ticker": ticker, "price_dollars": price}}


@pytest.fixture
def service(tmp_path: Path, rsa_key: RSAPrivateKey) -> Iterator[Service]:
    """A running service."""
    service = Service(tmp_path, rsa_key)
    service.add_key("alice")
    with service:
        yield service


class Lines:
    """A running `openpositions watch --json`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def next(self) -> Any:  # noqa: ANN401 - JSON
        """The next line, decoded."""
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE_SECONDS):
            return json.loads(await self.process.stdout.readline())

    async def until(self, **expected: object) -> Any:  # noqa: ANN401 - JSON
        """The next line in which these are so."""
        while (line := await self.next()) | expected != line:
            pass
        return line

    async def ended(self) -> tuple[int | None, str]:
        """Its exit code and what it complained about, when it has ended by itself."""
        assert self.process.stderr is not None
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await self.process.wait(), (await self.process.stderr.read()).decode()


@asynccontextmanager
async def lines(*arguments: object) -> AsyncIterator[Lines]:
    """The lines of a command, which is killed in the end where it has not ended."""
    pipe = asyncio.subprocess.PIPE
    command = (sys.executable, "-m", "openpositions", "watch", "--json", *map(str, arguments))
    process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe)
    try:
        yield Lines(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def network(service: Service, user: str = "alice") -> tuple[object, ...]:
    """The flags of a command that asks over the network."""
    return "--url", service.url, "--key-id", service.callers[user].key_id, "--key-file", service.key_file


async def test_one_look(service: Service) -> None:
    """By the data directory and over the network: the same table, whole, wherever it goes."""
    await feed(service, fill("t1", "alice", "RAIN", price="0.4000", fee="0.1700"), fill("t2", "bob", "SUN"))
    await feed(service, mark("RAIN", "0.6000"))
    by_directory = openpositions("watch", "--once", "--data", service.data, "--user", "alice")
    by_network = openpositions("watch", "--once", *network(service))

    where, as_of, _, *table = by_directory.out.splitlines()
    assert (by_directory.code, where) == (0, f"connected to {service.data} as alice")
    assert as_of.startswith("as of sequence 3 · last change ")
    assert [line.split()[:6] for line in table] == [
        ["market", "position", "exposure", "mark", "unrealized", "realized"],
        ["RAIN", "10.00", "4.0000", "0.6000", "2.0000", "0.0000"],
        ["total,", "1", "open", "4.0000", "2.0000", "0.0000"],
    ]
    assert by_network.out.splitlines()[0] == f"connected to {service.url}"
    assert by_network.out.splitlines()[3:] == by_directory.out.splitlines()[3:]


async def test_one_line(service: Service) -> None:
    """Of the markets that are wanted, in the order that is wanted."""
    await feed(
        service, *(fill(f"t{n}", "alice", f"RAIN-{n}", count=f"{n}.00") for n in (1, 2, 3)), fill("t", "alice", "SUN")
    )
    done = openpositions(
        "watch",
        "--once",
        "--json",
        *network(service),
        "--ticker",
        "RAIN-[12]",
        "--ticker",
        "RAIN-3",
        "--sort",
        "position",
    )

    assert [position["market_ticker"] for position in done.answer["positions"]] == ["RAIN-3", "RAIN-2", "RAIN-1"]
    assert done.answer["totals"]["open_markets"] == 4


async def test_changes_as_lines(service: Service) -> None:
    """A fill, a mark and a settlement, each as soon as it happens; Control-C ends it as it should."""
    async with lines("--data", service.data, "--user", "alice") as told:
        assert (await told.next())["positions"] == []
        await feed(service, fill("t1", "alice", "RAIN", price="0.4000"))
        (position,) = (await told.next())["positions"]
        assert (position["position_fp"], position["mark_price_dollars"]) == ("10.00", None)
        await feed(service, mark("RAIN", "0.6000"))
        (position,) = (await told.next())["positions"]
        assert (position["mark_price_dollars"], position["unrealized_pnl_dollars"]) == ("0.6000", "2.0000")
        await feed(service, settlement("RAIN", "yes"))
        line = await told.next()
        assert (line["positions"][0]["position_fp"], line["totals"]["realized_pnl_dollars"]) == ("0.00", "6.0000")
        told.process.send_signal(signal.SIGINT)
        assert await told.ended() == (0, "")


async def test_restart_of_the_service(service: Service) -> None:
    """A line says that all is stale, another one that it is not any more, and what came between is told."""
    await feed(service, fill("t1", "alice", "RAIN"))
    async with lines("--data", service.data, "--user", "alice") as told:
        assert (await told.next())["stale_since"] is None
        service.kill()
        lost = await told.next()
        assert (lost["connection"], lost["positions"]) == ("reconnecting", [])
        assert lost["stale_since"] <= lost["observed"]
        service.start()
        await feed(service, fill("t2", "alice", "RAIN"))
        await told.until(connection="connected", stale_since=None, sequence=2)


async def test_reader_goes_away(service: Service) -> None:
    """The command ends, without a word, although nothing happens."""
    async with lines("--data", service.data, "--user", "alice") as told:
        await told.next()
        told.process._transport.get_pipe_transport(1).close()  # type: ignore[attr-defined]  # noqa: SLF001 - no public call closes a pipe
        assert await told.ended() == (0, "")


async def test_key_that_is_revoked(service: Service) -> None:
    """The last line says that it has ended, and the error why."""
    async with lines(*network(service)) as told:
        await told.next()
        openpositions("keys", "revoke", service.callers["alice"].key_id, "--data", service.data)
        last = await told.next()
        code, complaint = await told.ended()

    assert last["connection"] == "ended"
    assert (code, complaint) == (
        1,
        "openpositions: the service closed the connection for good: the key was revoked\n",
    )


def test_no_service_on_the_directory(tmp_path: Path) -> None:
    """A table of what nobody changes is no watching: the command that shows it is another one."""
    done = openpositions("watch", "--data", tmp_path, "--user", "alice", "--once")

    assert done.code == 2
    assert done.err.startswith(
        f"openpositions: no service runs on --data {tmp_path}; start one with `openpositions serve "
    )


def test_service_that_does_not_answer(tmp_path: Path, rsa_key: RSAPrivateKey) -> None:
    """As for every other command."""
    service = Service(tmp_path, rsa_key)
    service.url = "http://127.0.0.1:1"
    done = openpositions("watch", "--once", *network(service, "feeder"))

    assert done.code == 1
    assert done.err.startswith("openpositions: no answer to GET /trade-api/ws/v2: ")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ((), "watch needs a terminal; add --json for lines, or --once for one table"),
        (
            ("--once", "--sort", "size"),
            "--sort must be one of ticker, position, exposure, unrealized, realized, fees, age",
        ),
        (("--once", "--url", "http://x"), "give --data or --url, not both"),
    ],
)
def test_wrong_use(tmp_path: Path, arguments: tuple[str, ...], complaint: str) -> None:
    """One line says what to do."""
    done = openpositions("watch", "--data", tmp_path, "--user", "alice", *arguments)

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"openpositions: {complaint}")
