"""What the how-to names is there: messages and metrics."""

import re
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from tests.acceptance.http import ask
from tests.docs.pages import ROOT
from tests.server.live import live

TEXT = (ROOT / "docs" / "how-to.md").read_text(encoding="utf-8")
OF_SQLITE = "database or disk is full"


def first_cells(heading: str) -> list[str]:
    """The names in the table under a heading."""
    section = TEXT.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"^\| `(.*?)` \|", section, re.MULTILINE)


async def test_the_metrics_are_those_that_are_served(tmp_path: Path, rsa_key: RSAPrivateKey) -> None:
    """All of them, in order."""
    async with live(tmp_path, rsa_key) as service:
        served = await ask(service, None, "GET", "/metrics")

    assert first_cells("Watch its health") == re.findall(r"^(openpositions_\w+) ", served.body.decode(), re.MULTILINE)


def test_the_messages_are_those_that_are_printed() -> None:
    """Or sent; the parts that change are left out."""
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    joined = re.sub(r'"\n\s*f?"', "", source)
    parts = [part for message in first_cells("When it says …") for part in message.split("…; ")]

    assert len(parts) > 8
    assert [part for part in parts if part.removesuffix("…") not in joined] == [OF_SQLITE]
