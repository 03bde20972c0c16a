"""The command line: one file a verb, or a folder where it needs more."""

from __future__ import annotations

import gc
import sys
from http import HTTPStatus
from importlib import import_module
from typing import TYPE_CHECKING

import typer

from openpositions.errors import InvalidInput, Misconfigured, OpenPositionsError, RequestFailed

if TYPE_CHECKING:
    from collections.abc import Sequence

_FAILED, _WRONG_USE, _INTERRUPTED = 1, 2, 130

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
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """The exit code: 0 done, 1 failed, 2 wrong use. What went wrong is one line on stderr."""
    gc.set_threshold(*_GC_THRESHOLDS)
    sys.setswitchinterval(_SWITCH_SECONDS)
    try:
        code = _commands(arguments)(arguments, prog_name="openpositions", standalone_mode=False)
    except typer.TyperException as error:
        return _complain(f"{error.format_message()} (see `openpositions --help`)", _WRONG_USE)
    except OpenPositionsError as error:
        return _complain(str(error), _WRONG_USE if _is_wrong_use(error) else _FAILED)
    except OSError as error:
        return _complain(f"{error.filename}: {error.strerror}" if error.filename else str(error), _FAILED)
    except (KeyboardInterrupt, typer.Abort):
        return _INTERRUPTED
    return code if isinstance(code, int) else 0


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
