"""What a service says of itself, held against what it sends: nothing may be missing, and nothing undescribed."""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator


def answer_schema(document: dict[str, Any], method: str, path: str, status: str = "200") -> dict[str, Any]:
    """The schema of an answer of an OpenAPI document."""
    content = document["paths"][path][method.lower()]["responses"][status]["content"]
    (described,) = content.values()
    return dict(described["schema"])


def message_schema(document: dict[str, Any], name: str) -> dict[str, Any]:
    """The schema of a message of an AsyncAPI document."""
    return dict(document["components"]["messages"][name]["payload"])


def mistakes(document: dict[str, Any], schema: dict[str, Any], sent: Any) -> list[str]:  # noqa: ANN401 - JSON
    """What of something that was sent is not as its schema in the document says; fields it does not name included."""
    whole = _strict({**schema, "components": {"schemas": document["components"]["schemas"]}})
    return [f"{error.json_path}: {error.message}" for error in Draft202012Validator(whole).iter_errors(sent)]


def _strict(schema: Any) -> Any:  # noqa: ANN401 - a schema or a part of one
    """The same schema, with no other fields than those it names."""
    if isinstance(schema, list):
        return [_strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    strict = {name: _strict(part) for name, part in schema.items()}
    if "properties" in schema and "type" in schema:
        strict.setdefault("additionalProperties", False)
    return strict
