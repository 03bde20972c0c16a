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
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from openpositions.testing.scenario import shipped_names
from openpositions.wire.signing import PrivateKey, load_private_key
from tests.acceptance.service import Caller, Service
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
def service(tmp_path_factory: pytest.TempPathFactory, rsa_key: RSAPrivateKey) -> Iterator[Service]:
    """A service that runs, and a key that may feed it and see its rows."""
    one = Service(tmp_path_factory.mktemp("service"), rsa_key)
    one.add_key("director", scopes=frozenset({"ingest", "admin"}))
    with one:
        yield one


async def listen(url: str, key: dict[str, str], private_key: PrivateKey) -> list[dict[str, Any]]:
    """All frames that the user of a key is sent, from the first subscription until the service ends."""
    caller = Caller(key["user_id"], key["key_id"], private_key)
    headers = caller.headers("GET", PATH)
    async with ClientSession(url) as session, session.ws_connect(f"{PATH}?wire=2025", headers=headers) as ws:
        await ws.send_json({"id": 1, "cmd": "subscribe", "params": {"channels": ["market_positions"]}})
        return [json.loads(message.data) async for message in ws]


def play_to(service: Service, *arguments: object) -> Any:  # noqa: ANN401 - JSON
    """The last line that a play to a running service prints."""
    key = service.callers["director"].key_id
    target = ("--url", service.url, "--key-id", key, "--key-file", service.key_file)
    done = openpositions("sandbox", "run", *arguments, *target, "--virtual", "--json")
    return json.loads(done.out.splitlines()[-1]) | {"code": done.code}


@pytest.mark.parametrize("name", shipped_names())
def test_shipped_scenario_ends_as_expected(service: Service, name: str) -> None:
    """Every row, exactly."""
    played = play_to(service, name)

    assert (played["code"], played["outcome"]["differences"]) == (0, [])
    assert played["outcome"]["rows"] >= 3


def test_second_play_to_the_same_service_says_what_is_wrong(service: Service) -> None:
    """Identities hold for ever."""
    play_to(service, "void")
    played = play_to(service, "void")

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
