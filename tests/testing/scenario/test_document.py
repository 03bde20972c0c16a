"""YAML texts as plain values, each with its line."""

import pytest

from openpositions.errors import InvalidInput
from openpositions.testing.scenario.document import LONGEST_BYTES, read_document


def test_scalars_stay_as_they_are_written() -> None:
    """No float rounds a price, and neither `no` nor `on` becomes a truth value; only null is nothing."""
    document = read_document("{price: 0.40, side: no, ticker: on, when: 2026-01-01, user: ~, quoted: '~'}")

    assert document.content == {
        "price": "0.40",
        "side": "no",
        "ticker": "on",
        "when": "2026-01-01",
        "user": None,
        "quoted": "~",
    }


def test_every_value_has_the_line_of_its_field() -> None:
    """Also where the value itself begins further down."""
    document = read_document("a:\n  - b: 1\n    c:\n      - 2\n  - d\n")

    assert document.lines == {
        (): 1,
        ("a",): 1,
        ("a", 0): 2,
        ("a", 0, "b"): 2,
        ("a", 0, "c"): 3,
        ("a", 0, "c", 0): 4,
        ("a", 1): 5,
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("a: 1\nb: [1,\n", "line 3: is not YAML: expected the node content", id="cut off"),
        pytest.param("a: 1\na: 2\n", "line 2: 'a' is given twice", id="doubled field"),
        pytest.param("a: &x 1\nb: *x\n", "line 2: aliases (*name) are not taken", id="alias"),
        pytest.param(
            "a: 1\nb: !!python/object:os.system {}\n", "line 2: the tag tag:yaml.org,2002:python", id="object"
        ),
        pytest.param("b: !secret x\n", "line 1: the tag !secret is not taken", id="tag"),
        pytest.param("? [a]\n: 1\n", "line 1: a field's name must be a text", id="list as a name"),
        pytest.param("[" * 17 + "]" * 17, "line 1: is nested more than 16 deep", id="deep"),
        pytest.param("# nothing\n", "line 1: nothing is there", id="empty"),
        pytest.param(b"a: \xff\n", "line 1: is not YAML: ", id="not UTF-8"),
        pytest.param("a: 1\n---\nb: 2\n", "line 2: is not YAML: but found another document", id="two documents"),
    ],
)
def test_what_is_no_document_is_named_by_line(text: str | bytes, message: str) -> None:
    """In one line, without a traceback."""
    with pytest.raises(InvalidInput) as raised:
        read_document(text)

    assert str(raised.value).startswith(message)
    assert "\n" not in str(raised.value)


def test_long_text_is_refused_unread() -> None:
    """Past 1 MiB."""
    with pytest.raises(InvalidInput, match="at most 1 MiB"):
        read_document("#" * (LONGEST_BYTES + 1))
