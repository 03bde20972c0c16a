"""`python -m tests.compatibility`: writes docs/compatibility.md; exit 1 if anything was other than known."""

import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from tests.acceptance.programs import ROOT
from tests.compatibility.clients import Client
from tests.compatibility.features import Feature
from tests.compatibility.run import run, services
from tests.compatibility.table import page, surprises

console = Console()


def show(client: Client, feature: Feature, right: bool) -> None:  # noqa: FBT001 - a result
    """Prints a result as it comes."""
    console.print(f"{client.name}: {feature.strip()} {'[green]yes' if right else '[red]no'}", highlight=False)


with TemporaryDirectory(prefix="openpositions-compat-") as directory, services(Path(directory)) as started:
    observed = asyncio.run(run(started, show))
written = ROOT / "docs" / "compatibility.md"
written.write_text(page(observed), encoding="utf-8")
console.print(f"wrote {written.relative_to(ROOT)}", highlight=False)
unknown = surprises(observed)
for line in unknown:
    console.print(line, highlight=False)
sys.exit(bool(unknown))
