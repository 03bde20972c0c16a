"""The single writer: takes what was submitted, decides, appends, installs, publishes; one commit at a time.

While one commit is on its way to the disk the next batch collects; there is no timer. A failure of the environment
stops the pipeline for good: whoever waits is told, and a new start learns from the journal what became durable.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from openpositions.core.book import Batch
from openpositions.core.events import Bust, Fill, Settlement
from openpositions.errors import JournalError, ServiceStopped

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from openpositions.core.book import Book
    from openpositions.core.draft import Draft
    from openpositions.core.events import Event
    from openpositions.core.outcomes import Outcome
    from openpositions.engine.archive import Archive
    from openpositions.journal.base import Journal

# One commit, in the work of a fill: enough to spread the cost of a sync thin, few enough that nobody waits long.
FILLS_A_COMMIT = 2_048
# What other events are worth. A bust counts a row again from its entries, of which an active one has thousands; a
# settlement changes a row for each holder, and that is a quarter of a fill, without a line to read or an entry.
FILLS_A_BUST = 128
HOLDERS_A_FILL = 4
# What may wait for a commit. Beyond it submitting waits, and so does the reading of the next body.
EVENTS_WAITING = 16_384


class Receipt(NamedTuple):
    """What became of a batch, known once its accepted events are durable."""

    outcomes: list[Outcome]
    sequence: int
    """The head of the journal when the batch was done."""


class _Submission(NamedTuple):
    batch: Batch
    weight: int
    """Its work, in fills."""
    receipt: asyncio.Future[Receipt]


class Pipeline:
    """Brings events into the book. `publish` is called in the same step as the install, so no reader is in between.

    Before it `catch_up` is awaited, by which whoever is published to can slow down what comes next.
    """

    def __init__(
        self,
        book: Book,
        journal: Journal,
        archive: Archive,
        publish: Callable[[Draft], None],
        catch_up: Callable[[], Awaitable[None]],
    ) -> None:
        self._book = book
        self._journal = journal
        self._archive = archive
        self._publish = publish
        self._catch_up = catch_up
        self._waiting: deque[_Submission] = deque()
        self._waiting_events = 0
        self._arrived = asyncio.Event()
        self._room = asyncio.Condition()
        archive.checkpointing.on_saved = self._arrived.set
        self._committing = False
        self._closed = False
        """It takes no more events."""
        self.failure: Exception | None = None
        """Why the pipeline stopped; None while it runs."""

    @property
    def events_waiting(self) -> int:
        """How many events wait for a commit."""
        return self._waiting_events

    async def submit(self, events: Sequence[Event], *, atomic: bool = False) -> Receipt:
        """Waits until the events are decided and those accepted are durable.

        A long batch is committed in pieces, unless all of it or none is wanted. Raises ServiceStopped when its fate
        is unknown or the service takes no events; feeding it again is safe.
        """
        pieces = [(events, sum(map(self._weight, events)))] if atomic else self._pieces(events)
        receipts = [await self._enqueue(Batch(piece, atomic=atomic), weight) for piece, weight in pieces]
        done = await asyncio.gather(*receipts)
        outcomes = [outcome for receipt in done for outcome in receipt.outcomes]
        return Receipt(outcomes, done[-1].sequence if done else self._book.sequence)

    async def run(self) -> None:
        """Commits until cancelled, or until the environment fails: whoever waits is told, and it is raised."""
        try:
            while True:
                self._archive.checkpointing.start_when_due()
                if self._archive.checkpointing.is_crowded:
                    await self._archive.checkpointing.finish()
                    continue
                await self._arrived.wait()
                await self._commit(self._take())
        except Exception as failure:
            self.failure = failure
            raise
        finally:
            await self._refuse_waiting()
            await self._archive.checkpointing.finish()

    async def drain(self) -> None:
        """Takes no more events, and waits until those it took are committed."""
        self._closed = True
        async with self._room:
            await self._room.wait_for(lambda: not (self._waiting or self._committing))

    def _pieces(self, events: Sequence[Event]) -> Iterator[tuple[Sequence[Event], int]]:
        """The events in pieces of one commit, each with its weight."""
        start = weight = 0
        for place, event in enumerate(events):
            more = 1 if type(event) is Fill else self._weight(event)
            if weight + more > FILLS_A_COMMIT and place > start:
                yield events[start:place], weight
                start, weight = place, 0
            weight += more
        if events:
            yield events[start:], weight

    def _weight(self, event: Event) -> int:
        """The work of deciding and installing an event, in fills."""
        if type(event) is Bust:
            return FILLS_A_BUST
        if type(event) is Settlement:
            return 1 + len(self._book.holders(event.market_ticker)) // HOLDERS_A_FILL
        return 1

    async def _enqueue(self, batch: Batch, weight: int) -> asyncio.Future[Receipt]:
        async with self._room:
            await self._room.wait_for(lambda: self._closed or self._waiting_events < EVENTS_WAITING)
        receipt: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        if self._closed:
            receipt.set_exception(self._stopped())
            return receipt
        self._waiting.append(_Submission(batch, weight, receipt))
        self._waiting_events += len(batch.events)
        self._arrived.set()
        return receipt

    def _take(self) -> list[_Submission]:
        """The longest waiting submissions that make one commit; at least one."""
        taken: list[_Submission] = []
        weight = 0
        while self._waiting and (not taken or weight + self._waiting[0].weight <= FILLS_A_COMMIT):
            submission = self._waiting.popleft()
            weight += submission.weight
            self._waiting_events -= len(submission.batch.events)
            taken.append(submission)
        if not self._waiting:
            self._arrived.clear()
        return taken

    async def _commit(self, submissions: list[_Submission]) -> None:
        if not submissions:
            return
        self._committing = True
        try:
            batches = [submission.batch for submission in submissions]
            recall = await self._archive.recall(batches)
            draft, outcomes = self._book.decide(batches, recall)
            if draft.entries:
                await self._journal.append(draft.entries)
                await self._catch_up()
                self._book.install(draft)
                self._archive.checkpointing.absorb(draft)
                self._publish(draft)
        except BaseException:
            # Their fate is unknown: they fail with the others that wait.
            self._waiting.extendleft(reversed(submissions))
            raise
        finally:
            self._committing = False
        for submission, batch_outcomes in zip(submissions, outcomes, strict=True):
            if not submission.receipt.done():
                submission.receipt.set_result(Receipt(batch_outcomes, draft.sequence))
        async with self._room:
            self._room.notify_all()

    async def _refuse_waiting(self) -> None:
        self._closed = True
        for submission in self._waiting:
            if not submission.receipt.done():
                submission.receipt.set_exception(self._stopped())
        self._waiting.clear()
        async with self._room:
            self._room.notify_all()

    def _stopped(self) -> ServiceStopped:
        if self.failure is None:
            return ServiceStopped("the service is stopping; feed it again in a moment")
        reason = self.failure if isinstance(self.failure, JournalError) else "an internal error"
        return ServiceStopped(f"the service takes no events: {reason}; restart it once the cause is gone")
