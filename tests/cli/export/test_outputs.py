"""Tables written to files."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from openpositions.cli.export import outputs
from openpositions.cli.export.columns import columns
from openpositions.cli.export.outputs import CSV, PARQUET, output

pq: Any = pytest.importorskip("pyarrow.parquet", reason="the extra openpositions[parquet] is not installed")

COLUMNS = columns("name is_taker count_fp price_dollars gain_dollars filled_ts sequence")
LARGEST = 2**63 - 1


def test_values_are_written_exactly(tmp_path: Path) -> None:
    """In the unit of their column, as large as they may be, with quotes where text needs them."""
    with output(tmp_path / "table.csv", CSV, COLUMNS) as table:
        table.write([('a,"b"', True, -1, 5, -LARGEST, 0, LARGEST), (None, False, LARGEST, None, 1, None, 0)])

    assert (tmp_path / "table.csv").read_text(encoding="utf-8").splitlines() == [
        "name,is_taker,count_fp,price_dollars,gain_dollars,filled_ts,sequence",
        f'"a,""b""",true,-0.01,0.0005,-9223372036854.775807,1970-01-01T00:00:00.000000Z,{LARGEST}',
        ",false,92233720368547758.07,,0.000001,,0",
    ]


def test_parquet_has_groups_of_rows_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many are written at once."""
    monkeypatch.setattr(outputs, "_ROWS_A_GROUP", 4)
    file = tmp_path / "table.parquet"
    with output(file, PARQUET, COLUMNS) as table:
        for start in range(0, 9, 3):
            table.write([("x", None, 7, 1, -LARGEST, 9, number) for number in range(start, start + 3)])

    read = pq.ParquetFile(file)
    assert [read.metadata.row_group(group).num_rows for group in range(read.num_row_groups)] == [4, 4, 1]
    assert read.read().column("sequence").to_pylist() == list(range(9))
    assert read.read().column("gain_dollars").to_pylist()[0] == Decimal("-9223372036854.775807")
    assert read.read().column("is_taker").null_count == 9


@pytest.mark.parametrize("form", [CSV, PARQUET])
def test_failure_leaves_no_file(tmp_path: Path, form: str) -> None:
    """Neither under its name nor beside it."""

    def fail_halfway() -> None:
        with output(tmp_path / "table", form, COLUMNS) as table:
            table.write([("x", True, 1, 1, 1, 1, 1)])
            raise RuntimeError("halfway")

    with pytest.raises(RuntimeError, match="halfway"):
        fail_halfway()

    assert list(tmp_path.iterdir()) == []


def test_standard_output_is_csv(capsys: pytest.CaptureFixture[str]) -> None:
    """With a header, also of nothing."""
    with output(None, CSV, columns("name sequence")):
        pass

    assert capsys.readouterr().out == "name,sequence\n"
