"""The AsyncAPI document of the socket: the commands it takes, and every frame it sends.

https://www.asyncapi.com/docs/reference/specification/v3.0.0
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from openpositions.wire.api.openapi import SCHEMAS, SIGNATURE
from openpositions.wire.api.socket_forms import (
    Fill2025,
    Fill2026,
    FillBoth,
    Filter,
    MarketPosition2025,
    MarketPosition2026,
    MarketPositionBoth,
    Notice,
    PlainSubscribeParams,
    SnapshotEnd,
    Subscribed,
    SubscribeParams,
    Subscription,
    UnsubscribeParams,
    UpdateParams,
)
from openpositions.wire.paths import SOCKET_PATH
from openpositions.wire.socket.errors import ErrorMessage
from openpositions.wire.socket.frames import Dialect
from openpositions.wire.socket.lifecycle_frames import Determined, Settled
from openpositions.wire.socket.portfolio_frames import PortfolioMessage

if TYPE_CHECKING:
    from collections.abc import Iterable


class _Message(NamedTuple):
    summary: str
    content: object
    """The type of `params` of a command and of `msg` of a frame; None where there is none."""
    kind: str = ""
    """The `type` of a frame; empty for a command."""
    required: tuple[str, ...] = ()
    """What else is always in the envelope,"""
    optional: tuple[str, ...] = ()
    """and what sometimes."""
    is_extension: bool = False


_COMMANDS = {
    "subscribe": _Message("Opens a subscription per channel, or widens it", SubscribeParams),
    "unsubscribe": _Message("Ends subscriptions", UnsubscribeParams),
    "update_subscription": _Message("Changes the filter of one subscription", UpdateParams),
    "list_subscriptions": _Message("Asks what is subscribed", None),
}
_REPLIES = {
    "subscribed": _Message("One per channel of a subscribe", Subscribed, "subscribed", (), ("id",)),
    "unsubscribed": _Message("One per sid of an unsubscribe", None, "unsubscribed", ("sid", "seq"), ("id",)),
    "updated": _Message("The filter after an update", Filter, "ok", ("sid", "seq"), ("id",)),
    "listed": _Message("What is subscribed", list[Subscription], "ok", (), ("id",)),
    "error": _Message(
        "A command that was not carried out; with a sid, the end of that subscription",
        ErrorMessage,
        "error",
        (),
        ("id", "sid"),
    ),
}
_POSITION, _EXTENDED = "One change of a row, the row whole", ("seq", "conflated")
_FILL = "One fill"
_FRAMES = {
    "market_position_2025": _Message(_POSITION, MarketPosition2025, "market_position", ("sid",), _EXTENDED),
    "market_position_2026": _Message(_POSITION, MarketPosition2026, "market_position", ("sid",), _EXTENDED),
    "market_position_both": _Message(_POSITION, MarketPositionBoth, "market_position", ("sid",), _EXTENDED),
    "market_positions_snapshot": _Message(
        "The end of a snapshot", SnapshotEnd, "market_positions_snapshot", ("sid",), ("seq",), is_extension=True
    ),
    "fill_2025": _Message(_FILL, Fill2025, "fill", ("sid",)),
    "fill_2026": _Message(_FILL, Fill2026, "fill", ("sid",)),
    "fill_both": _Message(_FILL, FillBoth, "fill", ("sid",)),
    "determined": _Message("What a market will settle at", Determined, "market_lifecycle_v2", ("sid",)),
    "settled": _Message("A market settled", Settled, "market_lifecycle_v2", ("sid",)),
    "portfolio": _Message("What all rows are worth", PortfolioMessage, "portfolio", ("sid",), is_extension=True),
    "notice": _Message("A planned stop", Notice, "notice", is_extension=True),
}


def asyncapi_document(version: str, *, plain: bool = False) -> dict[str, Any]:
    """The document of the socket. That of a `plain` server knows no extensions."""
    messages = {
        name: message
        for name, message in {**_COMMANDS, **_REPLIES, **_FRAMES}.items()
        if not (plain and message.is_extension)
    }
    if plain:
        messages["subscribe"] = messages["subscribe"]._replace(content=PlainSubscribeParams)
    types = [message.content for message in messages.values() if message.content is not None]
    schemas, components = msgspec.json.schema_components(types, ref_template=SCHEMAS)
    remaining = iter(schemas)
    contents = {name: None if one.content is None else next(remaining) for name, one in messages.items()}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "openpositions", "version": version, "license": {"name": "Apache-2.0"}},
        "defaultContentType": "application/json",
        "channels": {
            "socket": {
                "address": SOCKET_PATH,
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
                "bindings": {"ws": {"method": "GET", "query": _query(plain=plain), "bindingVersion": "0.1.0"}},
            }
        },
        "operations": {
            "command": _operation("receive", _COMMANDS)
            | {"reply": {"channel": {"$ref": "#/channels/socket"}, "messages": _in_channel(_REPLIES)}},
            "frame": _operation("send", [name for name in _FRAMES if name in messages]),
        },
        "components": {
            "messages": {
                name: {"name": name, "summary": one.summary, "payload": _payload(name, one, contents[name])}
                for name, one in messages.items()
            },
            "schemas": components,
            "securitySchemes": {
                name: {"type": "httpApiKey", "in": "header", "name": header, "description": description}
                for name, (header, description) in SIGNATURE.items()
            },
        },
    }


def _query(*, plain: bool) -> dict[str, Any]:
    dialects = [dialect.value for dialect in Dialect]
    wire = {"wire": {"type": "string", "enum": dialects, "description": "The dialect; the server's unless given."}}
    ticket = {"ticket": {"type": "string", "description": "A ticket, instead of the three headers."}}
    return {"type": "object", "properties": ticket if plain else wire | ticket}


def _operation(action: str, names: Iterable[str]) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": "#/channels/socket"},
        "messages": _in_channel(names),
        "security": [{"$ref": f"#/components/securitySchemes/{name}"} for name in SIGNATURE],
    }


def _in_channel(names: Iterable[str]) -> list[dict[str, str]]:
    return [{"$ref": f"#/channels/socket/messages/{name}"} for name in names]


def _payload(name: str, message: _Message, content: dict[str, Any] | None) -> dict[str, Any]:
    """The schema of a whole message: the envelope, and what is in it."""
    kind = ("type", message.kind) if message.kind else ("cmd", name)
    inside = "msg" if message.kind else "params"
    integers = message.required + (message.optional if message.kind else ("id",))
    properties: dict[str, Any] = {kind[0]: {"const": kind[1]}, **{one: {"type": "integer"} for one in integers}}
    required = [kind[0], *message.required]
    if content is not None:
        properties[inside] = content
        required.append(inside)
    return {"type": "object", "properties": properties, "required": required}
