"""Tables written to files, in CSV or Parquet: the whole file is there under its name, or none."""

from __future__ import annotations

import csv
import os
import sys
from contextlib import asynccontextmanager, contextmanager, suppress
from decimal import Decimal
from io import StringIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, TYPE_CHECKING, Any, Protocol

from openpositions.cli.export.columns import Column, Kind, Value, texts
from openpositions.cli.line_output import TextOutput
from openpositions.client.exact import scaled
from openpositions.errors import Misconfigured

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

CSV, PARQUET = "csv", "parquet"

# Rows of a Parquet file that are kept and read together.
_ROWS_A_GROUP = 65_536

# What a 64-bit number has at most, and what a sum of two may have more.
_DIGITS = 20


class Output(Protocol):
    """Where the rows of a table go."""

    async def write(self, rows: Sequence[Sequence[Value]]) -> None:
        """Writes the next rows, in the units of the core."""

    async def finish(self) -> None:
        """Writes what has to follow the last row."""

    def abandon(self) -> None:
        """Lets go of a file that will not be finished, while it is still open."""


@asynccontextmanager
async def output(path: Path | None, form: str, of: Sequence[Column]) -> AsyncIterator[Output]:
    """A table in a file, or in CSV on standard output for None. The file takes its name when all went well.

    A slow reader of standard output holds up this output and nothing else.

    Raises Misconfigured for Parquet on standard output, or where the library for it is missing.
    """
    if path is None:
        if form == PARQUET:
            raise Misconfigured("Parquet is no text: give a file instead of -")
        table: Output = _Csv(TextOutput(sys.stdout), of)
        yield table
        await table.finish()
        return
    with _replacing(path) as file:
        table = _Parquet(file, of) if form == PARQUET else _Csv(_TextFile(file), of)
        try:
            yield table
            await table.finish()
        except BaseException:
            table.abandon()
            raise


@contextmanager
def _replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file beside the one of that name, durable and in its place at the end, gone if that is not reached."""
    try:
        made = NamedTemporaryFile(  # noqa: SIM115 - it is entered below, so that only failing to make it is translated
            dir=path.parent, prefix=f".{path.name}.", suffix=".part", delete=False
        )
    except OSError as error:
        raise Misconfigured(f"{path} cannot be written: {error.strerror}") from None
    with made as file:
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink()
            raise


class _Texts(Protocol):
    """Where text goes."""

    async def write(self, text: str) -> None:
        """Writes it."""


class _TextFile:
    """A file of text."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    async def write(self, text: str) -> None:
        self._file.write(text.encode())


class _Csv:
    """RFC 4180, but for lines that end as those of the system's other tools do."""

    def __init__(self, out: _Texts, of: Sequence[Column]) -> None:
        self._out = out
        self._columns = of
        self._text = StringIO(newline="")
        self._lines = csv.writer(self._text, lineterminator="\n")
        self._lines.writerow([column.name for column in of])

    async def write(self, rows: Sequence[Sequence[Value]]) -> None:
        self._lines.writerows(texts(row, self._columns) for row in rows)
        await self.finish()

    async def finish(self) -> None:
        text = self._text.getvalue()
        self._text.seek(0)
        self._text.truncate()
        await self._out.write(text)

    def abandon(self) -> None:
        """Has nothing open of its own."""


class _Parquet:
    """Counts, prices and money are decimals of their unit, times are UTC in milliseconds."""

    def __init__(self, file: IO[bytes], of: Sequence[Column]) -> None:
        try:
            import pyarrow as pa  # noqa: PLC0415 - an extra that few need and that takes long to load
            import pyarrow.parquet as pq  # noqa: PLC0415
        except ImportError:
            raise Misconfigured(
                "Parquet needs pyarrow: install openpositions[parquet], or write CSV with --format csv"
            ) from None
        self._columns = of
        self._arrow: Any = pa
        self._schema = pa.schema([(column.name, self._type(column.kind)) for column in of])
        self._file: Any = pq.ParquetWriter(file, self._schema)
        self._waiting: list[Sequence[Value]] = []

    async def write(self, rows: Sequence[Sequence[Value]]) -> None:
        self._waiting += rows
        while len(self._waiting) >= _ROWS_A_GROUP:
            self._write_group(self._waiting[:_ROWS_A_GROUP])
            del self._waiting[:_ROWS_A_GROUP]

    async def finish(self) -> None:
        if self._waiting:
            self._write_group(self._waiting)
        self._file.close()

    def abandon(self) -> None:
        with suppress(Exception):  # the caller needs the first error
            self._file.close()

    def _write_group(self, rows: list[Sequence[Value]]) -> None:
        arrays = [
            self._arrow.array([_exact(row[place], column.kind) for row in rows], type=field.type)
            for place, (column, field) in enumerate(zip(self._columns, self._schema, strict=True))
        ]
        self._file.write_table(self._arrow.Table.from_arrays(arrays, schema=self._schema))

    def _type(self, kind: Kind) -> object:
        pa = self._arrow
        if isinstance(kind.value, int):
            return pa.decimal128(_DIGITS, kind.value)
        return {
            Kind.TEXT: pa.string(),
            Kind.INTEGER: pa.int64(),
            Kind.FLAG: pa.bool_(),
            Kind.TIME: pa.timestamp("ms", tz="UTC"),
        }[kind]


def _exact(value: Value, kind: Kind) -> Value | Decimal:
    """A number of units as the decimal that it is."""
    if isinstance(value, int) and isinstance(kind.value, int):
        return scaled(value, -kind.value)
    return value
