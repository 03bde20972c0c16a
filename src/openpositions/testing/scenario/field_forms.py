"""What is allowed at a place of a scenario, in words, taken from the types (pure)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import inspect

from openpositions.testing.scenario.steps import Scenario

if TYPE_CHECKING:
    from openpositions.testing.scenario.document import Path

_SCENARIO = inspect.type_info(Scenario)


def allowed_at(path: Path, fault: str | None = None) -> str:
    """What the value at a path must be; `fault` tells which fault it belongs to, where it is of one."""
    found: inspect.Type = _SCENARIO
    for part in path:
        kinds = _alternatives(found)
        if isinstance(kinds[0], inspect.VarTupleType):
            found = kinds[0].item_type
        elif any(part == kind.tag_field for kind in _structs(kinds)):
            return f"one of {', '.join(str(kind.tag) for kind in _structs(kinds))}"
        else:
            structs = sorted(_structs(kinds), key=lambda kind: kind.tag != fault)
            found = next(field.type for kind in structs for field in kind.fields if field.encode_name == part)
    return _described(found)


def _alternatives(kind: inspect.Type) -> list[inspect.Type]:
    """The types that a value may have, without their descriptions, and without the null that stands for its absence."""
    if isinstance(kind, inspect.Metadata):
        return _alternatives(kind.type)
    if isinstance(kind, inspect.UnionType):
        return [one for part in kind.types if not isinstance(part, inspect.NoneType) for one in _alternatives(part)]
    return [kind]


def _structs(kinds: list[inspect.Type]) -> list[inspect.StructType]:
    return [kind for kind in kinds if isinstance(kind, inspect.StructType)]


def _described(kind: inspect.Type) -> str:
    if isinstance(kind, inspect.UnionType):
        stated = [one for one in kind.types if not isinstance(one, inspect.NoneType)]
        if len(stated) == 1:
            return _described(stated[0])
    if isinstance(kind, inspect.Metadata) and kind.extra_json_schema:
        described = str(kind.extra_json_schema["description"])
        return described if "integer" in described else described + _bounds(kind.type)
    kinds = _alternatives(kind)
    if structs := _structs(kinds):
        names = dict.fromkeys(field.encode_name for struct in structs for field in struct.fields)
        tag = f"{structs[0].tag_field}, " if structs[0].tag_field else ""
        return f"a mapping of {tag}{', '.join(names)}"
    if isinstance(kinds[0], inspect.LiteralType):
        return f"one of {', '.join(str(value) for value in kinds[0].values)}"
    return "a text"


def _bounds(kind: inspect.Type) -> str:
    return f", an integer from {kind.ge} to {kind.le}" if isinstance(kind, inspect.IntType) else ""
