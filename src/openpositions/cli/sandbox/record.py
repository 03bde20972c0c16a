"""`openpositions sandbox record`: what a service sends, written down."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
from contextlib import closing
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from openpositions import loops
from openpositions.cli.options import AsJson, KeyFile, KeyId, Url, refuse_empty
from openpositions.cli.target import Remote, choose_target
from openpositions.errors import Misconfigured, SubscriptionRefused
from openpositions.testing.recording import Login, Recorded, record

if TYPE_CHECKING:
    from openpositions.testing.recording.recorder import Commands

EXAMPLE = (
    "Example: openpositions sandbox record --url http://127.0.0.1:8080 --key-id ID --key-file alice.pem --out a.ndjson"
)

_MOST_FRAMES = 1_000_000
_NOTHING_MORE = "{}"


def command(
    out: Annotated[Path, typer.Option(help="The recording; a file that is there is not overwritten.", metavar="FILE")],
    url: Url = None,
    key_id: KeyId = None,
    key_file: KeyFile = None,
    channels: Annotated[str, typer.Option(help="Channels to subscribe, separated by commas.")] = "market_positions",
    tickers: Annotated[str | None, typer.Option(help="Markets, separated by commas; all by default.")] = None,
    params: Annotated[str, typer.Option(help="More of the subscribe, as JSON.", metavar="JSON")] = _NOTHING_MORE,
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
    refuse_empty("--tickers", tickers)
    subscribe = {"id": 1, "cmd": "subscribe", "params": _params(channels, tickers, params)}
    login = Login(target.url, *target.credentials)
    with closing(_NewFile(out)) as file:
        try:
            recorded = loops.run(_record(login, [subscribe], file, frames, seconds, wire))
        except SubscriptionRefused as error:
            out.unlink(missing_ok=True)  # so that the same command can be given again when it is right
            asked = f"--channels {channels}" + (f" --tickers {tickers}" if tickers else "")
            asked += "" if params == _NOTHING_MORE else f" --params {params}"
            raise Misconfigured(f"{asked} was {error}") from None
    if as_json:
        print(msgspec.json.encode(recorded._asdict()).decode())
    else:
        print(f"{recorded.frames} messages received in {recorded.seconds:.1f} s, in {out}")


class _NewFile:
    """A file that is made when something is written to it: a recorder who cannot connect leaves none."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: FileIO | None = None
        if path.exists():
            raise self._there_already()
        if not path.parent.is_dir():
            raise self._not_writable(os.strerror(errno.ENOENT))

    def write(self, content: bytes) -> int:
        """How many bytes of it were written."""
        if self._file is None:
            try:
                self._file = FileIO(self._path, "x")
            except FileExistsError:
                raise self._there_already() from None
            except OSError as error:
                raise self._not_writable(str(error.strerror)) from None
        return self._file.write(content)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def _there_already(self) -> Misconfigured:
        return Misconfigured(f"--out {self._path} exists and is not overwritten")

    def _not_writable(self, reason: str) -> Misconfigured:
        return Misconfigured(f"--out {self._path} cannot be written: {reason}")


def _params(channels: str, tickers: str | None, more: str) -> dict[str, Any]:
    try:
        stated = msgspec.json.decode(more, type=dict[str, Any])
    except msgspec.MsgspecError as error:
        raise Misconfigured(f"--params must be a JSON object, not {more[:80]!r}: {error}") from None
    params = {"channels": _listed(channels)} | stated
    return params | {"market_tickers": _listed(tickers)} if tickers else params


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


async def _record(
    login: Login, commands: Commands, file: _NewFile, frames: int, seconds: float | None, wire: str | None
) -> Recorded:
    """Records until it ends, or is to end."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return await record(login, commands, file, stop=stop, most_frames=frames, seconds=seconds, wire=wire)
