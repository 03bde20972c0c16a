"""The floor of an idle connection, a program: accepts WebSockets with aiohttp and keeps nothing of its own about them.

`python -m openpositions.bench.bare_idle` prints `ready URL`; the first text on a socket is answered.
"""

import asyncio

from aiohttp import web

from openpositions import loops


async def _keep_open(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse(compress=False)
    await socket.prepare(request)
    async for message in socket:
        await socket.send_str(message.data)
    return socket


async def _serve() -> None:
    app = web.Application()
    app.router.add_get("/{path:.*}", _keep_open)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
    print(f"ready http://127.0.0.1:{runner.addresses[0][1]}", flush=True)  # noqa: T201 - what tells the parent where
    await asyncio.Event().wait()


if __name__ == "__main__":
    loops.run(_serve())
