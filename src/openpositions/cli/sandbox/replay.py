"""`openpositions sandbox replay`: a recording, served."""

from __future__ import annotations

import asyncio
import signal
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from openpositions import loops
from openpositions.cli.keys.add import Added, new_private_file
from openpositions.cli.logs import log_to_stderr
from openpositions.cli.options import AsJson
from openpositions.cli.sandbox.report import Reporter
from openpositions.errors import Misconfigured
from openpositions.server.keys import KeyStore, NewKey
from openpositions.server.service import now_ms
from openpositions.testing.recording import Replay, load_recording
from openpositions.wire.signing import format_private_key, format_public_key, generate_key

if TYPE_CHECKING:
    from openpositions.testing.recording import RecordedSession

EXAMPLE = "Example: openpositions sandbox replay a.ndjson --speed 10"

_HOST = "127.0.0.1"
_KEY_FILE = "replay-key.pem"


def command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A recording.")],
    speed: Annotated[float | None, typer.Option(help="How many times as fast.", min=0.001, max=1000)] = None,
    fast: Annotated[bool, typer.Option("--fast", help="As fast as it is read.")] = False,
    session: Annotated[
        int | None, typer.Option(help="Which connection of the recording, from 1; needed when it holds several.", min=1)
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="Take the keys of this data directory, instead of making one.", metavar="DIR")
    ] = None,
    port: Annotated[int, typer.Option(help="Port to listen on; 0 picks a free one.", min=0, max=65535)] = 0,
    as_json: AsJson = False,
) -> None:
    """Serve a recording, on loopback, to clients that sign and subscribe as to the service.

    Prints `ready URL` and a key that may connect. Every connection hears each channel from the start when it subscribes
    to it, with the timing of the recording. Runs until Control-C.
    """
    if fast and speed is not None:
        raise Misconfigured("give --fast or --speed, not both")
    chosen = _choose(load_recording(file), session, file)
    reporter = Reporter(as_json=as_json)
    log_to_stderr()
    with ExitStack() as stack:
        folder = Path(data or stack.enter_context(TemporaryDirectory(prefix="openpositions-replay-")))
        if data is not None and not (data / "keys.db").exists():
            raise Misconfigured(f"--data {data} holds no keys; make one with `openpositions keys add`")
        keys = KeyStore(folder / "keys.db", now_ms)
        stack.callback(keys.close)
        made = [] if data else [_make_key(keys, folder)]
        replay = Replay(chosen, keys, None if fast else 1.0 if speed is None else speed)
        loops.run(_serve(replay, port, reporter, made))


async def _serve(replay: Replay, port: int, reporter: Reporter, made: list[Added]) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with replay.listening(_HOST, port) as url:
        reporter.ready(url)
        reporter.keys(made)
        await stop.wait()


def _choose(sessions: list[RecordedSession], number: int | None, file: Path) -> RecordedSession:
    """The session of a number, or the only one. Raises Misconfigured."""
    shown = "; ".join(
        f"{index}: {', '.join(one.subscribed_us) or 'no channel'}, {len(one.frames)} frames"
        for index, one in enumerate(sessions, 1)
    )
    if number is None and len(sessions) > 1:
        raise Misconfigured(f"{file} holds {len(sessions)} connections, say which with --session: {shown}")
    if number is not None and number > len(sessions):
        raise Misconfigured(f"--session {number}: {file} holds {len(sessions)}: {shown}")
    chosen = sessions[(number or 1) - 1]
    if not chosen.subscribed_us:
        raise Misconfigured(f"{file} shows no channel that was subscribed, so nothing of it can be replayed")
    return chosen


def _make_key(keys: KeyStore, folder: Path) -> Added:
    private_key = generate_key("rsa")
    public_key = format_public_key(private_key.public_key())
    key = keys.add(NewKey(user_id="replay", scopes=frozenset({"read"}), public_key=public_key))
    with new_private_file(folder / _KEY_FILE, format_private_key(private_key)) as path:
        return Added(key.key_id, key.user_id, ["read"], str(path))
