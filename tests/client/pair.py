"""The library's pure half wired to the service's, without a socket: a follower on one end, a session on the other."""

from __future__ import annotations

import itertools
from collections import deque
from typing import TYPE_CHECKING, Any

import msgspec

from openpositions.client.follower import Follower
from openpositions.client.news import CaughtUp, News, Send
from openpositions.client.rows import PositionRow
from openpositions.wire.socket.commands import PORTFOLIO
from openpositions.wire.socket.errors import ErrorCode, error_frame
from openpositions.wire.socket.frames import Dialect
from openpositions.wire.socket.session import Access, Session
from tests.connected import Connected
from tests.conversation import Conversation
from tests.journaled_book import JournaledBook

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from openpositions.core.events import Event
    from openpositions.engine.outbox import Outbox


class Pair:
    """One follower and a book that it follows over connections that come and go."""

    def __init__(
        self,
        follower: Follower | None = None,
        *,
        dialect: Dialect = Dialect.D2026,
        plain: bool = False,
        knows_totals: bool = True,
    ) -> None:
        self.follower = follower or Follower()
        self.book = JournaledBook()
        self.epoch = "e1"
        self.news: list[News] = []
        """All that the follower told, commands left out."""
        self.commands: list[dict[str, Any]] = []
        """All that it sent."""
        self.on_news: Callable[[Sequence[News]], object] = lambda _: None
        """Called with the news of each frame."""
        self._sent: deque[dict[str, Any]] = deque()
        """Frames that have left the service and are on their way."""
        self._knows_totals = knows_totals
        self._access = Access("alice", None, dialect, plain=plain)

    def connect(self) -> None:
        """Opens a connection; what was on its way over the one before is lost."""
        conversation = Conversation(self.book)
        conversation.session = Session(self._access, self.book.book, self.epoch)
        self._connected = Connected(conversation)
        self._sent.clear()
        self._carry_out(self.follower.start())

    def feed(self, *events: Event) -> None:
        """Takes events in one commit and offers what they changed to the connection."""
        self._connected.feed(*events)

    @property
    def outbox(self) -> Outbox:
        """What the service still has to tell; `blocked` is to be set while the follower reads nothing."""
        return self._connected.outbox

    def deliver(self, count: int | None = None, *, lost: Collection[int] = ()) -> list[News]:
        """Carries the frames that wait, or so many of them; those with the numbers in `lost`, from 0, are lost.

        Returns what they told.
        """
        before = len(self.news)
        numbers, delivered = itertools.count(), itertools.count()
        self.outbox.portfolio.resting = False  # the time between two of its frames has passed
        while count is None or next(numbers) < count:
            if not self._sent:
                self._sent += self._connected.read(None if count is None else 1)
            if not self._sent:
                break
            frame = self._sent.popleft()
            if next(delivered) not in lost:
                self._carry_out(self.follower.receive(msgspec.json.encode(frame)))
        return self.news[before:]

    def settle_down(self) -> list[News]:
        """A new connection, and everything that it brings."""
        self.connect()
        return self.deliver()

    def _carry_out(self, news: list[News] | list[Send]) -> None:
        for one in news:
            if not isinstance(one, Send):
                self.news.append(one)
            else:
                command = msgspec.json.decode(one.command)
                self.commands.append(command)
                if not self._knows_totals and command["params"]["channels"] == [PORTFOLIO]:
                    refusal = error_frame(ErrorCode.UNKNOWN_CHANNEL, command["id"])
                    self._connected.outbox.reply([refusal])
                    continue
                self._connected.outbox.reply(self._connected.conversation.session.receive(one.command))
                # Whatever answers a command leaves before the next is read, unless the socket takes nothing.
                if not self.outbox.blocked:
                    self._sent += self._connected.read()
        self.on_news(news)


def rows(news: list[News]) -> list[PositionRow]:
    """The rows among some news."""
    return [one for one in news if isinstance(one, PositionRow)]


def told(news: list[News]) -> list[tuple[str, float]]:
    """Market and position of each row among some news."""
    return [(row.market_ticker, float(row.position)) for row in rows(news)]


def is_caught_up(news: list[News]) -> bool:
    """Whether the last of the news is that nothing is missing."""
    return isinstance(news[-1], CaughtUp)
