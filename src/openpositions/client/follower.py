"""Follows the rows of one user over any number of connections: frames in, news and commands out.

Pure: no socket, no clock, no logging, no async. A runner connects, sends what `start` and `receive` want sent, and
hands over every frame.

With a service that knows the extensions nothing is missed (protocol, 5): the follower subscribes with a snapshot,
resumes where it left off, and checks every `seq`. The first subscribe always asks for a resume, and only a service with
the extensions answers that with `recovered`. From any other service, the venue itself for one, rows come by REST once
and then by frames: what was missed in between shows at the next seeding, and no sooner.
"""

from __future__ import annotations

from itertools import chain, count
from typing import TYPE_CHECKING

import msgspec

from openpositions.client.messages import (
    check_bookmark,
    check_tickers,
    decode_error,
    decode_frame,
    decode_marker,
    decode_subscribed,
    follow_rows,
    subscribe,
)
from openpositions.client.news import Bookmark, CaughtUp, Gap, Interrupted, NoTotals, Seed, Send, SettledBefore
from openpositions.client.portfolio_message import decode_portfolio
from openpositions.client.rows import PositionRow, RowKey, as_never_held, row_of_frame, same_amounts, same_state
from openpositions.client.unnumbered import Closed, Unnumbered
from openpositions.errors import InvalidInput, SubscriptionRefused
from openpositions.wire.socket.commands import PORTFOLIO, POSITIONS
from openpositions.wire.socket.errors import ErrorCode

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from openpositions.client.messages import Frame
    from openpositions.client.news import Continuity, News

# An epoch that no service has: resuming from it is how the first subscribe asks what kind of service is there.
_NO_EPOCH = "none"


