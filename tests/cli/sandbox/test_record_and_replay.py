"""`openpositions sandbox record` and `replay`."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from tests.acceptance.service import Service
from tests.cli.commands import openpositions, program
from tests.testing.recording.recordings import SESSION, data, subscribed

LINES = [SESSION, subscribed(0, "fill", 4), data(1_000, 4, "A-1"), data(500_000, 4, "A-2")]


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """A recording of half a second."""
    (tmp_path / "r.ndjson").write_bytes(b"".join(LINES))
    return tmp_path / "r.ndjson"


@contextmanager
def replaying(*arguments: object) -> Iterator[list[Any]]:
    """A replay that runs, and the lines of JSON that it printed; it must end well."""
    process = subprocess.Popen(
        [sys.executable, "-m", "openpositions", "sandbox", "replay", "--json", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    with process, process.stdout as lines:
        try:
            yield [json.loads(next(lines)), json.loads(next(lines))]
            process.terminate()
            assert process.wait(30) == 0
        finally:
            process.kill()


def test_recording_of_a_replay_has_its_frames(recording: Path, tmp_path: Path) -> None:
    """Between two programs, with the key that the replay made."""
    with replaying(recording, "--fast") as (ready, keys):
        (key,) = keys["keys"]
        login = ("--url", ready["ready"], "--key-id", key["key_id"], "--key-file", key["private_key_file"])
        done = program(
            "sandbox", "record", *login, "--channels", "fill", "--frames", 3, "--out", tmp_path / "copy.ndjson"
        )

    assert done.code == 0
    assert done.out.startswith("3 messages received in ")
    lines = [json.loads(line) for line in (tmp_path / "copy.ndjson").read_text(encoding="utf-8").splitlines()]
    assert [line.get("direction", line["kind"]) for line in lines] == ["session", "sent", *["received"] * 3]
    assert [line["data"]["msg"] for line in lines[3:]] == [{"market_ticker": "A-1"}, {"market_ticker": "A-2"}]


def test_keys_of_a_data_directory_are_taken(recording: Path, tmp_path: Path) -> None:
    """So that a program keeps its own; a filter and other params go with the subscribe."""
    key = openpositions(
        "keys", "add", "--data", tmp_path / "data", "--user", "a", "--out", tmp_path / "a.pem", "--json"
    )
    with replaying(recording, "--speed", 1000, "--data", tmp_path / "data") as (ready, keys):
        login = ("--url", ready["ready"], "--key-id", key.answer["key_id"], "--key-file", tmp_path / "a.pem")
        wanted = ("--channels", "fill", "--tickers", "A-2", "--params", '{"extended":true}', "--seconds", 20)
        done = program("sandbox", "record", *login, *wanted, "--frames", 2, "--out", tmp_path / "copy", "--json")

    assert keys["keys"] == []
    assert json.loads(done.out)["frames"] == 2
    _, sent, _, received = (json.loads(line) for line in (tmp_path / "copy").read_text(encoding="utf-8").splitlines())
    assert sent["data"]["params"] == {"channels": ["fill"], "extended": True, "market_tickers": ["A-2"]}
    assert received["data"]["msg"] == {"market_ticker": "A-2"}


@pytest.mark.parametrize(
    ("lines", "arguments", "message"),
    [
        (LINES, ["--fast", "--speed", "2"], "give --fast or --speed, not both"),
        (LINES, ["--session", "2"], "--session 2: r.ndjson holds 1: 1: fill, 2 frames"),
        (LINES, ["--data", "nowhere"], "--data nowhere holds no keys"),
        (LINES * 2, [], "r.ndjson holds 2 connections, say which with --session: 1: fill, 2 frames; 2: fill, 2 fr"),
        (LINES[:1], [], "r.ndjson shows no channel that was subscribed"),
        ([b"{}\n"], [], "r.ndjson, line 1: is no line of a recording"),
    ],
)
def test_what_cannot_be_replayed_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: list[bytes], arguments: list[str], message: str
) -> None:
    """In a line."""
    monkeypatch.chdir(tmp_path)
    Path("r.ndjson").write_bytes(b"".join(lines))

    done = openpositions("sandbox", "replay", "r.ndjson", *arguments)

    assert (done.code, done.out) == (2, "")
    assert message in done.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--out", "there"], "--out there exists and is not overwritten"),
        (["--out", "no/where"], "--out no/where cannot be written: No such file or directory"),
        (["--out", "new", "--params", "[]"], "--params must be a JSON object, not '[]'"),
        (["--out", "new", "--url", "ftp://a"], "--url must begin with http:// or https://"),
    ],
)
def test_what_cannot_be_recorded_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    """In a line."""
    monkeypatch.chdir(tmp_path)
    Path("there").touch()
    openpositions("keys", "add", "--data", "data", "--user", "a", "--type", "ed25519", "--out", "a.pem")
    login = ["--url", "http://127.0.0.1:1", "--key-id", "a", "--key-file", "a.pem"]

    done = openpositions("sandbox", "record", *login, *arguments)

    assert (done.code, done.out) == (2, "")
    assert message in done.err


def test_refused_handshake_leaves_no_file(tmp_path: Path, rsa_key: RSAPrivateKey) -> None:
    """It says why in the words of every other command; the corrected one finds the name free."""
    with Service(tmp_path, rsa_key) as service:
        out = tmp_path / "out.ndjson"
        login = ("--url", service.url, "--key-id", "nobody", "--key-file", service.key_file)
        done = program("sandbox", "record", *login, "--out", out)

    assert (done.code, done.out, out.exists()) == (1, "", False)
    assert done.err == (
        "openpositions: GET /trade-api/ws/v2 was refused with 401: authentication_error (NOT_FOUND); "
        "the service knows no such key id; it may have been revoked\n"
    )


def test_refused_subscribe_leaves_no_file(tmp_path: Path, rsa_key: RSAPrivateKey) -> None:
    """The options that asked for it are named, with their values."""
    service = Service(tmp_path, rsa_key)
    alice = service.add_key("alice")
    with service:
        out = tmp_path / "out.ndjson"
        login = ("--url", service.url, "--key-id", alice.key_id, "--key-file", service.key_file)
        done = program("sandbox", "record", *login, "--channels", "nope", "--tickers", "A-1", "--out", out)

    assert (done.code, done.out, out.exists()) == (2, "", False)
    assert done.err == ("openpositions: --channels nope --tickers A-1 was refused with error 8: Unknown channel name\n")


def test_recording_needs_a_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No default says which."""
    monkeypatch.delenv("OPENPOSITIONS_URL", raising=False)

    done = openpositions("sandbox", "record", "--out", tmp_path / "new")

    assert done.code == 2
    assert "give --url: it says what is recorded" in done.err
