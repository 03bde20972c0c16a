"""A user's balance, as REST answers it (protocol, 4; accounting, "Balance")."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from openpositions.core.money import format_dollars
from openpositions.core.valuation import balance, market_value
from openpositions.wire.rest.forms import cents, cents_truncated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from openpositions.core.market import Market
    from openpositions.core.position import Position


class ExchangeBalance(msgspec.Struct):
    """Cash in dollars; there is one exchange."""

    balance: str
    exchange_index: int


class BalanceAnswer(msgspec.Struct):
    """Cash, and what is open at its marks. Integers are cents, `updated_ts` Unix seconds."""

    balance: int
    balance_breakdown: list[ExchangeBalance]
    balance_dollars: str
    portfolio_value: int
    unmarked_markets: list[str]
    updated_ts: int


class BalanceSheet:
    """Cash, and the market value of what is open (at cost without a mark), over all subaccounts or one.

    Cash is stated in cents, the rest dropped toward zero, and exactly: in dollars with 4 decimals as the venue does,
    and up to 6 when it needs them. A server hands over the rows in lists of any length, each row once.
    """

    def __init__(self, subaccount: int | None, account_micros: int, market_of: Callable[[str], Market]) -> None:
        self._subaccount = subaccount
        self._cash = account_micros
        self._market_of = market_of
        self._value = 0
        self._unmarked: set[str] = set()

    def take(self, rows: Iterable[Position]) -> None:
        """Takes rows of the user as they were when `account_micros` was read."""
        own = [row for row in rows if self._subaccount in {None, row.subaccount}]
        self._cash += balance(own, 0)
        for row in own:
            if row.position:
                value = market_value(row, self._market_of(row.market_ticker).mark_bp)
                if value is None:
                    value = row.cost
                    self._unmarked.add(row.market_ticker)
                self._value += value

    def body(self, now_ms: int) -> bytes:
        """The answer, once every row was taken."""
        dollars = format_dollars(self._cash)
        answer = BalanceAnswer(
            balance=cents_truncated(self._cash),
            balance_breakdown=[ExchangeBalance(dollars, 0)],
            balance_dollars=dollars,
            portfolio_value=cents(self._value),
            unmarked_markets=sorted(self._unmarked),
            updated_ts=now_ms // 1000,
        )
        return msgspec.json.encode(answer)
