"""An event loop in a thread of its own, for programs that have none."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Generator
from concurrent.futures import CancelledError
from contextlib import suppress
from typing import Any, TypeVar

from openpositions.errors import ClientClosed

T = TypeVar("T")

_CLOSED = "this client is closed; make another one"

# Items that are fetched at once where they come in pages anyway: crossing to another thread costs some 0.1 ms.
_ITEMS_A_CROSSING = 500


class Background:
    """The thread starts at once, and does not keep a program from ending."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="openpositions", daemon=True)
        self.is_closed = False
        self._ending = threading.Lock()
        """Held where work is handed over: none comes to a thread that has ended."""
        self._thread.start()

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """Does some work there and returns its result; when the wait is interrupted, so is the work.

        Raises ClientClosed, also when that happens meanwhile, and RuntimeError in the background itself: a callback
        cannot wait for what runs after it.
        """
        if self._is_here:
            work.close()
            raise RuntimeError("a callback cannot wait for the service; do that in a thread of your own")
        with self._ending:
            if self.is_closed:
                work.close()
                raise ClientClosed(_CLOSED)
            future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except CancelledError:
            raise ClientClosed(_CLOSED) from None
        except BaseException:
            future.cancel()
            raise

    def call(self, function: Callable[[], T]) -> T:
        """The result of a function that is called there, in between everything else."""

        async def called() -> T:
            return function()

        if not (self._is_here or self.is_closed):
            with suppress(ClientClosed):
                return self.wait(called())
        if not self._is_here:
            self._thread.join()  # what it looks at does not change any more then
        return function()

    def end(self, close: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Closes something there. Once the thread has ended, nothing is left to close."""
        if not self.is_closed:
            with suppress(ClientClosed):
                self.wait(close())

    def items(self, source: AsyncIterator[T]) -> Generator[T, None, None]:
        """What an asynchronous iterator gives, many at once."""

        async def some() -> list[T]:
            found: list[T] = []
            async for item in source:
                found.append(item)
                if len(found) == _ITEMS_A_CROSSING:
                    break
            return found

        while found := self.wait(some()):
            yield from found

    def close(self) -> None:
        """Ends the thread; whoever still waits for it is told."""
        with self._ending:
            if not self.is_closed:
                self.is_closed = True
                self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    @property
    def _is_here(self) -> bool:
        return threading.current_thread() is self._thread

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            self._loop.run_until_complete(_end_tasks())
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()


async def _end_tasks() -> None:
    """Cancels all that runs, so that nobody waits for it any more."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
