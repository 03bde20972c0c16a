"""Tables of results."""

from rich.console import Console
from rich.table import Column, Table

UNKNOWN = "–"  # noqa: RUF001 - a dash, which no number begins with
"""What stands for a value that is unknown or does not exist; never 0."""

# In a pipe or a file nothing is folded.
_UNBOUNDED_WIDTH = 10_000


def new_table(title: str | None, *columns: str) -> Table:
    """A table; a column whose name begins with `>` holds numbers."""
    return Table(
        *(
            Column(name.removeprefix(">"), justify="right" if name[0] == ">" else "left", overflow="fold")
            for name in columns
        ),
        title=title,
        title_justify="left",
        box=None,
        pad_edge=False,
    )


def print_table(table: Table) -> None:
    """Prints it whole: a cell too wide for the terminal is folded, never cut."""
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console.width = _UNBOUNDED_WIDTH
    console.print(table)
