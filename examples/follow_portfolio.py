"""Prints what a user holds and what it is worth, and says so again whenever that changes.

python examples/follow_portfolio.py URL KEY_ID KEY_FILE
"""

import asyncio
import sys
from decimal import Decimal

from openpositions import Client, Portfolio


def report(portfolio: Portfolio) -> str:
    """Everything that is held, in a few lines. What is unknown is said to be, and is not 0."""
    totals = portfolio.totals
    state = "STALE, as of" if totals.stale else "as of"
    gains = f"realized {signed(totals.realized_pnl)}, unrealized {signed(totals.unrealized_pnl)}"
    lines = [f"{state} {totals.sequence}: {gains}, exposure {totals.exposure}"]
    for ticker, holding in sorted(portfolio.positions.items()):
        if holding.exposure:
            lines.append(f"  {ticker}: {holding.position:+} for {holding.cost}")
    return "\n".join(lines)


def signed(amount: Decimal | None) -> str:
    """A gain or a loss."""
    return "unknown" if amount is None else f"{amount:+}"


async def main(url: str, key_id: str, key_file: str) -> None:
    """Follows until it is interrupted, through restarts of the service and of the network."""
    async with Client(url, key_id, key_file) as client:
        portfolio = await client.portfolio()
        async for _ in portfolio.changes():
            print(report(portfolio), flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
