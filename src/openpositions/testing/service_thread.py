"""The real service in a thread with an event loop of its own, driven from any other thread."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import msgspec

from openpositions import loops
from openpositions.errors import ServiceStopped
from openpositions.server.listen import listening
from openpositions.server.sandbox.faults import Faults
from openpositions.server.service import running
from openpositions.wire.sandbox.faults import Restart

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from openpositions.server.sandbox.traffic import Onlooker
    from openpositions.server.service import Service
    from openpositions.server.settings import Settings

# Nothing that the thread is asked for takes so long.
_PATIENCE_SECONDS = 60

_Result = TypeVar("_Result")


class ServiceThread:
    """Starts the service when it is made, as a sandbox; raises what the start raises."""

    def __init__(self, settings: Settings, onlooker: Onlooker) -> None:
        self.faults = Faults(onlooker)
        self.service: Service
        self.url = ""
        self._settings = settings
        self._failure: BaseException | None = None
        self._settled = threading.Event()
        """The service accepts, or its thread has ended."""
        self._stop = asyncio.Event()
        # A thread that hangs must not keep the process of the tests.
        self._thread = threading.Thread(target=self._run, name="openpositions-sandbox", daemon=True)
        self._thread.start()
        self._wait_until_settled()

    def call(self, function: Callable[[], _Result]) -> _Result:
        """What a function returns or raises in the thread of the service."""

        async def called() -> _Result:
            return function()

        return self.run(called())

    def run(self, coroutine: Coroutine[Any, Any, _Result]) -> _Result:
        """What a coroutine returns or raises on the loop of the service. Raises ServiceStopped when there is none."""
        try:
            self._wait_until_settled()
            future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        except BaseException:
            coroutine.close()
            raise
        return future.result(_PATIENCE_SECONDS)

    def check(self) -> None:
        """Raises what ended the service, or ServiceStopped when it was told to end."""
        self._wait_until_settled()

    def restart(self) -> None:
        """Stops the service as planned and starts it on the same data and port; returns when it accepts again."""

        def ask() -> None:
            self._settled.clear()
            self.faults.apply([Restart()])

        self.call(ask)
        self._wait_until_settled()

    def stop(self) -> None:
        """Cuts all connections and stops the service; returns when its thread has ended."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(_PATIENCE_SECONDS)
        if self._failure is not None:
            raise self._failure

    def _wait_until_settled(self) -> None:
        if not self._settled.wait(_PATIENCE_SECONDS):
            raise ServiceStopped(f"the sandbox did not start within {_PATIENCE_SECONDS} s")
        if self._failure is not None:
            raise self._failure
        if not self._thread.is_alive():
            raise ServiceStopped("the sandbox was stopped: it serves within its `with` statement, or within its test")

    def _run(self) -> None:
        try:
            loops.run(self._serve())
        except BaseException as failure:  # noqa: BLE001 - whoever waits in another thread is told
            self._failure = failure
        finally:
            self._settled.set()

    async def _serve(self) -> None:
        """Runs the service, again after each restart, until it is told to stop."""
        self._loop = asyncio.get_running_loop()
        settings = self._settings
        again = True
        while again:
            async with running(settings, self.faults) as service, listening(service) as url:
                # The same port again, whatever was asked for.
                settings = msgspec.structs.replace(settings, port=urlsplit(url).port or 0)
                self.service, self.url = service, url
                self._settled.set()
                again = await self.faults.until_restart(self._stop)
                self._settled.clear()
                if not again:
                    for relay in self.faults.traffic.sockets():
                        relay.abort()
                await service.sockets.shut_down()
