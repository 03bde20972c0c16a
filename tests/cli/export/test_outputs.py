"""Tables written to files."""

import os
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any

import pytest

from openpositions.cli.export import outputs
from openpositions.cli.export.columns import columns
from openpositions.cli.export.outputs import CSV, PARQUET, output

pq: Any = pytest.importorskip("pyarrow.parquet", reason="the extra openpositions[parquet] is not installed")

COLUMNS = columns("name is_taker count_fp price_dollars gain_dollars filled_ts sequence")
LARGEST = 2**63 - 1


async def test_values_are_written_exactly(tmp_path: Path) -> None:
    """In the unit of their column, as large as they may be, with quotes where text needs them."""
    async with output(tmp_path / "table.csv", CSV, COLUMNS) as table:
        await table.write([('a,"b"', True, -1, 5, -LARGEST, 0, LARGEST), (None, False, LARGEST, None, 1, None, 0)])

    assert (tmp_path / "table.csv").read_text(encoding="utf-8").splitlines() == [
        "name,is_taker,count_fp,price_dollars,gain_dollars,filled_ts,sequence",
        f'"a,""b""",true,-0.01,0.0005,-9223372036854.775807,1970-01-01T00:00:00.000000Z,{LARGEST}',
        ",false,92233720368547758.07,,0.000001,,0",
    ]


async def test_parquet_has_groups_of_rows_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many are written at once."""
    monkeypatch.setattr(outputs, "_ROWS_A_GROUP", 4)
    file = tmp_path / "table.parquet"
    async with output(file, PARQUET, COLUMNS) as table:
        for start in range(0, 9, 3):
            await table.write([("x", None, 7, 1, -LARGEST, 9, number) for number in range(start, start + 3)])

    read = pq.ParquetFile(file)
    assert [read.metadata.row_group(group).num_rows for group in range(read.num_row_groups)] == [4, 4, 1]
    assert read.read().column("sequence").to_pylist() == list(range(9))
    assert read.read().column("gain_dollars").to_pylist()[0] == Decimal("-9223372036854.775807")
    assert read.read().column("is_taker").null_count == 9


async def test_parquet_is_exact_whatever_the_decimal_context_says(tmp_path: Path) -> None:
    """A program that imports this package may have set its own."""
    with localcontext(prec=2):
        async with output(tmp_path / "table.parquet", PARQUET, columns("gain_dollars")) as table:
            await table.write([(1_234_567,), (-LARGEST,), (0,)])

    gains = pq.ParquetFile(tmp_path / "table.parquet").read().column("gain_dollars").to_pylist()
    assert gains == [Decimal("1.234567"), Decimal("-9223372036854.775807"), Decimal("0.000000")]


@pytest.mark.parametrize("form", [CSV, PARQUET])
async def test_failure_leaves_no_file(tmp_path: Path, form: str) -> None:
    """Neither under its name nor beside it."""

    async def fail_halfway() -> None:
        async with output(tmp_path / "table", form, COLUMNS) as table:
            await table.write([("x", True, 1, 1, 1, 1, 1)])
            raise RuntimeError("halfway")

    with pytest.raises(RuntimeError, match="halfway"):
        await fail_halfway()

    assert os.listdir(tmp_path) == []  # noqa: PTH208 - pathlib blocks, says the rule beside it


async def test_standard_output_is_csv(capsys: pytest.CaptureFixture[str]) -> None:
    """With a header, also of nothing."""
    async with output(None, CSV, columns("name sequence")):
        pass

    assert capsys.readouterr().out == "name,sequence\n"
