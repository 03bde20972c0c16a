"""What is allowed at a place of a scenario, in words, taken from the types (pure)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from openpositions.testing.scenario.steps import Scenario

if TYPE_CHECKING:
    from openpositions.testing.scenario.document import Path

_SCENARIO = msgspec.inspect.type_info(Scenario)


def allowed_at(path: Path) -> str:
    """What the value at a path must be."""
    return _described(_type_at(path))


def _type_at(path: Path) -> msgspec.inspect.Type:
    found: msgspec.inspect.Type = _SCENARIO
    for part in path:
        inner = _bare(found)
        if isinstance(inner, msgspec.inspect.StructType):
            found = next(field.type for field in inner.fields if field.encode_name == part)
        elif isinstance(inner, msgspec.inspect.VarTupleType):
            found = inner.item_type
    return found


def _bare(kind: msgspec.inspect.Type) -> msgspec.inspect.Type:
    """A type without its description, and without the null that stands for its absence."""
    if isinstance(kind, msgspec.inspect.Metadata):
        return _bare(kind.type)
    if isinstance(kind, msgspec.inspect.UnionType):
        return _bare(_stated(kind))
    return kind


def _stated(kind: msgspec.inspect.UnionType) -> msgspec.inspect.Type:
    return next(one for one in kind.types if not isinstance(one, msgspec.inspect.NoneType))


def _described(kind: msgspec.inspect.Type) -> str:
    if isinstance(kind, msgspec.inspect.UnionType):
        return _described(_stated(kind))
    if isinstance(kind, msgspec.inspect.Metadata) and kind.extra_json_schema:
        bounds = _bounds(kind.type)
        return f"{kind.extra_json_schema['description']}{bounds}"
    if isinstance(kind, msgspec.inspect.LiteralType):
        return f"one of {', '.join(str(value) for value in kind.values)}"
    if isinstance(kind, msgspec.inspect.StructType):
        return f"a mapping of {', '.join(field.encode_name for field in kind.fields)}"
    return "a text"


def _bounds(kind: msgspec.inspect.Type) -> str:
    return f", an integer from {kind.ge} to {kind.le}" if isinstance(kind, msgspec.inspect.IntType) else ""
