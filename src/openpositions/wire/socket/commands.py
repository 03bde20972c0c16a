"""Commands as a client writes them, checked for form (protocol, 2 and 5).

Whether a command fits the connection (does the sid exist, may the filter change) is decided in `wire.socket.session`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias, TypeVar

import msgspec

from openpositions.wire.names import NAME, is_name
from openpositions.wire.socket.errors import CommandError, ErrorCode

POSITIONS = "market_positions"
FILLS = "fill"
LIFECYCLE = "market_lifecycle_v2"
PORTFOLIO = "portfolio"
CHANNELS = (POSITIONS, FILLS, LIFECYCLE, PORTFOLIO)
UNFILTERED_CHANNELS = frozenset({LIFECYCLE, PORTFOLIO})
"""Those that always cover every market."""

EXTENSIONS = frozenset({"send_initial_snapshot", "extended", "resume", "conflate_ms"})
"""Parameters of a subscribe that the venue does not know (protocol, 5)."""

MIN_CONFLATE_MS, MAX_CONFLATE_MS = 10, 60_000


class Resume(NamedTuple):
    """Where a client left off."""

    epoch: str
    sequence: int


class Extensions(NamedTuple):
    """What a subscription to positions asked for beyond the venue's protocol (protocol, 5)."""

    snapshot: bool = False
    extended: bool = False
    resume: Resume | None = None
    conflate_ms: int = 0


class Subscribe(NamedTuple):
    """Opens or widens a subscription per channel."""

    channels: tuple[str, ...]
    tickers: tuple[str, ...]
    """Empty for every market."""
    extensions: Extensions


class Unsubscribe(NamedTuple):
    """Ends subscriptions."""

    sids: tuple[int, ...]


class Update(NamedTuple):
    """Changes the filter of one subscription."""

    adds: bool
    sid: int
    tickers: tuple[str, ...]


class ListSubscriptions(NamedTuple):
    """Asks what is subscribed."""


Command: TypeAlias = Subscribe | Unsubscribe | Update | ListSubscriptions

_Value = TypeVar("_Value")
_TYPES = {str: "a text", int: "an integer", bool: "true or false", list: "a list", dict: "an object"}


class Envelope(NamedTuple):
    """A message of a client that is an object: its id, and the rest unchecked."""

    command_id: int | None
    fields: dict[str, Any]


def decode_envelope(message: str | bytes) -> Envelope:
    """The object that a message is. Raises CommandError when it is none, or its id is no integer."""
    try:
        fields = msgspec.json.decode(message)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise CommandError(ErrorCode.UNPROCESSABLE, "the message is not JSON") from None
    if not isinstance(fields, dict):
        raise CommandError(ErrorCode.UNPROCESSABLE, "the message is not a JSON object")
    command_id = fields.get("id")
    if command_id is not None and type(command_id) is not int:
        raise CommandError(ErrorCode.UNPROCESSABLE, "id must be an integer")
    return Envelope(command_id, fields)


def parse_command(fields: dict[str, Any], *, plain: bool = False) -> Command:
    """The command of an envelope. Raises CommandError, checked in the order of the error table of each command.

    To a `plain` server an extension is an unknown parameter, ignored like any other, or an unknown channel.
    """
    name = fields.get("cmd")
    if name is not None and not isinstance(name, str):
        raise CommandError(ErrorCode.UNPROCESSABLE, "cmd must be a text")
    if name == "list_subscriptions":
        return ListSubscriptions()
    parse = _PARSERS.get(name or "")
    if parse is None:
        raise CommandError(ErrorCode.UNKNOWN_COMMAND)
    params = fields.get("params")
    if params is None:
        raise CommandError(ErrorCode.PARAMS_REQUIRED)
    if not isinstance(params, dict):
        raise CommandError(ErrorCode.UNPROCESSABLE, "params must be an object")
    if not plain:
        return parse(params)
    command = parse({name: value for name, value in params.items() if name not in EXTENSIONS})
    if isinstance(command, Subscribe) and PORTFOLIO in command.channels:
        raise CommandError(ErrorCode.UNKNOWN_CHANNEL)
    return command


