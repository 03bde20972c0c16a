"""The answer to a post of events, for the service that makes it and the programs that read it."""

from __future__ import annotations

import msgspec

from openpositions.wire.ingest.bodies import Rejection


class EventsAnswer(msgspec.Struct, frozen=True):
    """What became of each line of a body, once what was accepted is durable (interfaces, "Events in")."""

    accepted: int
    duplicates: int
    rejected: list[Rejection]
    sequence: int
