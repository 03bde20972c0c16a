"""What waits to be sent to a connection: one piece of news for one subscription, and which news replace which."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from openpositions.wire.socket.commands import FILLS

if TYPE_CHECKING:
    from collections import OrderedDict
    from collections.abc import Hashable

    from openpositions.core.draft import Change
    from openpositions.wire.socket.subscription import Subscription


class Lifecycle(NamedTuple):
    """What became of a market, as the message that every follower gets."""

    market_ticker: str
    sequence: int
    message: bytes


class Waiting(NamedTuple):
    """One piece of news for one subscription."""

    subscription: Subscription
    news: Change | Lifecycle | bytes
    """The frame itself, when it is one of a portfolio."""
    conflated: int = 0
    """How many earlier changes of the row it stands for."""

    @property
    def key(self) -> Hashable:
        """What it may be merged by: news with equal keys replace each other."""
        news = self.news
        if isinstance(news, Lifecycle):
            return self.subscription.sid, news.market_ticker, news.message
        if isinstance(news, bytes):
            return self.subscription.sid
        # A fill is not a state: it has a key of its own.
        fill_sequence = news.sequence if self.subscription.channel == FILLS else 0
        return self.subscription.sid, news.after.subaccount, news.after.market_ticker, fill_sequence


def merge(into: OrderedDict[Hashable, Waiting], newest: Waiting) -> None:
    """Puts news at the end, in place of what has the same key."""
    key = newest.key
    merged = into.pop(key, None)
    into[key] = newest if merged is None else newest._replace(conflated=merged.conflated + newest.conflated + 1)