def _subscribe(params: dict[str, Any]) -> Subscribe:
    channels = _list_of(params, "channels", str)
    if not channels:
        raise CommandError(ErrorCode.CHANNELS_REQUIRED)
    for channel in channels:
        if channel not in CHANNELS:
            raise CommandError(ErrorCode.UNKNOWN_CHANNEL, f"{channel[:40]!r} is none of {', '.join(CHANNELS)}")
    extensions = _extensions(params)
    if extensions != Extensions() and POSITIONS not in channels:
        raise CommandError(ErrorCode.INVALID_PARAMETER, f"only a subscription to {POSITIONS} can be extended")
    tickers = _tickers(params)
    if tickers and PORTFOLIO in channels and UNFILTERED_CHANNELS.issuperset(channels):
        # Its sums would be taken for those of the markets named. Beside another channel they are that one's filter.
        raise CommandError(ErrorCode.INVALID_PARAMETER, f"a subscription to {PORTFOLIO} covers every market")
    return Subscribe(tuple(dict.fromkeys(channels)), tickers, extensions)


def _unsubscribe(params: dict[str, Any]) -> Unsubscribe:
    sids = _list_of(params, "sids", int)
    if not sids:
        raise CommandError(ErrorCode.SIDS_REQUIRED)
    return Unsubscribe(tuple(dict.fromkeys(sids)))


def _update(params: dict[str, Any]) -> Update:
    action = _optional(params, "action", str)
    if not action:
        raise CommandError(ErrorCode.ACTION_REQUIRED)
    if action not in {"add_markets", "delete_markets"}:
        raise CommandError(ErrorCode.UNSUPPORTED_ACTION)
    sid = _optional(params, "sid", int)
    sids = dict.fromkeys([*_list_of(params, "sids", int), *([] if sid is None else [sid])])
    if len(sids) != 1:
        raise CommandError(ErrorCode.ONE_SID_REQUIRED)
    tickers = _tickers(params)
    if not tickers:
        raise CommandError(ErrorCode.INVALID_PARAMETER, "market_ticker or market_tickers must name a market")
    return Update(action == "add_markets", next(iter(sids)), tickers)


def _tickers(params: dict[str, Any]) -> tuple[str, ...]:
    one = _optional(params, "market_ticker", str)
    tickers = dict.fromkeys([*([] if one is None else [one]), *_list_of(params, "market_tickers", str)])
    for ticker in tickers:
        if not is_name(ticker):
            raise CommandError(ErrorCode.INVALID_PARAMETER, f"market ticker {ticker[:40]!r} is not {NAME}")
    return tuple(tickers)


def _extensions(params: dict[str, Any]) -> Extensions:
    conflate_ms = _optional(params, "conflate_ms", int)
    if conflate_ms is not None and not MIN_CONFLATE_MS <= conflate_ms <= MAX_CONFLATE_MS:
        raise CommandError(
            ErrorCode.INVALID_PARAMETER, f"conflate_ms must be {MIN_CONFLATE_MS}-{MAX_CONFLATE_MS}, not {conflate_ms}"
        )
    return Extensions(
        _optional(params, "send_initial_snapshot", bool) or False,
        _optional(params, "extended", bool) or False,
        _resume(params),
        conflate_ms or 0,
    )


def _resume(params: dict[str, Any]) -> Resume | None:
    resume = _optional(params, "resume", dict)
    if resume is None:
        return None
    epoch, sequence = _optional(resume, "epoch", str), _optional(resume, "sequence", int)
    if epoch is None or sequence is None or sequence < 0:
        raise CommandError(ErrorCode.INVALID_PARAMETER, "resume needs an epoch and a sequence of at least 0")
    return Resume(epoch, sequence)


def _optional(params: dict[str, Any], name: str, kind: type[_Value]) -> _Value | None:
    """The value of a parameter, None when it is absent or null. A bool is no int here."""
    value = params.get(name)
    if value is not None and type(value) is not kind:
        raise CommandError(ErrorCode.UNPROCESSABLE, f"{name} must be {_TYPES[kind]}")
    return value


def _list_of(params: dict[str, Any], name: str, kind: type[_Value]) -> list[_Value]:
    values = _optional(params, name, list) or []
    if any(type(value) is not kind for value in values):
        raise CommandError(ErrorCode.UNPROCESSABLE, f"each of {name} must be {_TYPES[kind]}")
    return list(values)


_PARSERS: dict[str, Callable[[dict[str, Any]], Command]] = {
    "subscribe": _subscribe,
    "unsubscribe": _unsubscribe,
    "update_subscription": _update,
}