class Follower:
    """What one client knows of its rows.

    `tickers` None is every market, `since` where an earlier one left off; `totals` asks for the portfolio channel.
    """

    def __init__(
        self, tickers: Sequence[str] | None = None, *, since: Bookmark | None = None, totals: bool = False
    ) -> None:
        self.tickers = check_tickers(tickers)
        self.rows: dict[RowKey, PositionRow] = {}
        """The latest state received of each row."""
        self.is_exact: bool | None = None
        """Whether the service knows the extensions; None before it has answered once."""
        self.is_current = False
        """Nothing is missing, as far as the service can tell."""
        self.connections = 0
        """How many there were, this one included."""
        self.unnumbered = Unnumbered()
        self.adds_up = self._wants_totals = totals
        """Where there is no portfolio channel, all rows have to be summed up."""
        self._needs_flat = since is not None
        """Flat rows must be delivered too: a caller that resumes may know them as open, or rows are summed up here."""
        self._epoch, self._sequence = check_bookmark(since or Bookmark(_NO_EPOCH, 0))
        """Where to resume: every row up to it is known. From 0 on every row is sent, flat ones too."""
        self.user_id: str | None = None
        """Whose rows these are, once a frame has said so."""
        self._ids = count(1)
        self._begin()

    def _begin(self) -> None:
        self.is_current = False
        self._asked: dict[int, int] = {}
        """Subscribes without an answer, and the sequence that each resumes from."""
        self._totals_id = 0
        self._sids: dict[int, str] = {}
        self._seqs: dict[int, int] = {}
        self._markers_due = 0
        self._recovered = self._asked_from = 0
        self._received: set[RowKey] = set()
        """The rows that came since the last time nothing was missing."""
        self.unnumbered.begin()
        self._was_healed = False

    # ------------------------------------------------------------ what the runner calls

    def start(self) -> list[Send]:
        """What to send on a new connection."""
        self._begin()
        self.connections += 1
        commands = []
        if self._wants_totals:
            self._totals_id = next(self._ids)
            commands.append(Send(subscribe(self._totals_id, PORTFOLIO)))
        return commands + self._ask(self._sequence)

    def receive(self, message: str | bytes) -> list[News]:
        """What a frame says, in order.

        Raises Interrupted when the connection is of no further use, and SubscriptionRefused when no other would be.
        """
        try:
            frame = decode_frame(message)
            news = [] if frame.seq is None else self._check_seq(frame)
            match frame.type:
                case "market_position":
                    return news + self._on_row(frame)
                case "market_positions_snapshot":
                    return news + self._on_marker(frame)
                case "portfolio":
                    return [*news, decode_portfolio(frame.msg)]
                case "subscribed":
                    return news + self._on_subscribed(frame)
                case "error":
                    return news + self._on_error(frame)
        except (msgspec.DecodeError, InvalidInput) as error:
            raise Interrupted(f"the service sent what makes no sense: {error}") from None
        return news  # notices, and whatever else there will be one day

    def seed(
        self,
        rows: Iterable[PositionRow],
        closed: Sequence[Closed] = (),
        settled_before: SettledBefore | None = None,
    ) -> list[News]:
        """Takes what was read by REST: rows, and what became of those that are missing there."""
        # Where a frame came meanwhile, it wins: it is newer, or a newer one follows.
        held = self.unnumbered.release()
        news: list[News] = [] if settled_before is None else [settled_before]
        for row in chain(rows, (one.row for one in closed)):
            known = self.rows.get(row.key)
            if row.key not in held and (known is None or not same_amounts(known, row)):
                news.append(self._keep(row))
        news += [self._keep(row) for row in held.values()]
        self.unnumbered.close(one for one in closed if one.row.key not in held)
        self.is_current = True
        return [*news, CaughtUp(None)]

    def distrust(self) -> None:
        """Whatever is known may be wrong: every row has to be sent again."""
        self.is_current = False
        self._sequence = 0

    @property
    def epoch(self) -> str:
        """The history that rows are of."""
        return self._epoch

    @property
    def continuity(self) -> Continuity | None:
        """`exact` where the service numbers its frames, else `probable`; None before it has answered once."""
        if self.is_exact is None:
            return None
        return "exact" if self.is_exact else "probable"

    # ------------------------------------------------------------ what a service says

    def _on_subscribed(self, frame: Frame) -> list[News]:
        answer = decode_subscribed(frame.msg)
        self._sids[answer.sid] = answer.channel
        if frame.id not in self._asked:
            return []
        self._asked_from = self._asked.pop(frame.id)
        self.is_exact = answer.recovered is not None
        if self.is_exact:
            self._recovered = bool(answer.recovered)
            self._markers_due += 1
            return []
        self.unnumbered.hold_back()
        return [] if self._asked else [Seed()]

    def _on_row(self, frame: Frame) -> list[News]:
        row = row_of_frame(frame.msg, frame.conflated)
        self.user_id = row.user_id
        if self.is_exact is False:
            seeds = self.unnumbered.is_new(row.subaccount) and self.unnumbered.hold_back()
            if self.unnumbered.holds(row):
                return [Seed()] if seeds else []
        if self.is_current:
            if row.sequence is not None:
                self._sequence = max(self._sequence, row.sequence)
            return [self._keep(row)]
        self._received.add(row.key)
        known = self.rows.get(row.key)
        return [] if known is not None and same_state(known, row) else [self._keep(row)]

    def _on_marker(self, frame: Frame) -> list[News]:
        marker = decode_marker(frame.msg)
        if self._markers_due == 0:
            return []
        self._markers_due -= 1
        if self._markers_due or self._asked:
            return []
        if marker.epoch != self._epoch:
            self._epoch, self._sequence = marker.epoch, 0
        unknown = [] if self._recovered and self._asked_from else self.rows.keys() - self._received
        if not self._recovered and (unknown or self._needs_flat):
            # A snapshot holds open rows only: what became of the others has to be asked for.
            return [*self._ask(0)]
        gone = [as_never_held(self.rows.pop(key), marker.sequence) for key in sorted(unknown)]
        self._received = set()
        self._sequence = marker.sequence
        self.is_current = True
        return [*gone, CaughtUp(marker.sequence)]

    def _on_error(self, frame: Frame) -> list[News]:
        refusal = decode_error(frame.msg)
        passes = refusal.code in {ErrorCode.CHANNEL_ERROR.number, ErrorCode.TOO_MANY_REQUESTS.number}
        if frame.id in self._asked and not passes:
            raise SubscriptionRefused(
                f"the subscription was refused with error {refusal.code}: {refusal}", refusal.code
            )
        if self._totals_id and frame.id in {self._totals_id, None} and not passes and frame.sid is None:
            self._totals_id = 0
            self._wants_totals = False
            self._needs_flat = True
            return [NoTotals()]
        raise Interrupted(f"a subscription ended with error {refusal.code}: {refusal}")

    # ------------------------------------------------------------ what it does about it

    def _ask(self, sequence: int) -> list[Send]:
        """Asks for every row that changed at or after a sequence; for a snapshot, where that is not to be had."""
        commands = follow_rows(self._ids, self.tickers, Bookmark(self._epoch, sequence))
        self._asked.update(dict.fromkeys(commands, sequence))
        return [Send(command) for command in commands.values()]

    def _check_seq(self, frame: Frame) -> list[News]:
        """Follows the counter of a subscription. A gap is healed once on a connection, and else by the next one."""
        sid, seq = frame.sid or 0, frame.seq or 0
        expected = self._seqs.get(sid, 0) + 1
        self._seqs[sid] = seq
        if seq == expected:
            return []
        self.distrust()
        if self._was_healed or self._sids.get(sid) != POSITIONS:
            raise Interrupted(f"seq {seq} came where {expected} was due")
        self._was_healed = True
        return [Gap(expected, seq), *self._ask(0)]

    def _keep(self, row: PositionRow) -> PositionRow:
        self.rows[row.key] = row
        self.unnumbered.reopen(row)
        return row
