"""A client that writes down every message it sends and receives."""

from __future__ import annotations

import asyncio
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias

import aiohttp
import msgspec

from openpositions.client.refusals import refusal
from openpositions.errors import RequestFailed, SubscriptionRefused
from openpositions.testing.recording.lines import (
    FORMAT,
    LONGEST_LINE_BYTES,
    LONGEST_MESSAGE_BYTES,
    ClosedLine,
    SessionLine,
    encode_line,
    frame_line,
)
from openpositions.testing.recording.sessions import MOST_BYTES
from openpositions.wire.paths import SOCKET_PATH
from openpositions.wire.signing import signed_headers

if TYPE_CHECKING:
    from openpositions.testing.recording.lines import Line
    from openpositions.wire.signing import PrivateKey

_LONGEST_REFUSAL_BYTES = 65_536

# So that the longest line still fits in a file that can be read.
_MOST_BYTES = MOST_BYTES - 2 * LONGEST_LINE_BYTES


class Login(NamedTuple):
    """Who records, and where."""

    url: str
    """http://… or https://…"""
    key_id: str
    private_key: PrivateKey


class Out(Protocol):
    """Where a recording goes."""

    def write(self, content: bytes, /) -> int:
        """Writes all of it; how many bytes that are."""


class Recorded(NamedTuple):
    """What was written."""

    frames: int
    """Received ones."""
    seconds: float
    close_code: int | None
    """None where the recorder ended it, or the connection was cut."""


Commands: TypeAlias = list[dict[str, Any]]


async def record(  # noqa: PLR0913 - who, what, where to, and four ways to end
    login: Login,
    commands: Commands,
    out: Out,
    *,
    most_frames: int,
    seconds: float | None = None,
    stop: asyncio.Event | None = None,
    wire: str | None = None,
) -> Recorded:
    """Sends the commands and writes down what comes, each line when it is known.

    Ends when the server closes, when `most_frames` were received, after some seconds, when `stop` is set, or before the
    file gets longer than one that can be read. Raises RequestFailed when no connection is made: nothing was written
    then; and SubscriptionRefused when a command is answered with an error.
    """
    path = SOCKET_PATH + (f"?wire={wire}" if wire else "")
    async with aiohttp.ClientSession(login.url, raise_for_status=_raise_for_status) as session:
        try:
            ws = await session.ws_connect(path, headers=_signed(login), max_msg_size=LONGEST_MESSAGE_BYTES)
        except (aiohttp.ClientError, OSError) as error:
            raise RequestFailed(f"no answer to GET {path}: {error}") from error
        async with ws:
            recorder = _Recorder(ws, out)
            await recorder.begin(f"{login.url}{path}", commands)
            receiving = asyncio.create_task(recorder.receive(most_frames))
            stopping = asyncio.create_task((stop or asyncio.Event()).wait())
            await asyncio.wait([receiving, stopping], timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            for task in (receiving, stopping):
                task.cancel()
            await asyncio.gather(receiving, stopping, return_exceptions=True)
            if not receiving.cancelled():
                receiving.result()
            return recorder.recorded()


class _Error(msgspec.Struct):
    code: int
    msg: str


class _Answer(msgspec.Struct):
    """What answers a command."""

    type: str
    id: int
    msg: msgspec.Raw = msgspec.Raw(b"null")


class _Recorder:
    """What was written so far."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse, out: Out) -> None:
        self._ws = ws
        self._out = out
        self._clock = asyncio.get_running_loop().time
        self._began = self._clock()
        self._frames = 0
        self._bytes = 0
        self._close_code: int | None = None
        self._unanswered: set[object] = set()
        """Ids of commands."""

    async def begin(self, url: str, commands: Commands) -> None:
        """Begins the session, and sends the commands."""
        self._write(SessionLine(FORMAT, url, time.time_ns() // 1_000_000))
        for command in commands:
            text = msgspec.json.encode(command).decode()
            self._unanswered |= {command["id"]} if "id" in command else set()
            await self._ws.send_str(text)
            self._write(frame_line(self._offset_us(), "sent", text))

    async def receive(self, most_frames: int) -> None:
        """Receives until the connection ends, or enough came. Raises SubscriptionRefused."""
        while self._frames < most_frames and self._bytes < _MOST_BYTES:
            message = await self._ws.receive()
            if message.type not in {aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY}:
                self._close_code = self._ws.close_code
                self._write(ClosedLine(self._offset_us(), self._close_code))
                return
            text = message.data if isinstance(message.data, str) else message.data.decode("utf-8", "replace")
            self._write(frame_line(self._offset_us(), "received", text))
            self._frames += 1
            if self._unanswered:
                self._take_answer(text)

    def recorded(self) -> Recorded:
        """What was written."""
        return Recorded(self._frames, self._clock() - self._began, self._close_code)

    def _take_answer(self, text: str) -> None:
        try:
            answer = msgspec.json.decode(text, type=_Answer)
            if answer.id in self._unanswered and answer.type == "error":
                error = msgspec.json.decode(answer.msg, type=_Error)
                raise SubscriptionRefused(f"refused with error {error.code}: {error.msg}", error.code)
        except msgspec.MsgspecError:
            return  # data, or what is no message of the protocol
        self._unanswered.discard(answer.id)

    def _write(self, line: Line) -> None:
        self._bytes += self._out.write(encode_line(line))

    def _offset_us(self) -> int:
        return round((self._clock() - self._began) * 1_000_000)


async def _raise_for_status(response: aiohttp.ClientResponse) -> None:
    """Says why, as for every other request."""
    if response.status != HTTPStatus.SWITCHING_PROTOCOLS:
        said = await response.content.read(_LONGEST_REFUSAL_BYTES)
        raise refusal(f"GET {response.url.path}", response.status, said)


def _signed(login: Login) -> dict[str, str]:
    return signed_headers(login.key_id, login.private_key, time.time_ns() // 1_000_000, "GET", SOCKET_PATH)
