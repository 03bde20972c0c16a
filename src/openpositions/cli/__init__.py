"""The command line: one file a verb, or a folder where it needs more."""

from __future__ import annotations

import gc
import os
import sys
from http import HTTPStatus
from importlib import import_module
from typing import TYPE_CHECKING

import typer

from openpositions.errors import InvalidInput, Misconfigured, OpenPositionsError, RequestFailed

if TYPE_CHECKING:
    from collections.abc import Sequence

_STDOUT_FD = 1

_FAILED, _WRONG_USE, _INTERRUPTED = 1, 2, 130
# What a shell makes of a program that SIGPIPE ended: its reader has seen enough.
_READER_GONE = 141

# Rows are tuples that are never garbage, and every commit makes some: by default the collector would walk them all over
# and over. What is garbage here is freed by its reference count; cycles are few and can wait.
_GC_THRESHOLDS = (100_000, 20, 100)

# A thread that comes back from the disk waits for the interpreter at most so long; by default it is 5 ms, which a busy
# event loop makes it wait at every commit.
_SWITCH_SECONDS = 0.0002

# A verb is a module with a `command` and an EXAMPLE; a group of verbs is one with `commands`.
_VERBS = {
    "serve": "serve",
    "demo": "demo",
    "ingest": "ingest",
    "positions": "positions",
    "watch": "watch.command",
    "history": "history",
    "export": "export.command",
    "verify": "verify",
}
_GROUPS = {"keys": "keys.commands", "sandbox": "sandbox.commands", "bench": "bench"}


def app() -> None:
    """Runs the command that this process was started with, and ends the process."""
    # The next file that is opened would take the place of one that is closed, and what is printed would be written
    # into it. In the order of their numbers, as each takes the lowest that is free.
    if sys.stdin is None:
        os.open(os.devnull, os.O_RDONLY)
    if sys.stdout is None:
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")
    if sys.stderr is None:
        sys.stderr = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")
    code = run(sys.argv[1:])
    if code == _READER_GONE:
        # What is still kept for the reader would be written, and fail, when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), _STDOUT_FD)
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """The exit code: 0 done, 1 failed, 2 wrong use. What went wrong is one line on stderr."""
    gc.set_threshold(*_GC_THRESHOLDS)
    sys.setswitchinterval(_SWITCH_SECONDS)
    try:
        code = _commands(arguments)(arguments, prog_name="openpositions", standalone_mode=False)
        sys.stdout.flush()
    except (BrokenPipeError, SystemExit) as error:
        if not _is_reader_gone(error):
            raise
        return _READER_GONE
    except typer.TyperException as error:
        return _complain(f"{_message(error)} (see `openpositions --help`)", _WRONG_USE)
    except OpenPositionsError as error:
        return _complain(str(error), _WRONG_USE if _is_wrong_use(error) else _FAILED)
    except OSError as error:
        return _complain(
            f"{error.filename}: {error.strerror}" if error.filename else error.strerror or str(error), _FAILED
        )
    except (KeyboardInterrupt, typer.Abort):
        return _INTERRUPTED
    return code if isinstance(code, int) else 0


def _is_reader_gone(error: BaseException) -> bool:
    """Whether nobody reads standard output any more, or it is what Typer and Rich make of that."""
    return isinstance(error, BrokenPipeError) or isinstance(error.__context__, BrokenPipeError)


def _message(error: typer.TyperException) -> str:
    """What is wrong, with the value where an option does not take it: Typer says only what it takes."""
    details = getattr(error.__cause__, "errors", None)
    given = [detail["input"] for detail in details()] if callable(details) else []
    return ", not ".join([error.format_message(), *(repr(value) for value in given)])


def _is_wrong_use(error: OpenPositionsError) -> bool:
    """Whether what was asked for is wrong, whoever found that: the command, or the service that it asked."""
    if isinstance(error, RequestFailed):
        return error.status == HTTPStatus.BAD_REQUEST
    return isinstance(error, InvalidInput | Misconfigured)


def _commands(arguments: Sequence[str]) -> typer.Typer:
    """The command line as far as the arguments need it: a service starts sooner without what other verbs import."""
    commands = typer.Typer(
        name="openpositions",
        help="A positions service for event-contract markets.",
        epilog="Example: openpositions serve --data positions",
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
    )
    commands.callback()(lambda: None)  # so that a verb is named although there is one only
    named = arguments[0] if arguments else ""
    wanted = {named} if named in {*_VERBS, *_GROUPS} else {*_VERBS, *_GROUPS}
    for name, module in _VERBS.items():
        if name in wanted:
            verb = import_module(f"openpositions.cli.{module}")
            commands.command(name, epilog=verb.EXAMPLE)(verb.command)
    for name, module in _GROUPS.items():
        if name in wanted:
            commands.add_typer(import_module(f"openpositions.cli.{module}").commands, name=name)
    return commands


def _complain(message: str, code: int) -> int:
    print("openpositions:", " ".join(message.split()), file=sys.stderr)
    return code
