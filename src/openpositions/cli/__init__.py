"""The command line: one file a verb."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING

import typer

from openpositions.cli import bench, demo, ingest, key_add, key_import, keys, positions, sandbox, serve, verify
from openpositions.errors import InvalidInput, Misconfigured, OpenPositionsError

if TYPE_CHECKING:
    from collections.abc import Sequence

_FAILED, _WRONG_USE, _INTERRUPTED = 1, 2, 130

# Rows are tuples that are never garbage, and every commit makes some: by default the collector would walk them all over
# and over. What is garbage here is freed by its reference count; cycles are few and can wait.
_GC_THRESHOLDS = (100_000, 20, 100)

# A thread that comes back from the disk waits for the interpreter at most so long; by default it is 5 ms, which a busy
# event loop makes it wait at every commit.
_SWITCH_SECONDS = 0.0002

_commands = typer.Typer(
    name="openpositions",
    help="A positions service for event-contract markets.",
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
_commands.command("serve", epilog=serve.EXAMPLE)(serve.command)
_commands.command("demo", epilog=demo.EXAMPLE)(demo.command)
_commands.command("ingest", epilog=ingest.EXAMPLE)(ingest.command)
_commands.command("positions", epilog=positions.EXAMPLE)(positions.command)
_commands.command("verify", epilog=verify.EXAMPLE)(verify.command)
_keys = typer.Typer(help="Make, list, revoke and import keys.")
_keys.command("add", epilog=key_add.EXAMPLE)(key_add.command)
_keys.command("list", epilog=keys.LIST_EXAMPLE)(keys.list_)
_keys.command("revoke", epilog=keys.REVOKE_EXAMPLE)(keys.revoke)
_keys.command("import", epilog=key_import.EXAMPLE)(key_import.command)
_commands.add_typer(_keys, name="keys")
_commands.add_typer(bench.commands, name="bench")
_commands.add_typer(sandbox.commands, name="sandbox")


def app() -> None:
    """Runs the command that this process was started with, and ends the process."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """The exit code: 0 done, 1 failed, 2 wrong use. What went wrong is one line on stderr."""
    gc.set_threshold(*_GC_THRESHOLDS)
    sys.setswitchinterval(_SWITCH_SECONDS)
    try:
        code = _commands(arguments, prog_name="openpositions", standalone_mode=False)
    except typer.TyperException as error:
        return _complain(f"{error.format_message()} (see `openpositions --help`)", _WRONG_USE)
    except (InvalidInput, Misconfigured) as error:
        return _complain(str(error), _WRONG_USE)
    except OpenPositionsError as error:
        return _complain(str(error), _FAILED)
    except OSError as error:
        return _complain(f"{error.filename}: {error.strerror}" if error.filename else str(error), _FAILED)
    except (KeyboardInterrupt, typer.Abort):
        return _INTERRUPTED
    return code if isinstance(code, int) else 0


def _complain(message: str, code: int) -> int:
    print("openpositions:", " ".join(message.split()), file=sys.stderr)
    return code
