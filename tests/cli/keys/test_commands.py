"""`openpositions keys`."""

import asyncio
import json
import stat
from pathlib import Path

import pytest
from aiohttp import ClientSession, WSMsgType
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from openpositions.cli.keys.add import new_private_file
from openpositions.wire.signing import format_public_key, load_private_key
from tests.acceptance.http import ask
from tests.acceptance.service import Caller, Service
from tests.cli.commands import Done, openpositions, program, write_lines

SOCKET = "/trade-api/ws/v2"
POSITIONS = "/trade-api/v2/portfolio/positions"


def add(data: Path, *more: object) -> Done:
    """Adds a key of alice's."""
    return openpositions("keys", "add", "--data", data, "--user", "alice", *more)


def listed(data: Path) -> list[dict[str, object]]:
    """All keys."""
    done = openpositions("keys", "list", "--data", data, "--json")
    assert done.code == 0, done
    return [json.loads(line) for line in done.out.splitlines()]


async def test_added_key_opens_a_running_service(tmp_path: Path, rsa_key: RSAPrivateKey) -> None:
    """At once, with what is in the file that was written."""
    with Service(tmp_path, rsa_key) as service:
        added = add(service.data, "--out", tmp_path / "alice.pem", "--json").answer
        alice = Caller("alice", added["key_id"], load_private_key((tmp_path / "alice.pem").read_bytes()))

        assert (await ask(service, alice, "GET", POSITIONS)).status == 200
        assert added == {
            "key_id": alice.key_id,
            "user_id": "alice",
            "scopes": ["read"],
            "private_key_file": str(tmp_path / "alice.pem"),
        }


def test_private_key_is_for_its_owner_only(tmp_path: Path) -> None:
    """And no copy of it is in the data directory."""
    add(tmp_path / "data", "--type", "ed25519", "--out", tmp_path / "alice.pem")

    assert stat.S_IMODE((tmp_path / "alice.pem").stat().st_mode) == 0o600
    secret = (tmp_path / "alice.pem").read_bytes().splitlines()[1]
    assert not [path for path in (tmp_path / "data").iterdir() if secret in path.read_bytes()]


