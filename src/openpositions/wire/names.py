"""Ids and tickers, whoever writes them (interfaces, "Events in")."""

LONGEST_NAME = 128
NAME = f"1-{LONGEST_NAME} printable ASCII characters without spaces"
"""What an id or a ticker is, for errors and descriptions."""
NAME_CHARACTERS = "[!-~]"
"""One of them, as a pattern."""


def is_name(text: str) -> bool:
    """Whether it can be an id or a ticker."""
    return 0 < len(text) <= LONGEST_NAME and has_name_characters(text)


def has_name_characters(text: str) -> bool:
    """Whether there is nothing in it but printable ASCII characters other than space."""
    return text.isascii() and text.isprintable() and " " not in text
