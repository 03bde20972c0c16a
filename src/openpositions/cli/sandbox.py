"""`openpositions sandbox`: scenarios and recordings to test a program against."""

import typer

from openpositions.cli import sandbox_files, sandbox_record, sandbox_replay, sandbox_run

commands = typer.Typer(
    help="Play scenarios, record and replay connections, for testing programs.", epilog=sandbox_run.EXAMPLE
)
commands.command("run", epilog=sandbox_run.EXAMPLE)(sandbox_run.command)
commands.command("list", epilog=sandbox_files.LIST_EXAMPLE)(sandbox_files.list_)
commands.command("check", epilog=sandbox_files.CHECK_EXAMPLE)(sandbox_files.check)
commands.command("schema", epilog=sandbox_files.SCHEMA_EXAMPLE)(sandbox_files.schema)
commands.command("record", epilog=sandbox_record.EXAMPLE)(sandbox_record.command)
commands.command("replay", epilog=sandbox_replay.EXAMPLE)(sandbox_replay.command)
