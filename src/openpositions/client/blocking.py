"""`openpositions.sync`: the same library for programs without asyncio. Each method waits for its asynchronous twin."""

from __future__ import annotations

import threading
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Self, Unpack

from openpositions.client import client as asynchronous
from openpositions.client.background import Background
from openpositions.client.holdings import HasTotals
from openpositions.client.tables import pandas_frame, polars_frame
from openpositions.errors import ClientClosed

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence
    from pathlib import Path

    import pandas as pd
    import polars as pl

    from openpositions.client import portfolio, stream
    from openpositions.client.holdings import Holding, Snapshot, Totals
    from openpositions.client.news import Bookmark, Continuity
    from openpositions.client.records import Balance, Fill, Settlement
    from openpositions.client.rows import PositionRow

# Rows that cross from the other thread at once, when so many are there.
_ROWS_A_CROSSING = 500


class _Closing:
    """Something that is closed at the end of a `with` statement."""

    def close(self) -> None:
        """Lets go of the connection."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class PositionStream(_Closing):
    """The rows of a user: first what is held, then every change, over reconnects without a gap. An iterator."""

    def __init__(self, background: Background, source: stream.PositionStream) -> None:
        self._background = background
        self._source = source
        self._fetched: deque[stream.WaitingRow] = deque()
        """Rows that are here, and not taken yet."""

    @property
    def stale(self) -> bool:
        """Whether rows are missing among those taken: before all that is held was, while disconnected, after a gap."""
        return self._source.stale

    @property
    def continuity(self) -> Continuity | None:
        """`exact` where the service numbers its frames, else `probable`; None before it has answered."""
        return self._source.continuity

    @property
    def bookmark(self) -> Bookmark | None:
        """Where another iterator can go on: `client.positions(since=…)`. It stands behind the last row taken."""
        return self._source.bookmark

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> PositionRow:
        if not self._fetched:
            with suppress(ClientClosed):  # closed between two rows or during a wait, an iterator ends
                self._fetched.extend(self._background.wait(self._source.several(_ROWS_A_CROSSING)))
        if not self._fetched:
            raise StopIteration
        one = self._fetched.popleft()
        self._source.took(one)
        return one.row

    def close(self) -> None:
        """Lets go of the connection; a wait for a row ends without one."""
        self._background.end(self._source.close)


class Portfolio(HasTotals, _Closing):
    """Everything that a user holds, and what it is worth, kept current by a thread of its own.

    Each look at it is consistent in itself; two looks may differ. What has to fit together is taken as a `snapshot()`.
    """

    def __init__(self, background: Background, source: portfolio.Portfolio) -> None:
        self._background = background
        self._source = source

    @property
    def positions(self) -> Mapping[str, Holding]:
        """Holdings by market ticker, as of now: what is open, and what was seen to close."""
        return self.snapshot().positions

    @property
    def totals(self) -> Totals:
        """Everything in sum."""
        return self._source.totals

    def snapshot(self) -> Snapshot:
        """Positions and totals of one sequence."""
        return self._background.call(self._source.snapshot)

    def changes(self) -> Generator[Totals, None, None]:
        """The totals, now and whenever something else is shown; a slow consumer gets the newest."""
        source = self._source.changes()

        async def following() -> Totals | None:
            return await anext(source, None)

        with suppress(ClientClosed):  # as an iterator of rows
            while (totals := self._background.wait(following())) is not None:
                yield totals

    def on_change(self, callback: Callable[[Totals], object]) -> Callable[[], None]:
        """Has a function called with the totals whenever something else is shown; returns what ends that.

        It is called in the library's own thread, so it must be quick, and cannot wait for the service.
        """
        end = self._background.call(lambda: self._source.on_change(callback))
        return lambda: self._background.call(end)

    def to_pandas(self) -> pd.DataFrame:
        """The positions as a pandas DataFrame, a row for each market. Raises NotInstalled."""
        return pandas_frame(self.positions.values())

    def to_polars(self) -> pl.DataFrame:
        """The positions as a Polars DataFrame, a row for each market. Raises NotInstalled."""
        return polars_frame(self.positions.values())

    def close(self) -> None:
        """Lets go of the connection; what it shows stays, and is stale."""
        self._background.end(self._source.close)


class Client(_Closing):
    """Follows the positions of one user on one service. Takes and raises what `openpositions.Client` does."""

    def __init__(
        self, url: str, key_id: str, private_key: str | bytes | Path, **options: Unpack[asynchronous.ClientOptions]
    ) -> None:
        self._client = asynchronous.Client(url, key_id, private_key, **options)
        self._background = Background()
        self._portfolio: tuple[portfolio.Portfolio, Portfolio] | None = None
        self._turn = threading.Lock()

    def positions(self, tickers: Sequence[str] | None = None, *, since: Bookmark | None = None) -> PositionStream:
        """What is held in some markets or in all, or what changed since a bookmark, and then every change of it."""
        return PositionStream(self._background, self._client.positions(tickers, since=since))

    def portfolio(self) -> Portfolio:
        """Everything that is held and what it is worth, kept current: the same one every time. Returns when it is."""
        source = self._background.wait(self._client.portfolio())
        with self._turn:
            if self._portfolio is None or self._portfolio[0] is not source:
                self._portfolio = source, Portfolio(self._background, source)
            return self._portfolio[1]

    def fills(
        self,
        *,
        ticker: str | None = None,
        order_id: str | None = None,
        min_ts: int | None = None,
        max_ts: int | None = None,
        subaccount: int | None = None,
    ) -> Generator[Fill, None, None]:
        """The fills of the user, newest first. `min_ts` and `max_ts` are Unix seconds, both included."""
        return self._background.items(
            self._client.fills(ticker=ticker, order_id=order_id, min_ts=min_ts, max_ts=max_ts, subaccount=subaccount)
        )

    def settlements(
        self,
        *,
        ticker: str | None = None,
        event_ticker: str | None = None,
        min_ts: int | None = None,
        max_ts: int | None = None,
        subaccount: int | None = None,
    ) -> Generator[Settlement, None, None]:
        """The settlements of the user, newest first. `min_ts` and `max_ts` are Unix seconds, both included."""
        return self._background.items(
            self._client.settlements(
                ticker=ticker, event_ticker=event_ticker, min_ts=min_ts, max_ts=max_ts, subaccount=subaccount
            )
        )

    def balance(self, subaccount: int | None = None) -> Balance:
        """Cash and the value of what is open, of one subaccount or of all."""
        return self._background.wait(self._client.balance(subaccount))

    def close(self) -> None:
        """Ends every iterator and lets go of every connection, and of the thread."""
        self._background.end(self._client.close)
        self._background.close()
