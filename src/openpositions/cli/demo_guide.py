"""What `openpositions demo` prints once it runs: what to do next, in lines to copy."""

from __future__ import annotations

import sys
from pathlib import Path
from string import Template
from typing import NamedTuple

_GUIDE = Template("""
A simulated market trades. Two of its users have a key, $first_user trades most of all:

  $first_user's key id   $first_key_id
      private key   $first_file
  $second_user's key id     $second_key_id
      private key   $second_file

What $first_user holds now:

  $command positions --data $data --user $first_user
  $command positions --url $url --key-id $first_key_id --key-file $first_file

The same as a table that changes with them, in another terminal:

  $command watch --data $data --user $first_user

Whether every number is right:

  $command verify --data $data

A client that prints each change of $first_user's positions; save it and run it with $python:

import asyncio, time, aiohttp
from openpositions.wire.signing import load_private_key, sign, signed_text

async def main():
    path, timestamp = "/trade-api/ws/v2", str(time.time_ns() // 1_000_000)
    private_key = load_private_key(open("$first_file").read())
    signature = sign(private_key, signed_text(timestamp, "GET", path))
    headers = {"KALSHI-ACCESS-KEY": "$first_key_id", "KALSHI-ACCESS-TIMESTAMP": timestamp}
    headers["KALSHI-ACCESS-SIGNATURE"] = signature
    async with aiohttp.ClientSession() as session, session.ws_connect("$url" + path, headers=headers) as ws:
        await ws.send_json({"id": 1, "cmd": "subscribe", "params": {"channels": ["market_positions"]}})
        async for message in ws:
            print(message.data)

asyncio.run(main())

Control-C ends the demo.""")


class DemoKey(NamedTuple):
    """A key that was made for the demo."""

    user: str
    key_id: str
    file: Path


def print_guide(url: str, data: Path, first: DemoKey, second: DemoKey) -> None:
    """Prints it on stdout."""
    print(
        _GUIDE.substitute(
            url=url,
            data=data,
            command=_this_command(),
            python=sys.executable,
            first_user=first.user,
            first_key_id=first.key_id,
            first_file=first.file,
            second_user=second.user,
            second_key_id=second.key_id,
            second_file=second.file,
        ),
        flush=True,
    )


def _this_command() -> str:
    """How this program was called, so that the lines work where they are pasted."""
    called_as = sys.argv[0]
    return called_as if Path(called_as).name == "openpositions" else f"{sys.executable} -m openpositions"
