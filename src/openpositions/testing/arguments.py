"""Checks what a test hands to the sandbox, so that a slip fails at once and by name, and is never taken for a wait."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import msgspec

from openpositions.errors import InvalidInput, Misconfigured
from openpositions.server.settings import Settings
from openpositions.wire.ingest.field_types import MAX_SUBACCOUNT
from openpositions.wire.signing import KeyType


def read_settings(data: Path, stated: Mapping[str, Any]) -> Settings:
    """The settings of a sandbox that keeps its data there. Raises Misconfigured."""
    allowed = [name for name in Settings.__struct_fields__ if name != "data"]
    for name in stated:
        if name not in allowed:
            raise Misconfigured(f"{name!r} is no setting of a sandbox: it takes {', '.join(allowed)}")
    try:
        return msgspec.convert({"port": 0, **stated, "data": data}, Settings, dec_hook=_as_path)
    except msgspec.ValidationError as error:
        expected, _, name = str(error).partition(" - at `$.")
        raise Misconfigured(f"setting {name.rstrip('`') or '?'}: {expected[:1].lower()}{expected[1:]}") from None


def to_json(field: str, value: object) -> bytes:
    """What a test states as objects, as JSON, with a Decimal as text. Raises InvalidInput."""
    try:
        return json.dumps(value, separators=(",", ":"), allow_nan=False, default=_as_text).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidInput(field, f"{field} must be what JSON can hold: {error}") from None


def to_ms(seconds: object) -> int:
    """A time in seconds as milliseconds, to the nearest. Raises InvalidInput."""
    return round(_finite("seconds", seconds) * 1000)


def timeout_seconds(value: object) -> float:
    """How long to wait; not for ever, which a wait until `nan` would be. Raises InvalidInput."""
    seconds = float(_finite("timeout", value))
    if seconds < 0:
        raise _wrong("timeout", "a number of seconds, 0 or more", value)
    return seconds


def amount_of(name: str, value: object) -> int:
    """How many of something to wait for. Raises InvalidInput."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise _wrong(name, "an integer, 0 or more", value)
    return value


def named_values(name: str, value: object, allowed: Iterable[str] = ()) -> Mapping[str, Any]:
    """Names and the values they are to have; of these names, when some are given. Raises InvalidInput."""
    if not isinstance(value, Mapping) or not value or not all(isinstance(one, str) for one in value):
        raise _wrong(name, 'names with the values wanted, as in {"type": "fill"}', value)
    known = tuple(allowed)
    for one in value:
        if known and one not in known:
            raise InvalidInput(name, f"{one!r} is nothing that a {name} has: it has {', '.join(known)}")
    return value


def check_key(user_id: object, scopes: object, subaccount: object, key_type: object) -> frozenset[str]:
    """Of a key that is asked for, the scopes. Raises InvalidInput."""
    if not isinstance(user_id, str):
        raise _wrong("user", "text", user_id)
    if isinstance(scopes, str) or not isinstance(scopes, Iterable):
        raise _wrong("scopes", 'a list or tuple such as ("read", "admin")', scopes)
    named = list(scopes)
    if not all(isinstance(scope, str) for scope in named):
        raise _wrong("scopes", 'a list or tuple of text such as ("read", "admin")', scopes)
    if subaccount is not None and amount_of("subaccount", subaccount) > MAX_SUBACCOUNT:
        raise _wrong("subaccount", f"an integer from 0 to {MAX_SUBACCOUNT}, or None", subaccount)
    if key_type not in get_args(KeyType):
        raise _wrong("key_type", " or ".join(get_args(KeyType)), key_type)
    return frozenset(named)


def _finite(name: str, value: object) -> int | float | Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal) or not math.isfinite(value):
        raise _wrong(name, "a number of seconds", value)
    return value


def _as_text(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError(f"not {value!r}")


def _as_path(wanted: type, value: object) -> object:
    if wanted is Path and isinstance(value, str | Path):
        return Path(value)
    raise TypeError(f"expected a path, got {value!r}")


def _wrong(name: str, allowed: str, value: object) -> InvalidInput:
    return InvalidInput(name, f"{name} must be {allowed}, not {value!r}")
