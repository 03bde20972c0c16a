"""A terminal with a shell in it, driven by tmux."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING, Self

from psutil import Process

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE_SECONDS = 60

_TMUX = which("tmux") or "tmux"

# Where it says otherwise, programs would not ask the terminal.
_MISLEADING = ("COLUMNS", "LINES", "NO_COLOR", "TMUX", "TMUX_PANE")


class Terminal:
    """In a `with` statement it is there, in a tmux of its own."""

    def __init__(self, directory: Path, width: int = 120, height: int = 40) -> None:
        self._socket = directory / "tmux"
        self._size = ["-x", str(width), "-y", str(height)]

    def __enter__(self) -> Self:
        shell = f"PATH={Path(sys.executable).parent}:$PATH PS1='$ ' exec bash --norc --noprofile"
        self._tmux("-f", os.devnull, "new-session", "-d", *self._size, shell)
        return self

    def __exit__(self, *_: object) -> None:
        self._tmux("kill-server")

    def type(self, text: str) -> None:
        """Types a line."""
        self._tmux("send-keys", "-l", text)
        self._tmux("send-keys", "Enter")

    def press(self, key: str) -> None:
        """Presses a key by its name in tmux."""
        self._tmux("send-keys", key)

    def resize(self, width: int, height: int) -> None:
        """Makes it larger or smaller."""
        self._tmux("resize-window", "-x", str(width), "-y", str(height))

    def terminate(self) -> None:
        """Asks the program that runs in it to end."""
        shell = Process(int(self._tmux("display-message", "-p", "#{pane_pid}")))
        for program in shell.children():
            program.terminate()

    @property
    def lines(self) -> list[str]:
        """What it shows, down to the last line that is not empty."""
        return self._tmux("capture-pane", "-p").rstrip("\n").split("\n")

    @property
    def styled(self) -> str:
        """What it shows, with the sequences for its colours."""
        return self._tmux("capture-pane", "-p", "-e")

    @property
    def is_as_it_was(self) -> bool:
        """Whether the usual screen is shown, and a cursor."""
        return self._tmux("display-message", "-p", "#{alternate_on} #{cursor_flag}") == "0 1\n"

    async def until(self, holds: Callable[[list[str]], bool]) -> list[str]:
        """What it shows once something holds of that."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not holds(lines := self.lines):  # noqa: ASYNC110 - nobody tells when a screen changes
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError("\n".join(["it never showed what it should, but", *self.lines])) from None
        return lines

    async def until_shown(self, text: str) -> list[str]:
        """What it shows once that has a text in one of its lines."""
        return await self.until(lambda lines: any(text in line for line in lines))

    def _tmux(self, *arguments: str) -> str:
        environment = {name: value for name, value in os.environ.items() if name not in _MISLEADING}
        command = [_TMUX, "-u", "-S", str(self._socket), *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, check=False, encoding="utf-8")
        assert done.returncode == 0, done.stderr
        return done.stdout
