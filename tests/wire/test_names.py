"""What can be an id or a ticker (interfaces, "Events in")."""

import re

import pytest

from openpositions.wire.names import NAME, NAME_CHARACTERS, has_name_characters, is_name


@pytest.mark.parametrize("text", ["a", "!", "~", "KXHIGHNY-26JUL24-B87.5", "x" * 128])
def test_a_name_has_1_to_128_printable_ascii_characters(text: str) -> None:
    """Dots and dashes are among them."""
    assert is_name(text)


@pytest.mark.parametrize(
    "text", ["", "x" * 129, "a b", " a", "a\n", "a\tb", "a\x7f", "a\0b", "é", "\N{NO-BREAK SPACE}"]
)
def test_anything_else_is_none(text: str) -> None:
    """Spaces of any kind, control characters, other scripts, too little and too much."""
    assert not is_name(text)


def test_nothing_breaks_no_rule_of_characters() -> None:
    """Some ids may be empty; whoever reads them asks for the characters alone."""
    assert has_name_characters("")


def test_the_pattern_has_the_same_characters() -> None:
    """For descriptions, which editors check by."""
    characters = [chr(code) for code in range(0x250)]

    assert [one for one in characters if re.fullmatch(NAME_CHARACTERS, one)] == [
        one for one in characters if is_name(one)
    ]


def test_errors_say_what_is_allowed() -> None:
    """In these words."""
    assert NAME == "1-128 printable ASCII characters without spaces"
