"""`openpositions sandbox`: scenarios to test a program against."""

import typer

from openpositions.cli import sandbox_files, sandbox_run

commands = typer.Typer(help="Play scenarios, for testing programs.")
commands.command("run", epilog=sandbox_run.EXAMPLE)(sandbox_run.command)
commands.command("list", epilog=sandbox_files.LIST_EXAMPLE)(sandbox_files.list_)
commands.command("check", epilog=sandbox_files.CHECK_EXAMPLE)(sandbox_files.check)
commands.command("schema", epilog=sandbox_files.SCHEMA_EXAMPLE)(sandbox_files.schema)
