"""How far the journal got, remembered outside of it."""

from pathlib import Path

import pytest

from openpositions.errors import JournalUnavailable
from openpositions.journal.watermark import Watermark


def test_new_one_says_that_nothing_was_acknowledged(tmp_path: Path) -> None:
    """Its file is made, readable by nobody else."""
    watermark = Watermark(tmp_path / "head")

    assert watermark.read() == 0
    assert (tmp_path / "head").stat().st_mode & 0o777 == 0o600
    watermark.close()


def test_last_sequence_is_remembered(tmp_path: Path) -> None:
    """By the next process too; the file stays as short as it is."""
    first = Watermark(tmp_path / "head")
    for sequence in (9, 123_456_789, 10):
        first.write(sequence)
    first.close()
    second = Watermark(tmp_path / "head")

    assert second.read() == 10
    assert (tmp_path / "head").read_bytes()[:20] == b"00000000000000000010"
    assert (tmp_path / "head").stat().st_size == 30
    second.close()


@pytest.mark.parametrize("content", [b"", b"12", b"00000000000000000012 00000000\n", b"\0" * 30, b"x" * 200])
def test_what_was_not_written_by_it_says_nothing(tmp_path: Path, content: bytes) -> None:
    """Rather 0 than a number that nobody wrote."""
    (tmp_path / "head").write_bytes(content)
    watermark = Watermark(tmp_path / "head")

    assert watermark.read() == 0
    watermark.close()


def test_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    """With what the system says of it."""
    with pytest.raises(JournalUnavailable, match=r"nowhere/head cannot be read or written: No such file or directory$"):
        Watermark(tmp_path / "nowhere" / "head")
