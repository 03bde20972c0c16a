"""Who listens to which user. What a commit changed is offered to them in the step that installs it."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections import OrderedDict
from operator import attrgetter
from typing import TYPE_CHECKING, Protocol

from openpositions.engine.live_portfolios import LivePortfolios
from openpositions.engine.waiting import Lifecycle
from openpositions.wire.socket.lifecycle_frames import lifecycle_messages

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from openpositions.core.book import Book
    from openpositions.core.draft import Change, Draft
    from openpositions.engine.outbox import Outbox

# How long encoding may keep the event loop from other work before it lets it through.
_SLICE_SECONDS = 0.004
# So many changes may be published ahead of what is written: they wait in outboxes of sockets that would take them.
CHANGES_AHEAD = 65_536

_sequence_of = attrgetter("sequence")


class Listener(Protocol):
    """A connection, as the hub sees it."""

    outbox: Outbox
    user_id: str

    def flush(self) -> None:
        """Writes what waits in the outbox, as far as the socket takes it."""


class Hub:
    """The connections of each user, and which of them have something to write."""

    def __init__(self, book: Book) -> None:
        self.portfolios = LivePortfolios(book)
        self._listeners: dict[str, dict[Listener, None]] = {}
        self._pending: OrderedDict[Listener, None] = OrderedDict()
        self._flushing = False
        self._changes_ahead = 0
        """Published since everything had been written."""
        self._all_written = asyncio.Event()

    def attach(self, listener: Listener) -> None:
        """From the next commit on, the listener gets its user's changes."""
        self._listeners.setdefault(listener.user_id, {})[listener] = None

    def detach(self, listener: Listener) -> None:
        """The listener gets nothing any more."""
        listener.outbox.portfolio.close()
        self._pending.pop(listener, None)
        listeners = self._listeners.get(listener.user_id, {})
        listeners.pop(listener, None)
        if not listeners:
            self._listeners.pop(listener.user_id, None)

    def listeners(self) -> list[Listener]:
        """Every connection, as of now."""
        return [listener for listeners in self._listeners.values() for listener in listeners]

    def publish(self, draft: Draft) -> None:
        """Offers the changes of a commit to those they concern, in the order of their sequences, to be written soon."""
        pending = self._pending
        lifecycles = list(_lifecycles(draft))
        everybody = self.listeners() if lifecycles else []
        offered = 0
        for lifecycle in lifecycles:
            through = bisect_right(draft.changes, lifecycle.sequence, key=_sequence_of)
            self._offer(draft.changes[offered:through])
            offered = through
            for listener in everybody:
                listener.outbox.offer_lifecycle(lifecycle)
                pending[listener] = None
        self._offer(draft.changes[offered:] if offered else draft.changes)
        for user_id in self.portfolios.touch(draft.market_changes):
            for listener in self._listeners.get(user_id, ()):
                if listener.outbox.portfolio.awaits_news:
                    pending[listener] = None
        self._changes_ahead = self._changes_ahead + len(draft.changes) if pending else 0
        if pending and not self._flushing:
            self._flushing = True
            asyncio.get_running_loop().call_soon(self._flush_slice)

    def _offer(self, changes: Iterable[Change]) -> None:
        pending, listeners = self._pending, self._listeners
        for change in changes:
            _, after, _ = change
            for listener in listeners.get(after[0], ()):
                listener.outbox.offer(change)
                pending[listener] = None

    async def catch_up(self) -> None:
        """Waits, where very much was published, until it is written, or waits for sockets that take nothing.

        Without it a load that is more than can be encoded would grow outboxes without limit. A slow socket is no
        reason to wait: what it does not take is bounded by itself.
        """
        while self._pending and self._changes_ahead >= CHANGES_AHEAD:
            self._all_written.clear()
            await self._all_written.wait()

    def _flush_slice(self) -> None:
        """Writes to pending connections for a bounded time, who waits longest first, then lets other work through."""
        loop = asyncio.get_running_loop()
        until = loop.time() + _SLICE_SECONDS
        try:
            while self._pending and loop.time() < until:
                listener, _ = self._pending.popitem(last=False)
                listener.flush()
        finally:
            # A connection that fails is reported by the loop; the others are written to all the same.
            self._flushing = bool(self._pending)
            if self._flushing:
                loop.call_soon(self._flush_slice)
            else:
                self._changes_ahead = 0
                self._all_written.set()


def _lifecycles(draft: Draft) -> Iterator[Lifecycle]:
    for before, after, sequence in draft.market_changes:
        for message in lifecycle_messages(before, after):
            yield Lifecycle(after.market_ticker, sequence, message)
