"""The numbered errors of the socket (protocol, 2)."""

from enum import Enum
from typing import Annotated

import msgspec

_encode = msgspec.json.Encoder().encode


class ErrorCode(Enum):
    """A number a client acts on, and its text. 6, 16 and 17 are retired numbers and never sent."""

    UNPROCESSABLE = 1, "Unable to process message"
    PARAMS_REQUIRED = 2, "Params required"
    CHANNELS_REQUIRED = 3, "Channels required"
    SIDS_REQUIRED = 4, "Subscription IDs required"
    UNKNOWN_COMMAND = 5, "Unknown command"
    UNKNOWN_SID = 7, "Unknown subscription ID"
    UNKNOWN_CHANNEL = 8, "Unknown channel name"
    AUTHENTICATION_REQUIRED = 9, "Authentication required"
    CHANNEL_ERROR = 10, "Channel error"
    INVALID_PARAMETER = 11, "Invalid parameter"
    ONE_SID_REQUIRED = 12, "Exactly one subscription ID is required"
    UNSUPPORTED_ACTION = 13, "Unsupported action"
    ACTION_REQUIRED = 15, "Action required"
    BUFFER_OVERFLOW = 25, "Subscription buffer overflow"
    MARKET_LIMIT = 26, "Subscription market limit exceeded"
    TOO_MANY_REQUESTS = 27, "Too many requests"

    def __init__(self, number: int, text: str) -> None:
        self.number = number
        self.text = text


class CommandError(Exception):
    """A command cannot be carried out; nothing of it was.

    `detail` names the parameter, its value and what is allowed, where the text of the code alone does not say it.
    """

    def __init__(self, code: ErrorCode, detail: str = "") -> None:
        super().__init__(f"{code.text}: {detail}" if detail else code.text)
        self.code = code
        self.detail = detail


class ErrorMessage(msgspec.Struct, omit_defaults=True):
    """What is wrong: the number, its text, and what in the command made it so."""

    code: Annotated[int, msgspec.Meta(extra_json_schema={"enum": [code.number for code in ErrorCode]})]
    msg: str
    detail: str = ""


def error_frame(code: ErrorCode, command_id: int | None = None, *, detail: str = "", sid: int | None = None) -> bytes:
    """An error frame: with the id of the command it answers, or the sid of the subscription it ends."""
    head = b"" if command_id is None else b'"id":%d,' % command_id
    ended = b"" if sid is None else b'"sid":%d,' % sid
    return b'{%b"type":"error",%b"msg":%b}' % (head, ended, _encode(ErrorMessage(code.number, code.text, detail)))
