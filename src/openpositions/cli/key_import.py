"""`openpositions keys import`: many keys at once."""

from __future__ import annotations

from itertools import batched
