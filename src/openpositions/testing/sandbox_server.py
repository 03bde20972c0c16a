"""A venue in a test: the real service in a thread, its market and its faults as methods (docs/testing.md)."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import deque
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Self, Unpack
from weakref import WeakValueDictionary

import msgspec

from openpositions.client.arguments import check_name
from openpositions.core.outcomes import Refusal, Verdict
from openpositions.errors import InvalidInput
from openpositions.testing import waiting
from openpositions.testing.arguments import read_settings, to_json
from openpositions.testing.faulting import Faulting
from openpositions.testing.feeding import Fed, Feeding
from openpositions.testing.frame_log import FrameLog
from openpositions.testing.rows import Row, read_row
from openpositions.testing.scratch import quickest_place
from openpositions.testing.service_thread import ServiceThread
from openpositions.testing.user_keys import KeyRing, UserKey
from openpositions.wire.ingest.events import parse_body
from openpositions.wire.paths import REST_PATH, SOCKET_PATH
from openpositions.wire.sandbox.faults import Restart, parse_faults

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from openpositions.server.service import Service
    from openpositions.wire.signing import KeyType

_numbers = itertools.count(1)
_running: WeakValueDictionary[int, SandboxServer] = WeakValueDictionary()
_ended: deque[tuple[str, str]] = deque(maxlen=8)
"""The URL and the last frames of servers that a test ended itself, as a `with` statement does when the test fails."""


def take_transcripts() -> dict[str, str]:
    """By URL, the last frames of the servers that run, and of those that ended since this was asked before."""
    ended = dict(_ended)
    _ended.clear()
    return ended | {server.url: server.frames.transcript() for server in list(_running.values())}


class SandboxServer(Feeding, Faulting):
    """Starts when it is made, on a free port of loopback and an empty journal; a `with` statement ends it.

    `settings` are those of `openpositions serve`, but for `data`; raises Misconfigured. The journal is in a new folder
    of `directory`, by default in memory where the system has a file system there. Every method may be called from any
    thread, also from one that runs an event loop: the service has its own and waits for nobody's.
    """

    def __init__(self, *, directory: Path | None = None, **settings: Any) -> None:  # noqa: ANN401 - checked by Settings
        super().__init__()
        self.frames = FrameLog()
        """What was sent and received, newest last."""
        place = directory or quickest_place()
        self._directory = TemporaryDirectory(prefix="openpositions-", dir=place, ignore_cleanup_errors=True)
        scratch = Path(self._directory.name)
        try:
            chosen = read_settings(scratch / "data", settings)
            self._thread = ServiceThread(chosen, self.frames)
        except BaseException:
            self._directory.cleanup()
            raise
        self._keys = KeyRing(scratch)
        self._number = next(_numbers)
        _running[self._number] = self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Cuts all connections, ends the service and removes its data."""
        if _running.pop(self._number, None) is not None:
            _ended.append((self.url, self.frames.transcript()))
        try:
            self._thread.stop()
        finally:
            self._directory.cleanup()

    # ------------------------------------------------------------ where it is, and who may come

    @property
    def url(self) -> str:
        """`http://HOST:PORT`."""
        return self._thread.url

    @property
    def rest_url(self) -> str:
        """What the venue's clients call the base of its REST API."""
        return f"{self.url}{REST_PATH}"

    @property
    def ws_url(self) -> str:
        """Where a WebSocket is opened."""
        return f"ws{self.url.removeprefix('http')}{SOCKET_PATH}"

    def key(
        self,
        user: str,
        *,
        scopes: Iterable[str] = ("read",),
        subaccount: int | None = None,
        key_type: KeyType = "rsa",
    ) -> UserKey:
        """The key of a user; the same one whenever the same is asked for."""
        self._thread.check()
        return self._keys.get(self._service.keys, user, scopes, subaccount, key_type)

    # ------------------------------------------------------------ what happened, and what is

    def feed(self, *events: Mapping[str, Any]) -> Fed:
        """Takes events as `POST /v1/events` does, all of them or none. Raises InvalidInput."""
        body = b"\n".join(to_json("event", event) for event in events)
        parsed = parse_body(body, self._service.now_ms())
        if parsed.rejected:
            first = parsed.rejected[0]
            raise InvalidInput("event", first.message, code=first.code)
        receipt = self._thread.run(self._service.pipeline.submit(parsed.events, atomic=True))
        for outcome in receipt.outcomes:
            if isinstance(outcome, Refusal):
                raise InvalidInput("event", outcome.message, code=outcome.code)
        accepted, duplicates = (receipt.outcomes.count(one) for one in (Verdict.ACCEPTED, Verdict.DUPLICATE))
        return Fed(accepted, duplicates, receipt.sequence)

    def positions(self, user: str) -> list[Row]:
        """The rows of a user, flat ones too, in order of their last change. Raises InvalidInput for an empty name."""
        check_name("user", user)
        return self._thread.call(lambda: [read_row(row) for row in self._service.book.rows_of(user)])

    def position(self, user: str, ticker: str, *, subaccount: int = 0) -> Row:
        """One row; an empty one when the user never traded there. Raises InvalidInput for an empty name."""
        check_name("user", user)
        check_name("ticker", ticker)
        return self._thread.call(lambda: read_row(self._service.book.row((user, subaccount, ticker))))

    @property
    def connections(self) -> int:
        """How many sockets are open."""
        return self._thread.call(lambda: len(self._service.sockets))

    @property
    def subscriptions(self) -> int:
        """How many subscriptions they have."""
        return self._thread.call(
            lambda: sum(len(one.outbox.session.subscriptions) for one in self._service.hub.listeners())
        )

    def wait_for(
        self, condition: Callable[[], object] | None = None, *, timeout: float = 5.0, **wanted: Unpack[waiting.Wanted]
    ) -> None:
        """Returns when all that is named is so; raises WaitTimeout, which says what was seen, when it takes too long.

        `connections`, `subscriptions`: so many are open. `sent`, `received`: at least `count` (1) messages with these
        values went to, or came from, clients. `row`: one has these values. `condition()`: is true. Another name raises
        InvalidInput.
        """
        for pause in self._wait(condition, timeout, wanted, _BLOCKED if _in_loop() else ""):
            time.sleep(pause)

    async def wait_for_async(
        self,
        condition: Callable[[], object] | None = None,
        *,
        timeout: float = 5.0,  # noqa: ASYNC109 - the same arguments as of `wait_for`
        **wanted: Unpack[waiting.Wanted],
    ) -> None:
        """The same for a test that is a coroutine: what runs on its event loop goes on meanwhile."""
        for pause in self._wait(condition, timeout, wanted):
            await asyncio.sleep(pause)

    # ------------------------------------------------------------ what goes wrong

    def make_faults(self, *faults: Mapping[str, Any]) -> None:
        """Makes faults, in the form that `POST /v1/faults` takes; all of them or none. Raises InvalidInput.

        A restart among them is over when this returns.
        """
        made = parse_faults(to_json("fault", faults))
        self._thread.call(lambda: self._thread.faults.apply(one for one in made if not isinstance(one, Restart)))
        if any(isinstance(one, Restart) for one in made):
            self.restart()

    @property
    def faults(self) -> list[dict[str, Any]]:
        """Those that are active, as `GET /v1/faults` lists them."""
        active = self._thread.call(self._thread.faults.active)
        return [msgspec.to_builtins(fault) for fault in active]

    def clear_faults(self) -> None:
        """Ends all of them; frames that are held leave."""
        self._thread.call(self._thread.faults.clear)

    def restart(self) -> None:
        """Stops the service as planned (close code 1012) and starts it on the same data and port; returns then."""
        self._thread.restart()

    @property
    def _service(self) -> Service:
        return self._thread.service

    def _wait(
        self, condition: Callable[[], object] | None, timeout_seconds: float, wanted: waiting.Wanted, hint: str = ""
    ) -> waiting.Wait:
        waiting.check_wanted(wanted)
        count = wanted.get("count")
        conditions = []
        if condition is not None:
            conditions.append(waiting.calls_true(condition))
        if (connections := wanted.get("connections")) is not None:
            conditions.append(waiting.count_is("connections", connections, lambda: self.connections))
        if (subscriptions := wanted.get("subscriptions")) is not None:
            conditions.append(waiting.count_is("subscriptions", subscriptions, lambda: self.subscriptions))
        if (sent := wanted.get("sent")) is not None:
            conditions.append(waiting.messages_are("sent", sent, count, self.frames.sent))
        if (received := wanted.get("received")) is not None:
            conditions.append(waiting.messages_are("received", received, count, self.frames.received))
        if (row := wanted.get("row")) is not None:
            conditions.append(waiting.row_is(row, self._rows))
        if not conditions:
            raise InvalidInput("condition", "name what to wait for: a condition, or connections, sent, row, …")
        return waiting.Wait(conditions, timeout_seconds, hint)

    def _rows(self) -> list[Row]:
        return self._thread.call(lambda: [read_row(row) for row in self._service.book.rows()])


_BLOCKED = " (an event loop runs in this thread and stood still meanwhile: use `await server.wait_for_async(...)`)"


def _in_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
