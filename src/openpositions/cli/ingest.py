"""`openpositions ingest`: a file of events into a service."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

from openpositions import loops
from openpositions.cli.event_lines import read_events, read_rest_fills
from openpositions.cli.feed import feed
from openpositions.cli.inflow import flowing_in
from openpositions.cli.inputs import opened
from openpositions.cli.line_output import TextOutput
from openpositions.cli.options import AsJson, DataOfTarget, KeyFile, KeyId, Url
from openpositions.cli.target import Remote, choose_target, reached
from openpositions.errors import Misconfigured

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openpositions.cli.event_lines import Item
    from openpositions.cli.inflow import Batch, Inflow
    from openpositions.cli.inputs import Input, InputStream
    from openpositions.wire.ingest.bodies import EventsAnswer, Rejection

_INTERRUPTED = 130

EXAMPLE = "Example: openpositions ingest fills.ndjson --data positions"


def command(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="One event a line, or a JSON array.")],
    data: DataOfTarget = None,
    url: Url = None,
    key_id: KeyId = None,
    key_file: KeyFile = None,
    from_: Annotated[
        Literal["kalshi-rest"] | None, typer.Option("--from", help="Read the fills of the venue's REST API.")
    ] = None,
    user: Annotated[str | None, typer.Option(help="Whose fills they are, with --from.")] = None,
    as_json: AsJson = False,
) -> None:
    """Feed events to a running service, or straight into a data directory when none runs.

    Good lines are taken although others are bad; each bad one is named, and the exit code is 1 then. Feeding a file
    again is always safe: what was taken before is a duplicate. Of a pipe, what is complete is fed as soon as no more
    comes for now. Control-C waits for the answer to what was sent; another one does not.
    """
    if (from_ is None) != (user is None):
        raise Misconfigured("--from and --user go together: REST fills do not say whose they are, events do")
    target = choose_target(data, url, key_id, key_file)
    with opened(file) as stream:
        items = read_events(stream) if user is None else read_rest_fills(stream, user)
        report = _Report(stream, keep=as_json, in_order=user is None)
        with report.progress:
            loops.run(_ingest(target, items, stream.source, report))
    report.print(as_json=as_json)
    raise typer.Exit(_INTERRUPTED if report.interrupted else 1 if report.rejected_count else 0)


async def _ingest(target: Path | Remote, items: Iterator[Item], source: Input, report: _Report) -> None:
    async with reached(target, make=True) as session:
        with flowing_in(items, source) as inflow:
            _stop_on_interrupt(inflow, report)
            await feed(session, inflow.batches(), report.take)


def _stop_on_interrupt(inflow: Inflow, report: _Report) -> None:
    """Lets what was sent be answered. From then on, an interrupt is what it is without a handler."""
    loop = asyncio.get_running_loop()

    def stop() -> None:
        loop.remove_signal_handler(signal.SIGINT)
        report.interrupted = True
        inflow.stop()

    with suppress(NotImplementedError, RuntimeError, ValueError):  # on Windows, and in a thread
        loop.add_signal_handler(signal.SIGINT, stop)


class _Report:
    """What became of the lines so far."""

    def __init__(self, stream: InputStream, *, keep: bool, in_order: bool) -> None:
        self.rejected_count = 0
        self.interrupted = False
        self._in_order = in_order
        """Whether the lines come in the order of the file."""
        self._last_line = 0
        self._stream = stream
        self._kept: list[Rejection] | None = [] if keep else None
        """All rejections, for JSON; otherwise each is printed when it is known."""
        self._accepted = self._duplicates = self._sequence = 0
        self._console = Console(stderr=True, highlight=False, soft_wrap=True)
        self._errors = TextOutput(sys.stderr)
        columns = (BarColumn(), DownloadColumn(), TextColumn("{task.fields[events]:,} events"), TimeElapsedColumn())
        self.progress = Progress(*columns, console=self._console, disable=not self._console.is_terminal)
        self._task = self.progress.add_task("ingest", total=_size(stream), events=0)

    async def take(self, answer: EventsAnswer, batch: Batch) -> None:
        """Counts one answer in, and moves the bar on."""
        self._last_line = batch.last_line
        self._accepted += answer.accepted
        self._duplicates += answer.duplicates
        self._sequence = max(self._sequence, answer.sequence)
        self.rejected_count += len(answer.rejected)
        if self._kept is not None:
            self._kept += answer.rejected
        else:
            told = "".join(f"line {one.line}: {one.code}: {one.message}\n" for one in answer.rejected)
            if self._console.is_terminal:
                self._console.print(told, end="", markup=False)  # above the bar
            else:
                await self._errors.write(told)
        done = self._accepted + self._duplicates + self.rejected_count
        # Of the file itself: the stream belongs to the thread that reads.
        position = os.lseek(self._stream.fileno(), 0, os.SEEK_CUR) if self._stream.seekable() else None
        self.progress.update(self._task, completed=position, events=done)

    def print(self, *, as_json: bool) -> None:
        """Prints the sums."""
        if not as_json:
            far = f" after line {self._last_line}" if self._in_order else ""
            ended = f", interrupted{far}" if self.interrupted else ""
            print(f"accepted {self._accepted}, duplicates {self._duplicates}, rejected {self.rejected_count}{ended}")
            return
        sums = {
            "accepted": self._accepted,
            "duplicates": self._duplicates,
            "rejected": self._kept,
            "sequence": self._sequence,
        }
        if self.interrupted:
            sums["interrupted_after_line"] = self._last_line if self._in_order else None
        print(msgspec.json.encode(sums).decode())


def _size(stream: InputStream) -> int | None:
    """How many bytes there are to come; None for a pipe."""
    return os.fstat(stream.fileno()).st_size if stream.seekable() else None
