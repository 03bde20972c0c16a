"""`openpositions.Client`: positions from Python, with asyncio."""

from __future__ import annotations

import math
import ssl
import weakref
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Self, TypedDict

from openpositions.client.arguments import check_names
from openpositions.client.credentials import load_credentials
from openpositions.client.follower import Follower
from openpositions.client.link import Link
from openpositions.client.portfolio import Portfolio
from openpositions.client.reads import Reads
from openpositions.client.runner import Options, Runner
from openpositions.client.stream import PositionStream
from openpositions.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence
    from pathlib import Path

    from openpositions.client.news import Bookmark
    from openpositions.client.records import Balance, Fill, Settlement
    from openpositions.client.runner import Sink


class ClientOptions(TypedDict, total=False):
    """What may be tuned by name."""

    tls: ssl.SSLContext | None
    quiet_seconds: float
    waiting_rows: int
    subaccounts: Sequence[int]


class Client:
    """Follows the positions of one user on one service, openpositions or the venue itself.

    `url` is that of the service, `http(s)://…`; `private_key` is PEM bytes, PEM text or the path of a PEM file, RSA or
    Ed25519; `tls` a context that trusts the certificate of the service, where the default one does not. `quiet_seconds`
    is how long a silent connection is believed in, `waiting_rows` how many rows may wait for a slow consumer, and
    `subaccounts` are those that are read from a service without extensions.

    Raises InvalidInput. It connects when it is first used: a first connection that fails raises RequestFailed or one of
    its kinds, later ones are made again until they hold, unless the service says not to come back.
    """

    def __init__(  # noqa: PLR0913 - three that matter, and what may be tuned by name
        self,
        url: str,
        key_id: str,
        private_key: str | bytes | Path,
        *,
        tls: ssl.SSLContext | None = None,
        quiet_seconds: float = Options().quiet_seconds,
        waiting_rows: int = Options().waiting_rows,
        subaccounts: Sequence[int] = Options().subaccounts,
    ) -> None:
        self._link = Link(url, load_credentials(key_id, private_key), _checked_tls(tls))
        self._reads = Reads(self._link)
        self._options = _checked(quiet_seconds, waiting_rows, subaccounts)
        self._portfolio: Portfolio | None = None
        self._streams: weakref.WeakSet[PositionStream] = weakref.WeakSet()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Ends every iterator and lets go of every connection."""
        for stream in list(self._streams):
            await stream.close()
        if self._portfolio is not None:
            await self._portfolio.close()
        await self._link.close()

    def positions(self, tickers: Sequence[str] | None = None, *, since: Bookmark | None = None) -> PositionStream:
        """What is held in some markets or in all, and then every change of it. Raises InvalidInput.

        With the `bookmark` of an earlier iterator over the same markets, or over more: what changed since then, what
        became flat too. In another history, after a restored backup, that is every row.

        Each iterator has a connection of its own, so a slow consumer holds up nobody else: while it does not keep up,
        the service merges what waits for it, and the newest row of each position is what it gets (`row.conflated`).
        """
        follower = Follower(tickers, since=since)
        stream = PositionStream(follower, partial(self._runner, follower), self._options.waiting_rows)
        self._streams.add(stream)
        return stream

    async def portfolio(self) -> Portfolio:
        """Everything that is held and what it is worth, kept current in the background: the same one every time.

        Returns when it is current. Raises RequestFailed or one of its kinds when the first connection fails.
        """
        self._link.check()
        if self._portfolio is None or self._portfolio.has_ended:
            follower = Follower(totals=True)
            self._portfolio = Portfolio(follower, partial(self._runner, follower))
        return await self._portfolio.ready()

    def fills(
        self,
        *,
        ticker: str | None = None,
        order_id: str | None = None,
        min_ts: int | None = None,
        max_ts: int | None = None,
        subaccount: int | None = None,
    ) -> AsyncGenerator[Fill, None]:
        """The fills of the user, newest first. `min_ts` and `max_ts` are Unix seconds, both included.

        Raises InvalidInput for an empty ticker or id.
        """
        check_names(ticker=ticker, order_id=order_id)
        return self._reads.fills(ticker=ticker, order_id=order_id, min_ts=min_ts, max_ts=max_ts, subaccount=subaccount)

    def settlements(
        self,
        *,
        ticker: str | None = None,
        event_ticker: str | None = None,
        min_ts: int | None = None,
        max_ts: int | None = None,
        subaccount: int | None = None,
    ) -> AsyncGenerator[Settlement, None]:
        """The settlements of the user, newest first. `min_ts` and `max_ts` are Unix seconds, both included.

        Raises InvalidInput for an empty ticker.
        """
        check_names(ticker=ticker, event_ticker=event_ticker)
        return self._reads.settlements(
            ticker=ticker, event_ticker=event_ticker, min_ts=min_ts, max_ts=max_ts, subaccount=subaccount
        )

    async def balance(self, subaccount: int | None = None) -> Balance:
        """Cash and the value of what is open, of one subaccount or of all."""
        return await self._reads.balance(subaccount)

    def _runner(self, follower: Follower, sink: Sink) -> Runner:
        return Runner(self._link, self._reads, follower, sink, self._options)


def _checked(quiet_seconds: float, waiting_rows: int, subaccounts: Sequence[int]) -> Options:
    """The options, if they can be served. Raises InvalidInput."""
    if type(quiet_seconds) not in {int, float} or not 0 < quiet_seconds < math.inf:
        raise InvalidInput("quiet_seconds", f"quiet_seconds must be a number above 0, not {quiet_seconds!r:.40}")
    if type(waiting_rows) is not int or waiting_rows < 1:
        raise InvalidInput("waiting_rows", f"waiting_rows must be a whole number from 1, not {waiting_rows!r:.40}")
    several = tuple(subaccounts) if isinstance(subaccounts, Iterable) else ()
    if not several or any(type(one) is not int or one < 0 for one in several):
        raise InvalidInput("subaccounts", f"subaccounts must be a list of numbers from 0, not {subaccounts!r:.40}")
    return Options(quiet_seconds, waiting_rows, several)


def _checked_tls(tls: ssl.SSLContext | None) -> ssl.SSLContext | None:
    """The context, if it is one: anything else might turn checks off unseen. Raises InvalidInput."""
    if tls is not None and not isinstance(tls, ssl.SSLContext):
        raise InvalidInput("tls", f"tls must be an ssl.SSLContext or None, not {tls!r:.40}")
    return tls
