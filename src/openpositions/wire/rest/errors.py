"""The bodies of refused requests and handshakes (protocol, 1 and 4)."""

from http import HTTPStatus

import msgspec

# Python knew these by other names before 3.13; here a code stays what it is (RFC 9110, 15.5).
_RENAMED = {
    413: "content_too_large",
    414: "uri_too_long",
    416: "range_not_satisfiable",
    422: "unprocessable_content",
}


class Reason(msgspec.Struct, omit_defaults=True):
    """Why: `code` for programs, `message` for people."""

    code: str
    message: str
    details: str = ""


class ErrorAnswer(msgspec.Struct):
    """A refusal."""

    error: Reason


class TooManyRequests(msgspec.Struct):
    """The refusal of somebody who asks too often."""

    error: str


def error_body(code: str, message: str, details: str = "") -> bytes:
    """An error in JSON. `code` is for programs, `message` for people; empty details are left out."""
    return msgspec.json.encode(ErrorAnswer(Reason(code, message, details)))


def code_of_status(status: int) -> str:
    """The code of a refusal of which nothing is known but its HTTP status: the name of that; `rejected` without one."""
    try:
        return _RENAMED.get(status) or HTTPStatus(status).phrase.lower().replace(" ", "_").replace("-", "_")
    except ValueError:
        return "rejected"


BAD_SIGNATURE = error_body("authentication_error", "authentication_error", "INCORRECT_API_KEY_SIGNATURE")
UNKNOWN_KEY = error_body("authentication_error", "authentication_error", "NOT_FOUND")
MISSING_SIGNATURE = error_body("signature_is_missing_from_headers", "signature is missing from headers")
TIMESTAMP_EXPIRED = error_body("header_timestamp_expired", "header timestamp expired")
TOO_MANY_REQUESTS = msgspec.json.encode(TooManyRequests("too many requests"))
