"""What the scripts of the public clients have in common: they print JSON, and take commands, a line each.

The commands are `add TICKER`, `remove TICKER` and `unsubscribe`. It imports the standard library only: every client has
an environment of its own.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

FRAME_TYPES = {
    "market_positions": "market_position",
    "fill": "fill",
    "market_lifecycle_v2": "market_lifecycle_v2",
}
"""The type of the frames that a channel sends, for clients that hand over whole frames."""


def show(message: Any) -> None:  # noqa: ANN401 - a model of the client, or a dict
    """Prints what a client handed over."""
    sys.stdout.write(json.dumps(plain(message), default=str) + "\n")
    sys.stdout.flush()


def plain(message: Any) -> Any:  # noqa: ANN401 - as `show`
    """A model, or a list of them, as JSON can hold it: what a program reads from its attributes, none that is None.

    A dump would not do: where a model keeps fields that it does not know, they hide known ones of the same name.
    """
    if isinstance(message, list):
        return [plain(one) for one in message]
    fields = getattr(type(message), "model_fields", None)
    if fields is None:
        return message
    return {name: plain(value) for name in fields if (value := getattr(message, name)) is not None}


def show_frame(channel: str, frame: Mapping[str, Any]) -> None:
    """Prints the message of a frame, if it is one that the channel is for."""
    if frame.get("type") == FRAME_TYPES[channel]:
        show(frame["msg"])


async def commands() -> AsyncIterator[list[str]]:
    """The words of each line on standard input."""
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        yield line.split()


def show_answers(reads: Mapping[str, Callable[[], Any]]) -> None:
    """Prints what each read gives; of one that fails, how."""
    answers = {}
    for name, read in reads.items():
        try:
            answers[name] = plain(read())
        except Exception as error:  # noqa: BLE001 - whatever a client raises is its answer
            answers[name] = {"error": f"{type(error).__name__}: {error}"}
    show(answers)


async def show_awaited(reads: Mapping[str, Callable[[], Awaitable[Any]]]) -> None:
    """As `show_answers`, for a client whose reads are coroutines."""
    answers = {}
    for name, read in reads.items():
        try:
            answers[name] = plain(await read())
        except Exception as error:  # noqa: BLE001 - as above
            answers[name] = {"error": f"{type(error).__name__}: {error}"}
    show(answers)
