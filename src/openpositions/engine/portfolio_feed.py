"""What one connection is told of its user's portfolio (protocol, 5.6).

Nothing waits here: a frame is made when everything before it has left, so a slow reader is told the newest state once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from openpositions.wire.commands import PORTFOLIO

if TYPE_CHECKING:
    from openpositions.engine.portfolios import Portfolios
    from openpositions.wire.session import Session

# Between two frames of a connection (protocol, 5.6).
PORTFOLIO_REST_MS = 250


class PortfolioFeed:
    """The `portfolio` subscription of a connection, while it has one."""

    __slots__ = ("_follows", "_portfolios", "_session", "resting")

    def __init__(self, session: Session, portfolios: Portfolios) -> None:
        self.resting = False
        """A frame left less than `PORTFOLIO_REST_MS` ago; whoever has a clock sets it back."""
        self._session = session
        self._portfolios = portfolios
        self._follows = False

    @property
    def awaits_news(self) -> bool:
        """Whether a change would be told at once."""
        return PORTFOLIO in self._session.subscriptions and not self.resting

    def frame(self) -> bytes | None:
        """The frame that is due; None when there is none. To be asked once nothing else waits."""
        subscription = self._session.subscriptions.get(PORTFOLIO)
        if subscription is None:
            self.close()
            return None
        if self.resting:
            return None
        if not self._follows:
            self._portfolios.follow(self._view)
            self._follows = True
        frame = subscription.portfolio_frame(self._portfolios.current(self._view))
        self.resting = frame is not None
        return frame

    def close(self) -> None:
        """Follows the portfolio no longer."""
        if self._follows:
            self._portfolios.leave(self._view)
            self._follows = False

    @property
    def _view(self) -> tuple[str, int | None]:
        return self._session.access.user_id, self._session.subaccount
