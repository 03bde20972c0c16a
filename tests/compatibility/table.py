"""The page that a run writes."""

from __future__ import annotations

from collections.abc import Sequence

from tests.compatibility.features import MEANINGS, READS, STREAMS, Feature
from tests.compatibility.run import Observed

_LACKS = "\N{EN DASH}"

_INTRODUCTION = f"""\
# Compatibility

`make compat` writes this page: it runs the public Python clients of the venue that it can install, unmodified but for
the address, each in an environment of its own, against the service, and puts down what it saw. ✓ was done and every
value was right, ✗ was not, {_LACKS} is what the client does not offer, a call or a dialect. A number points to the
cause where the client is at fault; the service follows the protocol and is not bent for it.
"""

_LEFT_OUT = """
Left out: traderbot 0.15.52 subscribes to the channel too, but has the address of the venue, and the certificate that it
expects there, built in."""


def page(observed: Sequence[Observed]) -> str:
    """The page, as Markdown."""
    notes: list[str] = []
    parts = [
        _INTRODUCTION,
        "## The socket\n",
        *_table(observed, [feature for feature in Feature if feature in STREAMS], notes),
        "\n## The reads\n",
        *_table(observed, [feature for feature in Feature if feature in READS], notes),
    ]
    missing = [one.client for one in observed if one.results is None]
    if missing:
        parts.append("\nNot run, because no Python here is new enough or the packages could not be had:\n")
        parts += [f"- {client.name}" for client in missing]
    parts.append(_LEFT_OUT)
    if notes:
        parts.append("\n## Notes on what failed\n")
        parts += [f"{number}. {note}" for number, note in enumerate(notes, 1)]
    parts.append("\n## What the columns mean\n")
    parts += [f"- **{feature.strip()}**: {meaning}." for feature, meaning in MEANINGS.items()]
    return "\n".join(parts) + "\n"


def _table(observed: Sequence[Observed], features: Sequence[Feature], notes: list[str]) -> list[str]:
    heads = " | ".join(feature.strip() for feature in features)
    lines = [f"| client | {heads} |", "|---|" + ":-:|" * len(features)]
    for one in observed:
        if one.results is not None and not one.client.lacks.issuperset(features):
            cells = " | ".join(_cell(one, feature, notes) for feature in features)
            lines.append(f"| {one.client.name} | {cells} |")
    return lines


def _cell(one: Observed, feature: Feature, notes: list[str]) -> str:
    assert one.results is not None
    if feature not in one.results:
        return _LACKS
    if one.results[feature]:
        return "✓"
    cause = one.client.faults.get(feature)
    if cause is None:
        return "✗"
    if cause not in notes:
        notes.append(cause)
    return f"✗ ({notes.index(cause) + 1})"


def surprises(observed: Sequence[Observed]) -> list[str]:
    """What failed without a known cause, and what is known to fail and did not."""
    lines = []
    for client, results in observed:
        for feature, right in (results or {}).items():
            known = feature in client.faults
            if right and known:
                lines.append(f"{client.name}: {feature.strip()} works now; take its cause out of clients.py")
            if not right and not known:
                lines.append(f"{client.name}: {feature.strip()} failed, and no cause is known")
    return lines
