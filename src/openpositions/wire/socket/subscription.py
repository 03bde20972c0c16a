"""One sid: what it covers, and the frames it makes.

A seq is given when its frame leaves (protocol, 2). So what carries one is returned as an iterator, encoded when taken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from openpositions.wire.socket import replies
from openpositions.wire.socket.commands import FILLS, PORTFOLIO
from openpositions.wire.socket.fill_frames import fill_message
from openpositions.wire.socket.frames import (
    POSITION_FORMS,
    Dialect,
    encode,
    extended_frame,
    frame,
    position_message,
    snapshot_frame,
    snapshot_row,
)
from openpositions.wire.socket.portfolio_frames import portfolio_message

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from openpositions.core.draft import Change
    from openpositions.core.events import Fill
    from openpositions.core.live_portfolio import LivePortfolio
    from openpositions.core.position import Position
    from openpositions.wire.socket.commands import Extensions


class SubscriptionFailed(Exception):
    """A frame of a subscription could not be made: a failure of ours, and no reason to end what else is subscribed."""

    def __init__(self, subscription: Subscription) -> None:
        super().__init__(f"sid {subscription.sid} of {subscription.channel}")
        self.subscription = subscription


class Subscription:
    """One sid of a connection."""

    __slots__ = (
        "_form",
        "_opening",
        "channel",
        "conflate_ms",
        "dialect",
        "extended",
        "failed",
        "follows_snapshot",
        "seq",
        "sid",
        "tickers",
        "told_sequence",
    )

    def __init__(self, sid: int, channel: str, dialect: Dialect) -> None:
        self.sid = sid
        self.channel = channel
        self.dialect = dialect
        # Every change comes by these two, so they are looked up and made once.
        self._form = POSITION_FORMS[dialect]
        self._opening = b'{"type":"market_position","sid":%d,"msg":' % sid
        self.tickers: dict[str, None] | None = {}
        """The markets covered, in the order they were added; None for every market."""
        self.seq = 0
        """The last seq given."""
        self.extended = False
        self.conflate_ms = 0
        self.follows_snapshot = False
        """It was opened with a snapshot or a resume, so every widening brings one."""
        self.told_sequence: int | None = None
        """What its last portfolio frame was as of; None before the first, which holds everything."""
        self.failed = False
        """A frame of it could not be made, so none follows."""

    def covers(self, market_ticker: str) -> bool:
        """Whether the filter lets this market through."""
        return self.tickers is None or market_ticker in self.tickers

    def widen(self, tickers: Iterable[str]) -> list[str] | None:
        """Adds markets, no markets meaning all. What was added: a list of tickers, or None for every market."""
        tickers = list(tickers)
        if self.tickers is None:
            return []
        if not tickers:
            self.tickers = None
            return None
        added = [ticker for ticker in tickers if ticker not in self.tickers]
        self.tickers.update(dict.fromkeys(added))
        return added

    def narrow(self, tickers: Iterable[str]) -> None:
        """Takes markets out of a filter; an emptied one lets nothing through."""
        for ticker in tickers:
            if self.tickers is not None:
                self.tickers.pop(ticker, None)

    def extend(self, extensions: Extensions) -> None:
        """Takes on what a subscribe asked for; what it did not mention stays."""
        self.extended = self.extended or extensions.extended
        self.conflate_ms = extensions.conflate_ms or self.conflate_ms
        self.follows_snapshot = self.follows_snapshot or extensions.snapshot or extensions.resume is not None

    def next_seq(self) -> int:
        """The seq of a frame that leaves now."""
        self.seq += 1
        return self.seq

    def live_frame(self, change: Change, conflated: int = 0) -> bytes:
        """The frame of a change. `conflated` is how many earlier changes of the row it stands for."""
        row = change.after
        if self.channel == FILLS:
            fill: Fill = change.cause  # type: ignore[assignment]  # only changes by fills are offered to this channel
            return frame(b"fill", self.sid, fill_message(fill, row, self.dialect))
        message = encode(self._form(row))
        if self.extended:
            return extended_frame(self.sid, self.next_seq(), message, change, conflated)
        return b"%b%b}" % (self._opening, message)

    def portfolio_frame(self, portfolio: LivePortfolio) -> bytes | None:
        """What changed since the frame before; None when nothing did."""
        since = self.told_sequence
        if since is not None and portfolio.changed_sequence <= since:
            return None
        message = portfolio_message(portfolio, since)
        self.told_sequence = portfolio.sequence
        return self.message_frame(PORTFOLIO, message)

    def message_frame(self, frame_type: str, message: bytes) -> bytes:
        """A frame around a message that is the same for every connection."""
        return frame(frame_type.encode(), self.sid, message)

    def updated_frame(self, command_id: int | None, filtered: list[str]) -> Iterator[bytes]:
        """The reply to a change of the filter."""
        yield replies.updated(command_id, self.sid, self.next_seq(), filtered)

    def unsubscribed_frame(self, command_id: int | None) -> Iterator[bytes]:
        """The reply to its end."""
        yield replies.unsubscribed(command_id, self.sid, self.next_seq())

    def snapshot_frames(self, rows: Iterable[Position], epoch: str, sequence: int) -> Iterator[bytes]:
        """A frame per row and the marker that ends them (protocol, 5.1), each encoded when it is asked for."""
        count = 0
        for row in rows:
            if self.failed:
                return
            count += 1
            try:
                message = position_message(row, self.dialect)
                frame_of_row = snapshot_row(self.sid, message, row, self.next_seq() if self.extended else None)
            except Exception as error:
                raise SubscriptionFailed(self) from error
            yield frame_of_row
        if self.failed:
            return
        yield snapshot_frame(self.sid, count, epoch, sequence, self.next_seq() if self.extended else None)
