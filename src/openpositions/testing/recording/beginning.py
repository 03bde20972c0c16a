"""What a replay answers to the reads of a client that begins: nothing is held yet, and the frames tell the rest.

Every connection hears a recording from its start, so what is true at its end would be told too early.
"""

from __future__ import annotations

import msgspec

from openpositions.wire.paths import REST_PATH
from openpositions.wire.rest.fill_page import FillsAnswer
from openpositions.wire.rest.position_page import PositionsAnswer
from openpositions.wire.rest.settlement_page import SettlementsAnswer

READS = {
    f"{REST_PATH}/portfolio/{name}": msgspec.json.encode(answer)
    for name, answer in {
        "positions": PositionsAnswer("", [], []),
        "fills": FillsAnswer("", []),
        "settlements": SettlementsAnswer("", []),
    }.items()
}
"""Path and body of each."""
