"""What `openpositions sandbox run` prints: who may connect, and how the play went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from openpositions.cli.serving import say_ready
from openpositions.cli.tables import new_table, print_table

if TYPE_CHECKING:
    from openpositions.cli.keys.add import Added
    from openpositions.testing.scenario import Outcome, PlannedScenario


class Reporter:
    """Prints it on stdout: for people, or a line of JSON at a time."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json

    def ready(self, url: str) -> None:
        """The service accepts."""
        if self._as_json:
            self._print({"ready": url})
        else:
            say_ready(url)

    def keys(self, keys: list[Added]) -> None:
        """The users can connect."""
        if self._as_json:
            self._print({"keys": keys})
            return
        for key in keys:
            print(f"key of {key.user_id}  {key.key_id}  private key {key.private_key_file}", flush=True)

    def outcome(self, planned: PlannedScenario, outcome: Outcome) -> None:
        """It was played to its end."""
        if self._as_json:
            self._print({"outcome": outcome})
            return
        played = f"{planned.name}: {outcome.events} events played, {outcome.rows} rows compared"
        if outcome.is_as_expected:
            print(f"{played}, as expected", flush=True)
            return
        table = new_table(f"{planned.source}: not as expected", ">line", "what", "field", ">expected", ">actual")
        for one in outcome.differences:
            table.add_row(str(one.line), one.subject, one.field, one.expected, one.actual)
        print_table(table)
        print(f"{played}, {outcome.difference_count} differences", flush=True)

    def _print(self, content: dict[str, Any]) -> None:
        print(msgspec.json.encode(content).decode(), flush=True)
