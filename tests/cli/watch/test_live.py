"""The shell around a watched portfolio; how it lives is tested with services and terminals."""

from __future__ import annotations

import asyncio
import logging

import pytest

from openpositions.cli.watch.live import first_of, logged_afterwards


def test_what_the_library_logs_waits_for_the_end_of_the_screen(capsys: pytest.CaptureFixture[str]) -> None:
    """It would be drawn over, or disturb what is drawn."""
    with logged_afterwards():
        logging.getLogger("openpositions.client").error("seq 1 came where 2 was due")
        assert capsys.readouterr().err == ""

    assert capsys.readouterr().err == "seq 1 came where 2 was due\n"


async def test_the_first_of_some_works_ends_the_others() -> None:
    """Each of them has ended then."""
    ended = []

    async def lasting() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("lasting")

    await first_of(lasting(), asyncio.sleep(0))
    assert ended == ["lasting"]


async def test_a_work_that_fails_is_raised() -> None:
    """Not as a group of failures."""

    async def failing() -> None:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        await first_of(asyncio.Event().wait(), failing())
