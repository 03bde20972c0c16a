"""`openpositions sandbox record`: what a service sends, written down."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import msgspec
import typer

from openpositions import loops
from openpositions.cli.options import AsJson, KeyFile, KeyId, Url
from openpositions.cli.target import Remote, choose_target
from openpositions.errors import Misconfigured
from openpositions.testing.recording import Login, Recorded, record

if TYPE_CHECKING:
    from openpositions.testing.recording.recorder import Commands

EXAMPLE = (
    "Example: openpositions sandbox record --url http://127.0.0.1:8080 --key-id ID --key-file alice.pem --out a.ndjson"
)

_MOST_FRAMES = 1_000_000


def command(
    out: Annotated[Path, typer.Option(help="The recording; a file that is there is not overwritten.", metavar="FILE")],
    url: Url = None,
    key_id: KeyId = None,
    key_file: KeyFile = None,
    channels: Annotated[str, typer.Option(help="Channels to subscribe, separated by commas.")] = "market_positions",
    tickers: Annotated[str, typer.Option(help="Markets, separated by commas; all by default.")] = "",
    params: Annotated[str, typer.Option(help="More of the subscribe, as JSON.", metavar="JSON")] = "{}",
    wire: Annotated[str | None, typer.Option(help="Dialect: 2025, 2026 or both.")] = None,
    seconds: Annotated[float | None, typer.Option(help="Stop after so long.", min=0)] = None,
    frames: Annotated[
        int, typer.Option(help="Stop after so many received messages.", min=1, max=_MOST_FRAMES)
    ] = _MOST_FRAMES,
    as_json: AsJson = False,
) -> None:
    """Record a connection: every message sent and received, with its time, one a line.

    Stops when the service closes, after --seconds or --frames, or on Control-C. Works against the venue too.
    """
    url = url or os.environ.get("OPENPOSITIONS_URL")
    target = choose_target(None, url, key_id, key_file) if url else None
    if not isinstance(target, Remote):
        raise Misconfigured("give --url: it says what is recorded")
    subscribe = {"id": 1, "cmd": "subscribe", "params": _params(channels, tickers, params)}
    try:
        file = out.open("xb", buffering=0)
    except FileExistsError:
        raise Misconfigured(f"--out {out} exists and is not overwritten") from None
    except OSError as error:
        raise Misconfigured(f"--out {out} cannot be written: {error.strerror}") from None
    with file:
        recorded = loops.run(_record(Login(target.url, *target.credentials), [subscribe], file, frames, seconds, wire))
    if as_json:
        print(msgspec.json.encode(recorded._asdict()).decode())
    else:
        print(f"{recorded.frames} messages received in {recorded.seconds:.1f} s, in {out}")


def _params(channels: str, tickers: str, more: str) -> dict[str, Any]:
    try:
        stated = msgspec.json.decode(more, type=dict[str, Any])
    except msgspec.MsgspecError as error:
        raise Misconfigured(f"--params must be a JSON object, not {more[:80]!r}: {error}") from None
    params = {"channels": _listed(channels)} | stated
    return params | {"market_tickers": _listed(tickers)} if tickers else params


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


async def _record(
    login: Login, commands: Commands, file: BinaryIO, frames: int, seconds: float | None, wire: str | None
) -> Recorded:
    """Records until it ends, or is to end."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return await record(login, commands, file, stop=stop, most_frames=frames, seconds=seconds, wire=wire)
