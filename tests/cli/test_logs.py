"""What the service writes to stderr when something fails: where, and never with which values."""

import os
import pty
import subprocess
import sys

import pytest

FAILING = """
import logging, structlog
from openpositions.cli.logs import log_to_stderr

def open_socket(ticket):
    raise RuntimeError("a mistake of ours")

log_to_stderr()
for log in (structlog.get_logger("openpositions.sockets"), logging.getLogger("openpositions.aiohttp")):
    try:
        open_socket("".join(["sec", "ret"]))
    except RuntimeError:
        log.exception("a connection failed")
"""


@pytest.mark.parametrize("on_a_terminal", [False, True])
def test_traceback_shows_no_values(*, on_a_terminal: bool) -> None:
    """On a terminal as in a file: of the call that failed its name is told, and not the ticket that it was given."""
    ours, theirs = pty.openpty() if on_a_terminal else os.pipe()
    written = b""
    with subprocess.Popen([sys.executable, "-c", FAILING], stderr=theirs) as program:
        os.close(theirs)
        try:
            while piece := os.read(ours, 1 << 16):
                written += piece
        except OSError:  # how a terminal says that it has ended
            assert on_a_terminal
    os.close(ours)

    assert program.returncode == 0
    assert written.count(b"open_socket") >= 2
    assert written.count(b"RuntimeError: a mistake of ours") == 2
    assert b"secret" not in written
