"""The event loop that every program of this package runs on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

try:
    import uvloop as loops
except ImportError:  # not made for Windows
    import asyncio as loops  # type: ignore[no-redef]

if TYPE_CHECKING:
    from collections.abc import Coroutine

T = TypeVar("T")


def run(main: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine, run on uvloop where there is one, else on the loop of the standard library."""
    return loops.run(main)
