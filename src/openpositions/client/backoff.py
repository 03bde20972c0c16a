"""How long to wait before the next connection: longer each time, and never the same for two clients."""

from __future__ import annotations

from random import Random

FIRST_SECONDS, LONGEST_SECONDS = 0.1, 30.0

# A connection that lived for so long was a good one.
HEALTHY_SECONDS = 5.0

# One that told all there was before it ended was no failure, but a service that ends each so is not to be hammered:
# the next pauses begin below FIRST_SECONDS * 2 ** this, 0.8 seconds.
_AFTER_CATCHING_UP = 3


class Backoff:
    """Exponential, with full jitter: a random part of a ceiling that doubles up to LONGEST_SECONDS."""

    def __init__(self, random: Random | None = None) -> None:
        self._random = random or Random()  # noqa: S311 - spreads clients in time, hides nothing
        self._failures = 0

    def next_seconds(self) -> float:
        """How long to wait now."""
        # Past this power the ceiling stays the same.
        ceiling = min(FIRST_SECONDS * 2 ** min(self._failures, 16), LONGEST_SECONDS)
        self._failures += 1
        return self._random.uniform(0, ceiling)

    def ended(self, lived_seconds: float, *, caught_up: bool) -> None:
        """Learns how long the last connection lived, and whether it told all that had been missed."""
        if lived_seconds >= HEALTHY_SECONDS:
            self._failures = 0
        elif caught_up:
            self._failures = min(self._failures, _AFTER_CATCHING_UP)
