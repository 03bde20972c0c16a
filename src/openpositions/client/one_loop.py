"""A client lives in the event loop that it was first used in: what waits there cannot be waited for elsewhere."""

from __future__ import annotations

import asyncio

from openpositions.errors import ClientClosed


def check_loop(loop: asyncio.AbstractEventLoop) -> None:
    """Raises ClientClosed when another event loop runs than the one that something lives in."""
    if loop is not asyncio.get_running_loop():
        raise ClientClosed(
            "this client was used in another event loop, and lives there; make another one in each asyncio.run(), "
            "or do everything in one"
        )


async def end_task(task: asyncio.Task[None]) -> None:
    """Cancels a task and waits for its end. One of a loop that is closed has ended with it. Raises ClientClosed."""
    if task.done() or task.get_loop().is_closed():
        return
    check_loop(task.get_loop())
    task.cancel()
    await asyncio.wait([task])
