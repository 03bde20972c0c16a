"""The floor of pushing, a program: writes ready-made frames to sockets and does nothing else.

`python -m openpositions.bench.bare_push SOCKETS WRITES FRAMES FRAME_BYTES` prints `ready URL`, answers the upgrade and
the subscription of so many sockets, and at the next frame that any of them sends makes so many writes, in turns, that
carry so many frames of this size in all.
"""

from __future__ import annotations

import asyncio
import sys
from typing import cast

from openpositions import loops
from openpositions.server.socket import encode_header

_UPGRADED = b"HTTP/1.1 101 Switching Protocols\r\n\r\n"
_ROUND_WRITES = 256
"""Writes between two looks at whether the sockets still take data."""


class _Pusher:
    def __init__(self, sockets: int, writes: int, frames: int, frame_bytes: int) -> None:
        self.sockets = sockets
        self.transports: list[asyncio.Transport] = []
        self.drained = asyncio.Event()
        self.drained.set()
        self.full = 0
        self._writes = writes
        self._frames = frames
        header = encode_header(frame_bytes)
        self.frame = header + bytes(frame_bytes)

    async def push(self) -> None:
        written = 0
        joined = {
            number: self.frame * number for number in (self._frames // self._writes, -(-self._frames // self._writes))
        }
        for number in range(1, self._writes + 1):
            through = self._frames * number // self._writes
            self.transports[number % self.sockets].write(joined[through - written])
            written = through
            if number % _ROUND_WRITES == 0:
                await asyncio.sleep(0)
                await self.drained.wait()


class _Socket(asyncio.Protocol):
    def __init__(self, pusher: _Pusher) -> None:
        self._pusher = pusher
        self._received = 0
        self._pushing: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, _: bytes) -> None:
        """The client waits for an answer before it sends again, so a read is a request, a subscription or the start."""
        self._received += 1
        if self._received == 1:
            self._transport.write(_UPGRADED)
        elif self._received == 2:  # noqa: PLR2004 - the second read
            self._pusher.transports.append(self._transport)
            self._transport.write(self._pusher.frame)
        else:
            self._pushing = asyncio.get_running_loop().create_task(self._pusher.push())

    def pause_writing(self) -> None:
        self._pusher.full += 1
        self._pusher.drained.clear()

    def resume_writing(self) -> None:
        self._pusher.full -= 1
        if not self._pusher.full:
            self._pusher.drained.set()


async def _serve(sockets: int, writes: int, frames: int, frame_bytes: int) -> None:
    pusher = _Pusher(sockets, writes, frames, frame_bytes)
    server = await asyncio.get_running_loop().create_server(lambda: _Socket(pusher), "127.0.0.1", 0, backlog=1024)
    print(f"ready http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)  # noqa: T201 - what tells the parent where
    await server.serve_forever()


if __name__ == "__main__":
    loops.run(_serve(*map(int, sys.argv[1:])))
