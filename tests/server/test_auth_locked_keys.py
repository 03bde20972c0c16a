"""What a key that is locked to a subaccount sees of what only administrators see: nothing (protocol, 3).

No such key is made any more, but one may have been.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from openpositions.server.routes.operations import OPERATIONS
from openpositions.server.sandbox.faults import Faults
from tests.acceptance.http import ask
from tests.acceptance.service import Caller
from tests.events import bought_yes
from tests.server.live import Live, live


def locked_administrator(service: Live, subaccount: int) -> Caller:
    """Alice, with a key of before."""
    caller = service.caller("alice", "read", "admin")
    with closing(sqlite3.connect(service.service.settings.data / "keys.db")) as keys, keys:
        keys.execute("UPDATE keys SET subaccount = ? WHERE key_id = ?", (subaccount, caller.key_id))
    return caller


async def test_locked_key_is_no_administrators(tmp_path: Path, rsa_key: RSAPrivateKey) -> None:
    """403 on every path for administrators: it could read others' rows, or make itself a key that is not locked."""
    places = [place for place, operation in OPERATIONS.items() if operation.scope == "admin"]
    async with live(tmp_path, rsa_key, faults=Faults()) as service:
        locked = locked_administrator(service, 2)
        answers = {
            place: await ask(service, locked, place.method, place.path.replace("{key_id}", locked.key_id), b"{}")
            for place in places
        }

    assert {(place.method, place.path) for place in places} >= {("GET", "/v1/rows"), ("POST", "/v1/keys")}
    assert {place: (answer.status, answer.content) for place, answer in answers.items()} == dict.fromkeys(
        places,
        (
            403,
            {"error": {"code": "forbidden", "message": "this is out of reach: this key sees subaccount 2 only"}},
        ),
    )


async def test_row_of_another_user_is_out_of_reach_of_a_locked_key(tmp_path: Path, rsa_key: RSAPrivateKey) -> None:
    """Whoever is locked to no subaccount reads it."""
    async with live(tmp_path, rsa_key) as service:
        await service.service.pipeline.submit([bought_yes("t1", user="bob")])
        answers = [
            await ask(service, caller, "GET", "/v1/rows", user_id="bob", market_ticker="RAIN")
            for caller in (service.caller("alice", "admin"), locked_administrator(service, 0))
        ]

    assert [answer.status for answer in answers] == [200, 403]
    assert b"position" not in answers[1].body
