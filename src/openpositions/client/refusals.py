"""What a refused request or handshake says, as an exception (protocol, 1 and 4)."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import msgspec

from openpositions.errors import (
    NotAuthenticated,
    NotPermitted,
    RequestFailed,
    ServiceUnavailable,
    TooManyRequests,
)

_SHOWN_CHARACTERS = 200

# Digits of a number of seconds; longer ones are past every calendar.
_LONGEST_DELAY = 9

_KINDS: dict[int, type[RequestFailed]] = {
    HTTPStatus.UNAUTHORIZED: NotAuthenticated,
    HTTPStatus.FORBIDDEN: NotPermitted,
    HTTPStatus.TOO_MANY_REQUESTS: TooManyRequests,
}

# What to do about it, by the words of the venue.
_ADVICE = {
    "INCORRECT_API_KEY_SIGNATURE": "the signature does not fit: is this the private key of that key id?",
    "NOT_FOUND": "the service knows no such key id; it may have been revoked",
    "header_timestamp_expired": "the clocks of this machine and of the service are too far apart",
}


class _Error(msgspec.Struct):
    code: str = ""
    message: str = ""
    details: str = ""


class _Body(msgspec.Struct):
    error: _Error | str


def refusal(asked: str, status: int, body: bytes, retry_after_seconds: float | None = None) -> RequestFailed:
    """The exception for an answer that is no success; `asked` is method and path."""
    may_pass = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    kind = ServiceUnavailable if may_pass else _KINDS.get(status, RequestFailed)
    return kind(f"{asked} was refused with {status}: {reason(body)}", status, retry_after_seconds=retry_after_seconds)


def read_retry_after(header: str | None, now: datetime) -> float | None:
    """The seconds that a header Retry-After asks for: a number, or until a date. None for what is neither."""
    if header is None:
        return None
    if header.isascii() and header.isdigit() and len(header) <= _LONGEST_DELAY:
        return float(header)
    try:
        until = parsedate_to_datetime(header)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (until - now).total_seconds())


def reason(body: bytes) -> str:
    """Why a request was refused, for people."""
    try:
        error = msgspec.json.decode(body, type=_Body).error
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return repr(body[:_SHOWN_CHARACTERS].decode(errors="replace"))
    if isinstance(error, str):
        return error
    said = f"{error.message} ({error.details})" if error.details else error.message
    advice = _ADVICE.get(error.details) or _ADVICE.get(error.code)
    return f"{said}; {advice}" if advice else said
