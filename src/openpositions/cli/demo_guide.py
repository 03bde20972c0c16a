"""What `openpositions demo` prints once it runs: what to do next, in lines to copy."""

from __future__ import annotations

import sys
from pathlib import Path
from string import Template
from typing import NamedTuple

_GUIDE = Template("""
A simulated market trades. A page that shows what $first_user holds, for a browser$where:

  $link

Two of its users have a key, $first_user trades most of all:

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

A program that you have for the venue needs no more than another address and this key:

  $url/trade-api/v2
  $socket_url/trade-api/ws/v2

One that prints each change of $first_user's positions; save it and run it with $python:

from openpositions.sync import Client

with Client("$url", "$first_key_id", "$first_file") as client:
    for row in client.positions():
        print(row.time, row.market_ticker, row.position, row.realized_pnl)

Control-C ends the demo.""")


class DemoKey(NamedTuple):
    """A key that was made for the demo."""

    user: str
    key_id: str
    file: Path


def print_guide(url: str, data: Path, first: DemoKey, second: DemoKey, link: str) -> None:
    """Prints it on stdout. `link` is that of the dashboard, with a key in it or without."""
    print(
        _GUIDE.substitute(
            url=url,
            link=link,
            where=" on this machine" if "#" in link else ", which asks for one of the keys below",
            socket_url=url.replace("http", "ws", 1),
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
