"""The verbs of `openpositions sandbox`."""

import typer

from openpositions.cli.sandbox import record, replay, run, scenarios

commands = typer.Typer(help="Play scenarios, record and replay connections, for testing programs.", epilog=run.EXAMPLE)
commands.command("run", epilog=run.EXAMPLE)(run.command)
commands.command("list", epilog=scenarios.LIST_EXAMPLE)(scenarios.list_)
commands.command("check", epilog=scenarios.CHECK_EXAMPLE)(scenarios.check)
commands.command("schema", epilog=scenarios.SCHEMA_EXAMPLE)(scenarios.schema)
commands.command("record", epilog=record.EXAMPLE)(record.command)
commands.command("replay", epilog=replay.EXAMPLE)(replay.command)
