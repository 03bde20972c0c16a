"""What became of an event that was fed in. Outcomes are values: only the environment's failures are exceptions."""

from enum import Enum
from typing import NamedTuple, TypeAlias


class Verdict(Enum):
    """The outcomes that need no explanation."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    """The same event was taken before; nothing changed."""
    WITHDRAWN = "withdrawn"
    """Good in itself, but another event of its atomic batch was refused; nothing changed."""


class Refusal(NamedTuple):
    """The event was not taken, and nothing changed."""

    code: str
    """Machine-readable, stable: "conflict", "unknown_trade", …"""
    message: str
    """One sentence that names what is wrong and what is recorded."""


Outcome: TypeAlias = Verdict | Refusal