def test_private_key_is_named_after_its_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no file is named."""
    monkeypatch.chdir(tmp_path)

    assert add(tmp_path / "data", "--json").answer["private_key_file"] == "alice.pem"


def test_file_that_exists_is_kept(tmp_path: Path) -> None:
    """No key is stored then."""
    (tmp_path / "alice.pem").write_text("precious", encoding="ascii")
    add(tmp_path / "data", "--out", tmp_path / "other.pem")

    refused = add(tmp_path / "data", "--out", tmp_path / "alice.pem")

    assert refused == (
        2,
        "",
        f"openpositions: {tmp_path}/alice.pem exists and is not overwritten; name another file with --out\n",
    )
    assert (tmp_path / "alice.pem").read_text(encoding="ascii") == "precious"
    assert len(listed(tmp_path / "data")) == 1


def test_private_key_of_no_key_is_removed(tmp_path: Path) -> None:
    """When its public half could not be stored."""
    with pytest.raises(InterruptedError), new_private_file(tmp_path / "alice.pem", "secret"):
        raise InterruptedError

    assert not (tmp_path / "alice.pem").exists()


def test_public_key_is_taken(tmp_path: Path, rsa_key: RSAPrivateKey) -> None:
    """No private key is written, and none is named."""
    (tmp_path / "public.pem").write_text(format_public_key(rsa_key.public_key()), encoding="ascii")

    added = add(tmp_path / "data", "--public-key", tmp_path / "public.pem", "--scopes", "ingest,read", "--json").answer

    assert (added["scopes"], added["private_key_file"]) == (["read", "ingest"], None)
    assert {path.name for path in tmp_path.iterdir()} == {"data", "public.pem"}


def test_private_key_is_not_taken_for_a_public_one(tmp_path: Path) -> None:
    """The line says what is wanted."""
    add(tmp_path / "data", "--out", tmp_path / "alice.pem")

    refused = add(tmp_path / "data", "--public-key", tmp_path / "alice.pem")

    assert refused.code == 2
    assert refused.err.startswith("openpositions: public_key is not a public key in PEM form")


async def test_revoking_closes_sockets_of_a_running_service_within_a_second(
    tmp_path: Path, rsa_key: RSAPrivateKey
) -> None:
    """With the code that says not to come back, and the key opens nothing any more."""
    service = Service(tmp_path, rsa_key)
    alice = service.add_key("alice")
    with service:
        async with (
            ClientSession() as session,
            session.ws_connect(service.url + SOCKET, headers=alice.headers("GET", SOCKET)) as socket,
        ):
            closed = asyncio.create_task(socket.receive())
            done = await asyncio.to_thread(openpositions, "keys", "revoke", alice.key_id, "--data", service.data)
            message = await asyncio.wait_for(closed, timeout=1)

        assert done.out == f"revoked {alice.key_id}\n"
        assert (message.type, message.data) == (WSMsgType.CLOSE, 4003)
        assert (await ask(service, alice, "GET", POSITIONS)).status == 401


def test_revoked_key_stays_listed(tmp_path: Path) -> None:
    """With the time when it ended."""
    key_id = add(tmp_path / "data", "--out", tmp_path / "a.pem", "--json").answer["key_id"]

    openpositions("keys", "revoke", key_id, "--data", tmp_path / "data")

    (key,) = listed(tmp_path / "data")
    assert key["key_id"] == key_id
    assert key["revoked_ts_ms"] is not None
    assert key_id in openpositions("keys", "list", "--data", tmp_path / "data").out


def test_revoking_an_unknown_key_fails(tmp_path: Path) -> None:
    """Whatever its id looks like."""
    add(tmp_path / "data", "--out", tmp_path / "a.pem")

    done = openpositions("keys", "revoke", "a/b", "--data", tmp_path / "data")

    assert (done.code, done.err) == (
        1,
        "openpositions: DELETE /v1/keys/a%2Fb was refused with 404: there is no key 'a/b'\n",
    )


def key_line(user: str, public_key: str, **more: object) -> dict[str, object]:
    """A line of an import."""
    return {"user_id": user, "scopes": ["read"], "public_key": public_key, **more}


@pytest.mark.parametrize("from_stdin", [False, True])
def test_import_prints_the_keys_in_order(tmp_path: Path, rsa_key: RSAPrivateKey, *, from_stdin: bool) -> None:
    """More of them than go into one request; blank lines are none."""
    public_key = format_public_key(rsa_key.public_key())
    users = [f"user-{number}" for number in range(1_100)]
    lines = [key_line(user, public_key, subaccount=7) for user in users]
    file = write_lines(tmp_path / "keys.ndjson", [*lines, ""])

    named, stdin = ("-", file.read_bytes()) if from_stdin else (str(file), b"")
    options = ["--json"] if from_stdin else []  # as all that prints results may be asked, this too
    done = program("keys", "import", named, *options, "--data", tmp_path / "data", stdin=stdin)

    imported = [json.loads(line) for line in done.out.splitlines()]
    assert [key["user_id"] for key in imported] == users
    stored = listed(tmp_path / "data")
    assert [key["key_id"] for key in stored] == [key["key_id"] for key in imported]
    assert {key["subaccount"] for key in stored} == {7}


def test_import_with_a_bad_line_stores_nothing(tmp_path: Path, rsa_key: RSAPrivateKey) -> None:
    """However late it comes; the line is named."""
    public_key = format_public_key(rsa_key.public_key())
    lines = [key_line(f"user-{number}", public_key) for number in range(600)]
    file = write_lines(tmp_path / "keys.ndjson", [*lines, key_line("bob", public_key, subacount=7)])
    add(tmp_path / "data", "--out", tmp_path / "a.pem")

    done = openpositions("keys", "import", file, "--data", tmp_path / "data")

    assert (done.code, done.out) == (2, "")
    assert done.err == ("openpositions: line 601: Object contains unknown field `subacount`; nothing was stored\n")
    assert len(listed(tmp_path / "data")) == 1
