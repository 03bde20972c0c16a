"""How long to wait before the next connection: longer each time, and never the same for two clients."""

from __future__ import annotations

from random import Random

FIRST_SECONDS, LONGEST_SECONDS = 0.1, 30.0

# A connection that lived for so long was a good one.
HEALTHY_SECONDS = 5.0

# A connection that delivered everything before it ended is no failure, but a service that ends every connection so must
# not be hammered: pauses grow to this while such connections follow each other.
LONGEST_AFTER_CATCHING_UP_SECONDS = 0.8

# Past this power of two, ceilings stay the same.
_HIGHEST = 16


class Backoff:
    """Exponential, with full jitter: a random part of a ceiling that doubles up to LONGEST_SECONDS."""

    def __init__(self, random: Random | None = None) -> None:
        self._random = random or Random()  # noqa: S311 - spreads clients in time, hides nothing
        self._failures = 0
        """Consecutive failed connections."""
        self._short = 0
        """Connections that delivered everything but did not live long, since the last that did."""

    def next_seconds(self) -> float:
        """How long to wait now."""
        after_failures = min(FIRST_SECONDS * 2 ** min(self._failures, _HIGHEST), LONGEST_SECONDS)
        after_catching_up = min(FIRST_SECONDS * 2 ** min(self._short, _HIGHEST), LONGEST_AFTER_CATCHING_UP_SECONDS)
        self._failures += 1
        return self._random.uniform(0, max(after_failures, after_catching_up))

    def ended(self, lived_seconds: float, *, caught_up: bool) -> None:
        """Learns how long the last connection lived, and whether it delivered all that had been missed."""
        if lived_seconds >= HEALTHY_SECONDS:
            self._failures = self._short = 0
        elif caught_up:
            self._failures = 0
            self._short += 1
