"""What one connection is sent of its user's portfolio (protocol, 5.6).

At most one frame waits. It is made when the socket takes data, of the state as of then, and the next one some time
after it has left: a slow reader gets few frames, but each of them is up to date.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from openpositions.wire.socket.commands import PORTFOLIO

if TYPE_CHECKING:
    from openpositions.engine.live_portfolios import LivePortfolios
    from openpositions.wire.socket.session import Session
    from openpositions.wire.socket.subscription import Subscription

# Between two frames of a connection (protocol, 5.6).
PORTFOLIO_REST_MS = 250


class PortfolioFeed:
    """The `portfolio` subscription of a connection, while it has one."""

    __slots__ = ("_follows", "_portfolios", "_session", "_waits", "is_unfinished", "resting")

    def __init__(self, session: Session, portfolios: LivePortfolios) -> None:
        self.resting = False
        """A frame left less than `PORTFOLIO_REST_MS` ago; the caller, who has a clock, clears it."""
        self.is_unfinished = False
        """A frame is due, and needs more looks at the portfolio, with other work between."""
        self._session = session
        self._portfolios = portfolios
        self._follows = False
        self._waits = False
        """A frame was made and has not left yet."""

    @property
    def awaits_news(self) -> bool:
        """Whether a change would be sent at once."""
        return PORTFOLIO in self._session.subscriptions and not self.resting

    def frame(self, subscription: Subscription) -> bytes | None:
        """The frame that is due; its caller says when it `leaves`. None when there is none."""
        self.is_unfinished = False
        if self.resting or self._waits:
            return None
        if not self._follows:
            self._portfolios.follow(self._view)
            self._follows = True
        portfolio = self._portfolios.current(self._view)
        if portfolio is None:
            self.is_unfinished = True
            return None
        frame = subscription.portfolio_frame(portfolio)
        self._waits = frame is not None
        return frame

    def leaves(self) -> None:
        """The frame goes to the socket now."""
        self._waits = False
        self.resting = True

    def close(self) -> None:
        """Follows the portfolio no longer."""
        self.is_unfinished = False
        if self._follows:
            self._portfolios.leave(self._view)
            self._follows = False

    @property
    def _view(self) -> tuple[str, int | None]:
        return self._session.access.user_id, self._session.subaccount
