"""A flag for every setting, so that flags, variables and file know the same names."""

from __future__ import annotations

import inspect
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from openpositions.server.settings import RENAMED, Settings

if TYPE_CHECKING:
    from collections.abc import Callable

_HELP = {
    "host": "Address to listen on.",
    "port": "Port to listen on; 0 picks a free one.",
    "wire": "Dialect of connections that name none: 2025, 2026 or both.",
    "plain": "Serve sockets as the venue would, without extensions.",
    "tls_cert": "PEM file of the certificate.",
    "tls_key": "PEM file of its private key.",
    "insecure": "Serve beyond loopback without TLS, because something else encrypts the way.",
    "allowed_origins": "Origins that may use tickets, separated by commas.",
    "timestamp_window_ms": "How far the timestamp of a request may be off, either way.",
    "connections": "WebSocket connections in all.",
    "connections_per_user": "WebSocket connections of one user.",
    "commands_per_second": "Commands of one connection.",
    "reads_per_second": "REST reads (GET) of one user.",
    "tickers_per_subscription": "Markets in the filter of one subscription.",
    "inbound_frame_bytes": "The longest frame that is taken.",
    "body_bytes": "The longest body of POST /v1/events.",
    "bodies_in_memory_bytes": "All bodies in memory at once.",
    "request_seconds": "A connection on which no request arrives for so long is closed.",
    "ping_seconds": "Time between pings.",
    "pong_seconds": "Without a pong for so long a connection is closed.",
    "stall_seconds": "A connection that takes nothing for so long is closed.",
}

_DEFAULTS = {field.name: field.default for field in msgspec.structs.fields(Settings)}


def with_setting_flags(command: Callable[..., None]) -> Callable[..., None]:
    """Adds the flags to a command. It gets those that were given as `flags`, by the names of the settings.

    Names of before are taken too, and not shown, so that they can be refused with the names of now.
    """

    @wraps(command)
    def parse(**options: Any) -> None:  # noqa: ANN401 - whatever the command takes besides
        given = {name: value for name in (*_HELP, *RENAMED) if (value := options.pop(name)) is not None}
        command(**options, flags=given)

    own = inspect.signature(command, eval_str=True)
    parameters = [parameter for name, parameter in own.parameters.items() if name != "flags"]
    parameters += [_flag(name, text) for name, text in _HELP.items()]
    parameters += [_parameter(name, str, typer.Option(_option(name), hidden=True)) for name in RENAMED]
    # Typer reads both.
    parse.__signature__ = own.replace(parameters=parameters)  # type: ignore[attr-defined]
    parse.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return parse


def _flag(name: str, text: str) -> inspect.Parameter:
    # A default of its own would count as given, so it is only shown.
    shown = str(_DEFAULTS[name]) if _DEFAULTS[name] not in {None, False, ()} else False
    of_type = bool if isinstance(_DEFAULTS[name], bool) else str
    return _parameter(name, of_type, typer.Option(_option(name), help=text, show_default=shown))


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _parameter(name: str, of_type: type, option: object) -> inspect.Parameter:
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[of_type | None, option]
    )
