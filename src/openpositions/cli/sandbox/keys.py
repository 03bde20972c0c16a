"""The keys of those whom a scenario names."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import msgspec

from openpositions.cli.keys.add import Added, new_private_file
from openpositions.client.requests import ask
from openpositions.wire.signing import format_private_key, format_public_key, generate_key, load_private_key

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from aiohttp import ClientSession

    from openpositions.wire.signing import PrivateKey

KEY_FILE = "sandbox-key.pem"


async def make_keys(session: ClientSession, users: Iterable[str], folder: Path) -> list[Added]:
    """A key with the scope read for each user; the private half, in a file of the folder, is the same for all.

    A file of an earlier run is used again. Raises Misconfigured and RequestFailed.
    """
    file = folder / KEY_FILE
    private_key = await asyncio.to_thread(_private_key, folder)
    public_key = format_public_key(private_key.public_key())
    keys: list[Added] = []
    for user in users:
        wanted: dict[str, Any] = {"user_id": user, "scopes": ["read"], "public_key": public_key}
        key = await ask(session, "POST", "/v1/keys", Added, body=msgspec.json.encode(wanted))
        key.private_key_file = str(file)
        keys.append(key)
    return keys


def _private_key(folder: Path) -> PrivateKey:
    file = folder / KEY_FILE
    if file.exists():
        return load_private_key(file.read_bytes())
    folder.mkdir(parents=True, exist_ok=True)
    private_key = generate_key("rsa")
    with new_private_file(file, format_private_key(private_key)):
        return private_key
