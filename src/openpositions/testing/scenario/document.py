"""YAML text as plain values, each with the line it stands on (pure).

Every scalar is kept as the text that was written, null aside: `0.40` stays "0.40", and `no` is a side and not false.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import yaml

from openpositions.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_BYTES = 1 << 20
_DEEPEST = 16

Path: TypeAlias = "tuple[str | int, ...]"

_PREFIX = "tag:yaml.org,2002:"
_NULL = f"{_PREFIX}null"
# What YAML makes of plain scalars, which stay texts here, and the two collections.
_TAKEN = frozenset(
    _PREFIX + name for name in ("null", "bool", "int", "float", "str", "timestamp", "value", "merge", "seq", "map")
)


class Document(NamedTuple):
    """What a text says."""

    content: Any
    """Texts, None, lists and dicts."""
    lines: dict[Path, int]
    """Where each value begins; for a field of a dict, its name. From 1."""


class _Loader(yaml.SafeLoader):
    """Composes nodes; refuses what could make a small text large or deep."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        mark = self.peek_event().start_mark  # type: ignore[no-untyped-call] # the stubs leave it out
        if self.check_event(yaml.AliasEvent):
            raise _error(mark, "aliases (*name) are not taken: write the value out")
        self.depth += 1
        if self.depth > _DEEPEST:
            raise _error(mark, f"is nested more than {_DEEPEST} deep")
        node: yaml.Node | None = super().compose_node(parent, index)
        self.depth -= 1
        return node


def read_document(text: str | bytes) -> Document:
    """The one document of a YAML text, of which JSON is a part. Raises InvalidInput, which names the line."""
    if len(text) > LONGEST_BYTES:
        raise InvalidInput("scenario", f"a scenario has at most {LONGEST_BYTES >> 20} MiB; say `times` instead")
    lines: dict[Path, int] = {}
    try:
        root = yaml.compose(text, Loader=_Loader)
        if root is None:
            raise InvalidInput("scenario", "line 1: nothing is there")
        return Document(_plain(root, (), lines), lines)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _error(mark, f"is not YAML: {error.problem or error.context}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InvalidInput("scenario", f"line 1: is not YAML: {' '.join(str(error).split())}") from None


def _plain(node: yaml.Node, path: Path, lines: dict[Path, int]) -> Any:  # noqa: ANN401 - whatever the text holds
    lines.setdefault(path, node.start_mark.line + 1)
    if node.tag not in _TAKEN:
        raise _error(node.start_mark, f"the tag {node.tag[:40]} is not taken")
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*path, index), lines) for index, item in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        return dict(_fields(node, path, lines))
    return None if node.tag == _NULL else node.value


def _fields(node: yaml.MappingNode, path: Path, lines: dict[Path, int]) -> Iterator[tuple[str, Any]]:
    seen = set()
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise _error(key.start_mark, "a field's name must be a text")
        if key.value in seen:
            raise _error(key.start_mark, f"{key.value[:40]!r} is given twice")
        seen.add(key.value)
        lines[*path, key.value] = key.start_mark.line + 1
        yield key.value, _plain(value, (*path, key.value), lines)


def _error(mark: yaml.Mark | None, message: str) -> InvalidInput:
    return InvalidInput("scenario", f"line {mark.line + 1 if mark else 1}: {message}")
