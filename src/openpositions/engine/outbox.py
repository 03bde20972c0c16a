"""What one connection still has to be sent, in order; bounded however slow its reader is (protocol, 5.4 and 5.5).

Everything leaves in the order of its cause: the news from before a command, its reply and the rows it asked for, the
news from after it. While the socket takes data every change has its frame. Once it stops, what waits is kept one per
(sid, subaccount, market): the newest wins and takes its place at the end, so that the order of sequences holds and
nothing that matters is lost, because a row is always whole.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import TYPE_CHECKING

import structlog

from openpositions.core.events import Fill
from openpositions.engine.portfolio_feed import PortfolioFeed
from openpositions.engine.waiting import Lifecycle, Waiting, merge
from openpositions.wire.socket.commands import FILLS, LIFECYCLE, PORTFOLIO, POSITIONS
from openpositions.wire.socket.errors import ErrorCode, error_frame
from openpositions.wire.socket.subscription import SubscriptionFailed

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator

    from openpositions.core.draft import Change
    from openpositions.engine.live_portfolios import LivePortfolios
    from openpositions.wire.socket.session import Output, Session
    from openpositions.wire.socket.subscription import Subscription

# Fills cannot be merged. Past this many that came while the socket took nothing and are unsent, that subscription ends
# (protocol, 5.5). Those of a commit, however large, that meets a socket which takes data are no sign of a slow reader.
FILLS_WAITING = 10_000

_log = structlog.get_logger("openpositions.outbox")


class Outbox:
    """The frames of one connection that have not been encoded yet."""

    __slots__ = (
        "_answers",
        "_held",
        "_late_fills",
        "_merged",
        "_prompt_fills",
        "_straight",
        "blocked",
        "portfolio",
        "session",
    )

    def __init__(self, session: Session, portfolios: LivePortfolios) -> None:
        self.session = session
        self.portfolio = PortfolioFeed(session, portfolios)
        self.blocked = False
        """The socket takes no data now: what is offered meanwhile is merged."""
        self._answers: deque[Iterator[bytes]] = deque()
        """Replies, snapshots, and the news from before them."""
        self._straight: deque[Waiting] = deque()
        """News that get a frame each."""
        self._merged: OrderedDict[Hashable, Waiting] = OrderedDict()
        """The newest news per (sid, subaccount, market), in order of sequence."""
        self._held: OrderedDict[Hashable, Waiting] = OrderedDict()
        """The same for a subscription with `conflate_ms`, in order of sequence, until its time comes."""
        self._late_fills = 0
        """Waiting fills that were offered while the socket took nothing."""
        self._prompt_fills = 0
        """Waiting fills that were offered while the socket took data. They leave before the late ones."""

    @property
    def conflate_ms(self) -> int:
        """After how long what is held is to be released; 0 when nothing is held."""
        if not self._held:
            return 0
        subscription = self.session.subscriptions.get(POSITIONS)
        return 0 if subscription is None else subscription.conflate_ms

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits for the socket."""
        return not (self._answers or self._straight or self._merged)

    def reply(self, outputs: Iterable[Output]) -> None:
        """Queues what a command gave, behind the news from before it.

        So nothing follows an end, a narrower filter or the marker of a snapshot that is older than it.
        """
        self.release()
        earlier = [*self._straight, *self._merged.values()]
        self._straight.clear()
        self._merged.clear()
        self._answers.append(self._encode_all(earlier))
        self._answers.extend(iter((output,)) if isinstance(output, bytes) else output for output in outputs)

    def offer(self, change: Change) -> None:
        """Queues a change of this connection's user for the subscriptions that want it."""
        _, row, cause = change
        session = self.session
        if not session.sees(row):
            return
        subscriptions = session.subscriptions
        fills = subscriptions.get(FILLS)
        if fills is not None and isinstance(cause, Fill) and fills.covers(row[2]):
            self._push(Waiting(fills, change))
        positions = subscriptions.get(POSITIONS)
        if positions is not None and (positions.tickers is None or row[2] in positions.tickers):
            # The constructor of a named tuple costs twice what the tuple itself does.
            waiting: Waiting = tuple.__new__(Waiting, (positions, change, 0))
            if positions.conflate_ms:
                merge(self._held, waiting)
            elif self.blocked or self._merged:
                self._push(waiting)
            else:
                self._straight.append(waiting)

    def offer_lifecycle(self, lifecycle: Lifecycle) -> None:
        """Queues what became of a market, for a connection that follows lifecycles."""
        subscription = self.session.subscriptions.get(LIFECYCLE)
        if subscription is not None:
            self._push(Waiting(subscription, lifecycle))

    def release(self) -> None:
        """Lets go what `conflate_ms` held, in order of sequence."""
        while self._held:
            self._push(self._held.popitem(last=False)[1])

    def frames(self) -> Iterator[bytes]:
        """The waiting frames, each encoded and let go as it is taken."""
        self._look_at_portfolio()
        while self._answers:
            try:
                frame = next(self._answers[0], None)
            except SubscriptionFailed as failure:
                frame = self._fail(failure.subscription)
            if frame is None:
                self._answers.popleft()
            else:
                yield frame
        while self._straight:
            yield self._encode(self._straight.popleft())
        while self._merged:
            yield self._encode(self._merged.popitem(last=False)[1])

    def _push(self, waiting: Waiting) -> None:
        if waiting.subscription.channel == FILLS:
            if not self.blocked:
                self._prompt_fills += 1
            elif self._late_fills < FILLS_WAITING:
                self._late_fills += 1
            else:
                self._overflow(waiting.subscription)
                return
        if not (self.blocked or self._merged):
            self._straight.append(waiting)
            return
        for earlier in self._straight:
            merge(self._merged, earlier)
        self._straight.clear()
        merge(self._merged, waiting)

    def _overflow(self, fills: Subscription) -> None:
        """Ends the subscription to fills; the rest of the connection lives."""
        self._drop(fills)
        self.reply([error_frame(ErrorCode.BUFFER_OVERFLOW, sid=fills.sid)])

    def _fail(self, subscription: Subscription) -> bytes:
        """Ends a subscription of which a frame cannot be made; the frame that says so. The others live."""
        _log.exception("a subscription failed", channel=subscription.channel, sid=subscription.sid)
        subscription.failed = True
        self._drop(subscription)
        return error_frame(ErrorCode.CHANNEL_ERROR, sid=subscription.sid)

    def _drop(self, subscription: Subscription) -> None:
        """Forgets a subscription and its news, but for those that stand before an answer."""
        self.session.end(subscription)
        waited = len(self._straight) + len(self._merged)
        self._straight = deque(waiting for waiting in self._straight if waiting.subscription is not subscription)
        for key in [key for key, waiting in self._merged.items() if waiting.subscription is subscription]:
            del self._merged[key]
        if subscription.channel == FILLS:
            dropped = waited - len(self._straight) - len(self._merged)
            late = min(dropped, self._late_fills)
            self._late_fills -= late
            self._prompt_fills -= dropped - late
        elif subscription.channel == POSITIONS:
            self._held.clear()

    def _look_at_portfolio(self) -> None:
        """Queues the portfolio as of now, if it is time, behind every position frame up to its sequence."""
        subscription = self.session.subscriptions.get(PORTFOLIO)
        if subscription is None:
            self.portfolio.close()
        elif not self._held:
            try:
                frame = self.portfolio.frame(subscription)
            except Exception:  # noqa: BLE001 - whatever it is, the other subscriptions go on
                self.reply([self._fail(subscription)])
            else:
                if frame is not None:
                    self._push(Waiting(subscription, frame))

    def _encode_all(self, news: Iterable[Waiting]) -> Iterator[bytes]:
        for waiting in news:
            if not waiting.subscription.failed:
                yield self._encode(waiting)
            elif waiting.subscription.channel == FILLS:
                self._count_out_fill()

    def _encode(self, waiting: Waiting) -> bytes:
        subscription, news, conflated = waiting
        try:
            if isinstance(news, Lifecycle):
                return subscription.message_frame(LIFECYCLE, news.message)
            if isinstance(news, bytes):
                self.portfolio.leaves()
                return news
            if subscription.channel == FILLS:
                self._count_out_fill()
            return subscription.live_frame(news, conflated)
        except Exception:  # noqa: BLE001 - whatever it is, the other subscriptions go on
            return self._fail(subscription)

    def _count_out_fill(self) -> None:
        if self._prompt_fills:
            self._prompt_fills -= 1
        else:
            self._late_fills -= 1
