"""Statements with numbered parameters."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from openpositions.journal.database import select_sequences


def test_numbered_parameters_may_repeat_and_be_null() -> None:
    """Each stands for the value at its place, on every supported Python without a warning."""
    statement = "SELECT value + ?3 FROM json_each(?1) WHERE ?2 IS NULL AND value < ?3"

    with closing(sqlite3.connect(":memory:")) as connection:
        assert select_sequences(statement, ("[1,2,30]", None, 10), connection) == [11, 12]
