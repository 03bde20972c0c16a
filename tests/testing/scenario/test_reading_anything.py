"""Whatever a file holds: a scenario, or one error that names a line."""

import re
from importlib.resources import files

from hypothesis import example, given, settings
from hypothesis import strategies as st

from openpositions.errors import InvalidInput
from openpositions.testing.scenario import parse

SHIPPED = (files("openpositions.testing.scenario") / "shipped" / "scalar-settlement.yaml").read_text(encoding="utf-8")
PIECES = [*"{}[]:\"'|#%~é\n\t\x00", "- ", "&a ", "*a", "!!set ", "? ", "-1"]
ONE_ERROR = re.compile(r"x, line [0-9]+: [^\n]+").fullmatch


def refusal(text: str) -> str | None:
    """Why a text is refused; None where it is a scenario. Any other exception fails the test."""
    try:
        parse(text, "x")
    except InvalidInput as error:
        return str(error)
    return None


@given(st.lists(st.sampled_from([*PIECES, "scenario", "steps", "trade", "fault", "a"]), max_size=40).map("".join))
@settings(max_examples=200, deadline=None)
def test_any_text_is_read_or_refused(text: str) -> None:
    """Of the signs that mean something in YAML."""
    refused = refusal(text)

    assert refused is None or ONE_ERROR(refused)


@given(st.integers(0, len(SHIPPED)), st.integers(0, 12), st.sampled_from(["", *PIECES]))
@example(SHIPPED.index("steps"), 5, "")
@settings(max_examples=100, deadline=None)
def test_a_damaged_scenario_is_read_or_refused(position: int, lost: int, put: str) -> None:
    """A few signs of it are others."""
    refused = refusal(SHIPPED[:position] + put + SHIPPED[position + lost :])

    assert refused is None or ONE_ERROR(refused)
