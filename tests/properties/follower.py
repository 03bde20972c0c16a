"""A careful client, written from the protocol page alone: checks every frame and keeps the rows that it is told."""

from itertools import count
from typing import Any

import msgspec

from tests.connected import Connected
from tests.conversation import EPOCH, Conversation

Row = dict[str, Any]
RowName = tuple[int, str]
"""Subaccount and market."""

POSITIONS = "market_positions"
_ADDED_BY_EXTENDED = ("sequence", "ts_ms", "cause")


class Follower:
    """One connection and what its client knows."""

    def __init__(self, connection: Connected) -> None:
        self.connection = connection
        self.access = connection.conversation.session.access
        self.rows: dict[RowName, Row] = {}
        self.filters: dict[str, set[str] | None] = {}
        """By channel, the markets of its last subscription; None for all of them."""
        self.knows_all = False
        """The rows it has are all there are within the filter: it was sent a snapshot, and followed what came after."""
        self.seen_sequence = 0
        """The highest sequence in a snapshot frame or after it."""
        self.fills: list[Row] = []
        self.portfolios: list[tuple[Row, dict[str, Row], dict[str, Row]]] = []
        """Each portfolio frame, with all markets and events that were known after it."""
        self._ids = count(1)
        self._start()

    def _start(self) -> None:
        self.sids: dict[str, int] = {}
        self._seqs: dict[int, int] = {}
        self._ended: set[int] = set()
        self._asked: dict[int, dict[str, Any]] = {}
        self._replies_due: dict[int, int] = {}
        self._followed = False
        self._snapshot: dict[RowName, Row] | None = None
        """The rows of the snapshot that is under way."""
        self._replaces = False
        """And whether it replaces all rows, or adds to them."""
        self._as_of = 0
        """The sequence of the last snapshot frame."""
        self._valued_at = -1
        """The sequence of the last portfolio frame."""
        self._whole = False
        """The next portfolio frame tells everything."""

    # ------------------------------------------------------------ what it does

    def say(self, cmd: str, params: dict[str, Any], *, replies: int = 1) -> None:
        """Sends a command with an id of its own, to which so many replies are due, or one error."""
        command_id = next(self._ids)
        self._asked[command_id] = params
        self._replies_due[command_id] = replies
        message = msgspec.json.encode({"id": command_id, "cmd": cmd, "params": params})
        self.connection.outbox.reply(self.connection.conversation.session.receive(message))

    def reconnect(self, params: dict[str, Any]) -> None:
        """Loses the connection with all that is on its way, and goes on where it stopped, if it can."""
        conversation = self.connection.conversation
        access = conversation.session.access
        self.connection.outbox.portfolio.close()
        again = Conversation(
            conversation.journaled, user=access.user_id, subaccount=access.subaccount, dialect=access.dialect
        )
        self.connection = Connected(again, self.connection.portfolios)
        was = self.filters.get(POSITIONS)
        can_resume = self.knows_all and self._snapshot is None and was != set()
        self._start()
        if not can_resume:
            self.say("subscribe", {**params, "channels": [POSITIONS], "send_initial_snapshot": True})
            return
        resume = {"epoch": EPOCH, "sequence": self.seen_sequence}
        filtered = {} if was is None else {"market_tickers": sorted(was)}
        self.say("subscribe", {**params, **filtered, "channels": [POSITIONS], "resume": resume})

    def read(self, frames: int | None = None) -> None:
        """Reads so many frames, or all that wait, and checks each."""
        for frame in self.connection.read(frames):
            self._check_envelope(frame)
            getattr(self, f"_on_{frame['type']}")(frame)

    def catch_up(self) -> None:
        """Reads all there is, after whatever kept it from that has ended; no command may stay unanswered."""
        self.connection.outbox.blocked = False
        self.connection.outbox.release()
        self.read()
        self.connection.outbox.portfolio.resting = False
        self.read()
        assert self.connection.outbox.is_empty
        assert not self._replies_due
        assert self._snapshot is None, "a snapshot has no end"

    # ------------------------------------------------------------ what it is told

    def _check_envelope(self, frame: Row) -> None:
        sid = frame.get("sid")
        if sid is not None:
            assert sid in self._seqs, "a frame of a sid that was never subscribed"
            assert sid not in self._ended, "a frame of a sid that has ended"
        if "seq" in frame:
            assert frame["seq"] == self._seqs[frame["sid"]] + 1, "seq has a gap"
            self._seqs[frame["sid"]] = frame["seq"]

    def _answered(self, frame: Row) -> dict[str, Any]:
        command_id = frame["id"]
        self._replies_due[command_id] -= 1
        if frame["type"] == "error" or not self._replies_due[command_id]:
            del self._replies_due[command_id]
        return self._asked[command_id]

    def _on_error(self, frame: Row) -> None:
        if "id" in frame and frame["id"] in self._asked:
            self._answered(frame)

    def _on_subscribed(self, frame: Row) -> None:
        params = self._answered(frame)
        channel, sid = frame["msg"]["channel"], frame["msg"]["sid"]
        was = self.filters.get(channel) if channel in self.sids else set()
        named = _named(params)
        unfiltered = channel in {"market_lifecycle_v2", "portfolio"}
        now = None if was is None or not named or unfiltered else was | named
        is_new = channel not in self.sids
        if is_new:
            assert sid == max(self._seqs, default=0) + 1
            self._seqs[sid] = 0
            self.sids[channel] = sid
        assert sid == self.sids[channel]
        self.filters[channel] = now
        self._whole = self._whole or channel == "portfolio"
        if channel == POSITIONS:
            self._expect_rows(frame["msg"].get("recovered"), params, is_new=is_new, widened=was != now)

    def _expect_rows(self, recovered: bool | None, params: dict[str, Any], *, is_new: bool, widened: bool) -> None:  # noqa: FBT001 - as the reply has it
        asked = params.get("send_initial_snapshot") or recovered is False
        if is_new:
            self._followed = False
            self.knows_all = self.knows_all and recovered is True
        if recovered or asked or (self._followed and widened):
            self._snapshot = {}
            self._replaces = not recovered and bool(asked or self.filters[POSITIONS] is None)
        elif widened:
            self.knows_all = False
        self._followed = self._followed or recovered is not None or bool(asked)

    def _on_ok(self, frame: Row) -> None:
        params = self._answered(frame)
        if "sid" not in frame:
            return
        (channel,) = [channel for channel, sid in self.sids.items() if sid == frame["sid"]]
        was = self.filters[channel]
        if was is None:
            return
        named = _named(params)
        now = was | named if params["action"] == "add_markets" else was - named
        assert set(frame["msg"]["market_tickers"]) == now
        self.filters[channel] = now
        if channel == POSITIONS:
            self.rows = {name: row for name, row in self.rows.items() if name[1] in now}
            if now - was and self._followed:
                self._snapshot, self._replaces = {}, False

    def _on_unsubscribed(self, frame: Row) -> None:
        self._answered(frame)
        self.sids = {channel: sid for channel, sid in self.sids.items() if sid != frame["sid"]}
        self._ended.add(frame["sid"])

    def _on_market_position(self, frame: Row) -> None:
        row = dict(frame["msg"])
        name = row.get("subaccount", self.access.subaccount or 0), row["market_ticker"]
        assert frame["sid"] == self.sids[POSITIONS]
        assert row["user_id"] == self.access.user_id
        assert self.access.subaccount in {None, name[0]}
        self._check_filter(POSITIONS, name[1])
        sequence = row.get("sequence", 0)
        extended = {key: row.pop(key) for key in _ADDED_BY_EXTENDED if key in row}
        if self._snapshot is not None:
            assert "cause" not in extended
            self._snapshot[name] = row
            return
        if extended:
            assert sequence > self._valued_at, "a portfolio came before a position up to it"
        if extended and self.knows_all:
            assert sequence > self._as_of, "a live frame of what a snapshot told"
            assert sequence >= self.seen_sequence, "live frames are out of order"
            self.seen_sequence = sequence
        self.rows[name] = row

    def _on_market_positions_snapshot(self, frame: Row) -> None:
        assert self._snapshot is not None
        assert frame["msg"]["rows"] == len(self._snapshot)
        assert frame["msg"]["epoch"] == EPOCH
        if self._replaces:
            self.rows = {}
            self.knows_all = True
        self.rows.update(self._snapshot)
        self._snapshot = None
        assert frame["msg"]["sequence"] >= self.seen_sequence
        self.seen_sequence = self._as_of = frame["msg"]["sequence"]

    def _on_fill(self, frame: Row) -> None:
        assert frame["sid"] == self.sids["fill"]
        self._check_filter("fill", frame["msg"]["market_ticker"])
        self.fills.append(frame["msg"])

    def _on_market_lifecycle_v2(self, frame: Row) -> None:
        assert frame["sid"] == self.sids["market_lifecycle_v2"]

    def _on_portfolio(self, frame: Row) -> None:
        told = frame["msg"]
        assert frame["sid"] == self.sids["portfolio"]
        assert told["user_id"] == self.access.user_id
        assert told["sequence"] >= self._valued_at
        self._valued_at = told["sequence"]
        _, markets, events = ({}, {}, {}) if self._whole else self.portfolios[-1]
        assert self._whole or told["markets"], "a frame that tells nothing new"
        self._whole = False
        markets = markets | {market["market_ticker"]: market for market in told["markets"]}
        events = events | {event["event_ticker"]: event for event in told["events"]}
        self.portfolios.append((told, markets, events))

    def _check_filter(self, channel: str, ticker: str) -> None:
        wanted = self.filters[channel]
        assert wanted is None or ticker in wanted, "a market that was not asked for"


def _named(params: dict[str, Any]) -> set[str]:
    """The markets that a command names."""
    return {*(params.get("market_tickers") or []), *filter(None, [params.get("market_ticker")])}
