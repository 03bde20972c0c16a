"""`openpositions sandbox`: playing scenarios from the command line."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from openpositions.testing.sandbox_server import SandboxServer
from openpositions.testing.scenario import shipped_names
from openpositions.wire.signing import PrivateKey, load_private_key
from tests.acceptance.service import Caller
from tests.acceptance.websocket import PATH
from tests.cli.commands import openpositions, program

WRONG = """\
scenario: wrong
steps:
  - fill: {user: alice, ticker: A-1, price: 0.40, count: 10}
  - expect:
      - {user: alice, ticker: A-1, position: 10, cost: 5}
"""


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    """A scenario that expects another cost."""
    (tmp_path / "wrong.yaml").write_text(WRONG, encoding="utf-8")
    return tmp_path / "wrong.yaml"


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    """A sandbox that runs."""
    with SandboxServer() as one:
        yield one


async def listen(url: str, key: dict[str, str], private_key: PrivateKey) -> list[dict[str, Any]]:
    """All frames that the user of a key is sent, from the first subscription until the service ends."""
    caller = Caller(key["user_id"], key["key_id"], private_key)
    headers = caller.headers("GET", PATH)
    async with ClientSession(url) as session, session.ws_connect(f"{PATH}?wire=2025", headers=headers) as ws:
        await ws.send_json({"id": 1, "cmd": "subscribe", "params": {"channels": ["market_positions"]}})
        return [json.loads(message.data) async for message in ws]


def play_to(server: SandboxServer, *arguments: object) -> Any:  # noqa: ANN401 - JSON
    """The last line that a play to a running sandbox prints, and the exit code."""
    key = server.key("director", scopes=("ingest", "admin"))
    target = ("--url", server.url, "--key-id", key.key_id, "--key-file", key.private_key_file)
    done = openpositions("sandbox", "run", *arguments, *target, "--virtual", "--json")
    return json.loads(done.out.splitlines()[-1]) | {"code": done.code}


@pytest.mark.parametrize("name", shipped_names())
def test_shipped_scenario_ends_as_expected(server: SandboxServer, name: str) -> None:
    """Every row, exactly."""
    played = play_to(server, name)

    assert (played["code"], played["outcome"]["differences"]) == (0, [])
    assert played["outcome"]["rows"] >= 2


def test_second_play_to_the_same_service_says_what_is_wrong(server: SandboxServer) -> None:
    """Identities hold for ever."""
    play_to(server, "void")
    played = play_to(server, "void")

    assert played["code"] == 1
    assert played["outcome"]["differences"][0]["actual"] == "2 duplicate"


def test_service_of_its_own_says_ready_and_who_may_connect(tmp_path: Path) -> None:
    """The key of each user, and where the private half went."""
    done = program("sandbox", "run", "flips", "--virtual", "--data", tmp_path / "data")

    lines = done.out.splitlines()
    assert done.code == 0
    assert lines[0].startswith("ready http://127.0.0.1:")
    assert [line.split()[:3] for line in lines[1:3]] == [["key", "of", "alice"], ["key", "of", "bob"]]
    assert lines[1].endswith(f"private key {tmp_path / 'data' / 'sandbox-key.pem'}")
    assert lines[3] == "flips: 6 events played, 4 rows compared, as expected"


def test_difference_is_shown_and_fails(wrong: Path) -> None:
    """Line, row, field, what was expected and what is there."""
    done = program("sandbox", "run", wrong, "--virtual")

    assert done.code == 1
    assert done.out.splitlines()[-2].split() == ["5", "alice", "A-1", "cost", "5.0000", "4.0000"]
    assert done.out.splitlines()[-1] == "wrong: 1 events played, 1 rows compared, 1 differences"


def test_json_is_a_line_for_each_thing_to_know(wrong: Path) -> None:
    """And nothing else is on stdout."""
    done = program("sandbox", "run", wrong, "--virtual", "--json")

    ready, keys, outcome = (json.loads(line) for line in done.out.splitlines())
    assert ready["ready"].startswith("http://127.0.0.1:")
    assert [key["user_id"] for key in keys["keys"]] == ["alice"]
    assert outcome["outcome"] == {
        "scenario": "wrong",
        "events": 1,
        "rows": 1,
        "differences": [{"line": 5, "subject": "alice A-1", "field": "cost", "expected": "5.0000", "actual": "4.0000"}],
        "difference_count": 1,
    }


def test_data_can_be_looked_at_afterwards(tmp_path: Path) -> None:
    """The journal of a play is one like any other."""
    program("sandbox", "run", "void", "--virtual", "--data", tmp_path / "data")

    assert openpositions("verify", "--data", tmp_path / "data", "--json").answer["difference_count"] == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nonesuch"], "there is no scenario 'nonesuch'; there are burst, bust, flips"),
        (["nonesuch.yaml"], "nonesuch.yaml cannot be read: No such file or directory"),
        (["flips", "--virtual", "--speed", "2"], "give --virtual or --speed, not both"),
        (["flips", "--url", "http://127.0.0.1:1", "--keep"], "are for a service of its own, not for --url"),
    ],
)
def test_wrong_use_is_said(arguments: list[str], message: str) -> None:
    """In a line."""
    done = openpositions("sandbox", "run", *arguments)

    assert done.code == 2
    assert message in done.err


def test_wrong_file_is_refused_before_anything_starts(tmp_path: Path) -> None:
    """By check as by run."""
    (tmp_path / "a.yaml").write_text("scenario: a\nsteps:\n  - fil: {}\n", encoding="utf-8")

    for verb in ("check", "run"):
        done = openpositions("sandbox", verb, tmp_path / "a.yaml")
        assert (done.code, done.out) == (2, "")
        assert "a.yaml, line 3: steps[0].fil is no field here" in done.err


def test_check_tells_what_a_scenario_holds() -> None:
    """Of a shipped one too."""
    assert openpositions("sandbox", "check", "burst").out == "burst: 5 steps, 4401 events, 4 expected rows, 2.49 s\n"
    assert openpositions("sandbox", "check", "burst", "--json").answer["users"] == ["alice", "bob"]


def test_list_names_what_is_shipped() -> None:
    """With what each is about."""
    listed = openpositions("sandbox", "list", "--json").answer

    assert [one["scenario"] for one in listed] == shipped_names()
    assert all(one["about"] for one in listed)
    assert openpositions("sandbox", "list").out.splitlines()[1].startswith("burst ")


def test_schema_is_printed() -> None:
    """As JSON."""
    assert openpositions("sandbox", "schema").answer["title"] == "openpositions scenario"


def test_play_begins_when_the_program_under_test_has_connected(tmp_path: Path) -> None:
    """It hears of everything, although it needs a while to start; the service ends by itself."""
    command = ["sandbox", "run", "flips", "--virtual", "--wait-for", "1", "--data", tmp_path / "data", "--json"]
    process = subprocess.Popen(
        [sys.executable, "-m", "openpositions", *map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    with process, process.stdout as lines:
        ready, keys = json.loads(next(lines)), json.loads(next(lines))
        private_key = load_private_key((tmp_path / "data" / "sandbox-key.pem").read_bytes())
        frames = asyncio.run(listen(ready["ready"], keys["keys"][0], private_key))
        outcome = json.loads(next(lines))

    assert outcome["outcome"]["difference_count"] == 0
    assert [frame["msg"]["position"] for frame in frames if frame["type"] == "market_position"] == [10, -15, 5]


def test_restart_in_a_scenario_is_played_through(tmp_path: Path) -> None:
    """On the same port, and whoever started the program reads `ready` once."""
    (tmp_path / "a.yaml").write_text(
        "scenario: a\nsteps:\n"
        "  - fill: {user: alice, ticker: A-1, price: 0.40, count: 10}\n"
        "  - fault: {fault: restart}\n"
        "  - expect: [{user: alice, ticker: A-1, position: 10}]\n",
        encoding="utf-8",
    )

    done = program("sandbox", "run", tmp_path / "a.yaml", "--virtual", "--json")

    assert [list(json.loads(line)) for line in done.out.splitlines()] == [["ready"], ["keys"], ["outcome"]]
    assert done.code == 0


def test_keys_are_made_at_a_running_service_where_that_is_asked_for(server: SandboxServer, tmp_path: Path) -> None:
    """The private key is the same for all, and for a second run."""
    key = server.key("director", scopes=("ingest", "admin"))
    target = ("--url", server.url, "--key-id", key.key_id, "--key-file", key.private_key_file)
    (tmp_path / "a.yaml").write_text(
        "scenario: keys\nsteps: [{trade: {buyer: a, seller: b, ticker: A-1, price: 0.40, count: 1}}]", encoding="utf-8"
    )
    runs = [
        openpositions("sandbox", "run", tmp_path / "a.yaml", *target, "--keys", tmp_path / "keys", "--json")
        for _ in range(2)
    ]

    made = [one for done in runs for one in json.loads(done.out.splitlines()[0])["keys"]]
    assert [one["user_id"] for one in made] == ["a", "b", "a", "b"]
    assert {one["private_key_file"] for one in made} == {str(tmp_path / "keys" / "sandbox-key.pem")}
    assert len({one["key_id"] for one in made}) == 4
    assert (tmp_path / "keys" / "sandbox-key.pem").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("step", "arguments", "lines", "code"),
    [
        pytest.param("{cash: {user: a, amount: 1}}", ["--keep"], 3, 0, id="served on after the play"),
        pytest.param("{at_ms: 600000, cash: {user: a, amount: 1}}", [], 2, 130, id="in the middle of the play"),
    ],
)
def test_service_ends_when_it_is_told_to(
    tmp_path: Path, step: str, arguments: list[str], lines: int, code: int
) -> None:
    """The exit code says whether the play was over."""
    (tmp_path / "a.yaml").write_text(f"scenario: a\nsteps: [{step}]", encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "openpositions", "sandbox", "run", tmp_path / "a.yaml", "--json", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    with process, process.stdout as printed:
        for _ in range(lines):
            assert next(printed)
        process.terminate()

        assert (process.wait(30), list(printed)) == (code, [])
