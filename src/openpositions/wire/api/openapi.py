"""The OpenAPI document of REST paths: each described once, by the types that read its input and write its answers.

https://spec.openapis.org/oas/v3.1.0
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from openpositions.wire.rest.errors import ErrorAnswer, TooManyRequests
from openpositions.wire.signing import KEY_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SCHEMAS = "#/components/schemas/{name}"
"""Where a document keeps its types."""

SIGNATURE = {
    "key": (KEY_HEADER, "The id of the key."),
    "timestamp": (TIMESTAMP_HEADER, "Unix milliseconds, decimal."),
    "signature": (
        SIGNATURE_HEADER,
        "Base64 of the signature of timestamp + method + path without query: RSA-PSS with SHA-256, or Ed25519.",
    ),
}
"""The three headers that sign a request (protocol, 1)."""

JSON = "application/json"
_REFUSALS = (ErrorAnswer, TooManyRequests)


class Parameter(NamedTuple):
    """A parameter of a query, or of a path when it stands there in braces."""

    name: str
    type: object
    description: str
    required: bool = False


class Operation(NamedTuple):
    """What a method does on a path."""

    summary: str
    answer: object
    """The type of a good answer; str for text that is no JSON; None for a connection that is no REST any more."""
    scope: str = ""
    """What a key needs to have; empty for a path that wants no signature."""
    parameters: tuple[Parameter, ...] = ()
    body: Mapping[str, object] = {}
    """By media type, the type of what is sent; of one line, where there are lines."""


class Endpoint(NamedTuple):
    """A method of a path."""

    method: str
    path: str


def openapi_document(operations: Mapping[Endpoint, Operation], version: str) -> dict[str, Any]:
    """The document that describes these operations and no others."""
    schemas, components = msgspec.json.schema_components(_types(operations.values()), ref_template=SCHEMAS)
    schema_of = dict(zip(map(_key, _types(operations.values())), schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for endpoint, operation in operations.items():
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, operation, schema_of)
    return {
        "openapi": "3.1.0",
        "info": {"title": "openpositions", "version": version, "license": {"name": "Apache-2.0"}},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                name: {"type": "apiKey", "in": "header", "name": header, "description": description}
                for name, (header, description) in SIGNATURE.items()
            },
        },
    }


def _types(operations: Iterable[Operation]) -> list[Any]:
    """Every type that an operation names, each once."""
    named: list[object] = [*_REFUSALS]
    for operation in operations:
        named += [parameter.type for parameter in operation.parameters]
        named += [*operation.body.values()]
        if operation.answer is not None:
            named.append(operation.answer)
    return list({_key(one): one for one in named}.values())


def _key(named: object) -> str:
    # Types that say the same are equal, and not all of them can be hashed.
    return repr(named)


def _operation(endpoint: Endpoint, operation: Operation, schema_of: Mapping[str, Any]) -> dict[str, Any]:
    def content(media_type: str, *types: object) -> dict[str, Any]:
        schemas = [schema_of[_key(one)] for one in types]
        return {media_type: {"schema": schemas[0] if len(schemas) == 1 else {"anyOf": schemas}}}

    described: dict[str, Any] = {
        "summary": operation.summary,
        "operationId": _operation_id(endpoint),
        "security": [{name: [] for name in SIGNATURE}] if operation.scope else [],
        "parameters": [
            {
                "name": one.name,
                "in": "path" if f"{{{one.name}}}" in endpoint.path else "query",
                "description": one.description,
                "required": one.required,
                "schema": schema_of[_key(one.type)],
            }
            for one in operation.parameters
        ],
        "responses": {"default": {"description": "Refused.", "content": content(JSON, *_REFUSALS)}},
    }
    if operation.scope:
        described["description"] = f"Needs a key with the scope `{operation.scope}`."
    if operation.body:
        bodies = [content(media_type, sent) for media_type, sent in operation.body.items()]
        described["requestBody"] = {
            "required": True,
            "content": {name: one for body in bodies for name, one in body.items()},
        }
    if operation.answer is None:
        described["responses"]["101"] = {"description": "A WebSocket, which `/asyncapi.json` describes."}
    else:
        media_type = "text/plain" if operation.answer is str else JSON
        described["responses"]["200"] = {"description": "Done.", "content": content(media_type, operation.answer)}
    return described


def _operation_id(endpoint: Endpoint) -> str:
    """One word that names an endpoint: a generated client has a function of that name."""
    words = endpoint.path.removeprefix("/trade-api").replace("{", "").replace("}", "")
    return endpoint.method.lower() + "".join(
        word.capitalize() for word in words.replace(".", "/").replace("_", "/").split("/")
    )
