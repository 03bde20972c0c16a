"""What a client of `market_positions` knows who resumes, written from the protocol page alone. It checks every frame.

It survives its connections: a new one begins with `opening`, and goes on where the last one stopped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

Row = dict[str, Any]
RowName = tuple[int, str]
"""Subaccount and market."""

_ADDED_BY_EXTENDED = ("sequence", "ts_ms", "cause")


class Wish(NamedTuple):
    """Whose rows a client wants, and how."""

    user_id: str
    wire: str = "both"
    extended: bool = True
    conflate_ms: int = 0
    subaccount: int | None = None
    """The one that its key is locked to."""
    portfolio: bool = False
    """It also wants to know what all of it is worth."""

    @property
    def sees_only(self) -> int | None:
        """The subaccount it is told of; None for all. A 2025 frame cannot tell them apart."""
        return 0 if self.subaccount is None and self.wire == "2025" else self.subaccount


class Witness:
    """The rows that one client was told, and whether they are all there are within its filter."""

    def __init__(self, wish: Wish, filtered: Iterable[str] | None = None) -> None:
        self.wish = wish
        self.filtered: set[str] | None = None if filtered is None else set(filtered)
        """The markets of its subscription; None for all."""
        self.rows: dict[RowName, Row] = {}
        self.is_complete = False
        """It was sent a snapshot, and followed what came after: it may resume."""
        self.seen_sequence = 0
        """The highest sequence in a snapshot frame or after it."""
        self.frames = self.snapshots = self.recovered = self.conflated = 0
        """What it met."""
        self._epoch = ""
        self._start()

    def _start(self) -> None:
        self._sid = 0
        self._seq = 0
        self._as_of = 0
        self.worth: Row | None = None
        """The last portfolio frame of this connection."""
        self._portfolio_sid = 0
        self._asked: dict[int, dict[str, Any]] = {}
        self._snapshot: dict[RowName, Row] | None = None
        """The rows of the snapshot that is under way."""
        self._replaces = False
        """And whether it replaces all rows, or adds to them."""

    @property
    def is_idle(self) -> bool:
        """Whether no answer is due, and no snapshot under way."""
        return bool(self._sid) and not self._asked and self._snapshot is None

    def opening(self, command_id: int) -> dict[str, Any]:
        """The command that a new connection begins with."""
        self._start()
        params: dict[str, Any] = {"channels": ["market_positions"], "extended": self.wish.extended}
        if self.filtered is not None:
            params["market_tickers"] = sorted(self.filtered)
        if self.wish.conflate_ms:
            params["conflate_ms"] = self.wish.conflate_ms
        if self.is_complete:
            params["resume"] = {"epoch": self._epoch, "sequence": self.seen_sequence}
        else:
            params["send_initial_snapshot"] = True
        return self._command(command_id, "subscribe", params)

    def following(self, command_id: int) -> dict[str, Any]:
        """The command that asks for the portfolio."""
        return self._command(command_id, "subscribe", {"channels": ["portfolio"]})

    def changing(self, command_id: int, action: str, tickers: Iterable[str]) -> dict[str, Any]:
        """The command that widens or narrows the filter: `add_markets` or `delete_markets`."""
        params = {"sid": self._sid, "action": action, "market_tickers": sorted(tickers)}
        return self._command(command_id, "update_subscription", params)

    def widening_to_all(self, command_id: int) -> dict[str, Any]:
        """The command after which there is no filter."""
        return self._command(command_id, "subscribe", {"channels": ["market_positions"]})

    def listing(self, command_id: int) -> dict[str, Any]:
        """A command that changes nothing. Its answer comes behind everything that was due before."""
        return self._command(command_id, "list_subscriptions", {})

    def narrow(self, tickers: Iterable[str]) -> None:
        """Forgets the rows of all other markets; for between two connections."""
        self.filtered = set(tickers)
        self.rows = {name: row for name, row in self.rows.items() if name[1] in self.filtered}

    def take(self, frame: Row) -> None:
        """Takes the next frame of the connection."""
        self.frames += 1
        if "seq" in frame:
            assert frame["sid"] == self._sid
            assert frame["seq"] == self._seq + 1, "seq has a gap"
            self._seq += 1
        match frame["type"]:
            case "market_position":
                self._take_row(frame)
            case "market_positions_snapshot":
                self._end_snapshot(frame["msg"])
            case "portfolio":
                self._take_portfolio(frame)
            case "subscribed" if frame["msg"]["channel"] == "portfolio":
                del self._asked[frame["id"]]
                self._portfolio_sid = frame["msg"]["sid"]
            case "subscribed":
                self._sid = frame["msg"]["sid"]
                self._begin(self._asked.pop(frame["id"]), frame["msg"])
            case "ok":
                self._take_ok(self._asked.pop(frame["id"]), frame["msg"])
            case "notice":
                assert frame == {"type": "notice", "msg": {"event": "shutdown"}}
                assert self.wish.extended
            case _:
                raise AssertionError(frame)

    def _command(self, command_id: int, cmd: str, params: dict[str, Any]) -> dict[str, Any]:
        self._asked[command_id] = params
        return {"id": command_id, "cmd": cmd, "params": params}

    def _begin(self, params: dict[str, Any], message: Row) -> None:
        if "resume" in params:
            # What was announced was durable: no restart ends an epoch, or takes the head of the journal back.
            assert message["recovered"] is True, "a resume was refused"
            self.recovered += 1
            self._expect_rows(replaces=False)
        elif "send_initial_snapshot" in params:
            self._expect_rows(replaces=True)
        elif self.filtered is not None:
            self.filtered = None
            self._expect_rows(replaces=True)
        # A resume that is cut off can be asked for again; after anything else rows may be missing.
        self.is_complete = self.is_complete and ("resume" in params or self._snapshot is None)

    def _expect_rows(self, *, replaces: bool) -> None:
        assert self._snapshot is None, "a snapshot within a snapshot"
        self._snapshot, self._replaces = {}, replaces

    def _take_ok(self, params: dict[str, Any], message: Any) -> None:  # noqa: ANN401 - JSON
        if "action" not in params or self.filtered is None:
            return
        named = set(params["market_tickers"])
        now = self.filtered | named if params["action"] == "add_markets" else self.filtered - named
        assert set(message["market_tickers"]) == now
        if now - self.filtered:
            self._expect_rows(replaces=False)
            self.is_complete = False
        self.narrow(now)

    def _take_row(self, frame: Row) -> None:
        assert frame["sid"] == self._sid
        assert ("seq" in frame) == self.wish.extended
        self.conflated += frame.get("conflated", 0)
        row = dict(frame["msg"])
        name = row.get("subaccount", self.wish.sees_only or 0), row["market_ticker"]
        assert row["user_id"] == self.wish.user_id
        assert self.wish.sees_only in {None, name[0]}
        assert self.filtered is None or name[1] in self.filtered, "a market that was not asked for"
        extended = {field: row.pop(field) for field in _ADDED_BY_EXTENDED if field in row}
        if self._snapshot is not None:
            assert "cause" not in extended, "a live frame within a snapshot"
            assert name not in self._snapshot, "a row twice in a snapshot"
            self._snapshot[name] = row
            return
        if extended:
            assert extended["sequence"] > self._as_of, "a live frame of what a snapshot told"
            assert extended["sequence"] >= self.seen_sequence, "the sequence went back"
            told = self.worth["sequence"] if self.worth else 0
            assert extended["sequence"] > told, "a portfolio came before a row that it counts"
            self.seen_sequence = extended["sequence"]
        self.rows[name] = row

    def _take_portfolio(self, frame: Row) -> None:
        assert frame["sid"] == self._portfolio_sid
        assert frame["msg"]["user_id"] == self.wish.user_id
        assert self.worth is None or frame["msg"]["sequence"] > self.worth["sequence"], "a portfolio twice"
        self.worth = frame["msg"]

    def _end_snapshot(self, message: Row) -> None:
        assert self._snapshot is not None, "the end of no snapshot"
        assert message["rows"] == len(self._snapshot)
        assert self._epoch in {"", message["epoch"]}
        assert message["sequence"] >= self.seen_sequence, "the sequence went back"
        if self._replaces:
            self.rows = {}
        self.rows.update(self._snapshot)
        self._snapshot = None
        self._epoch = message["epoch"]
        self.is_complete = True
        self.snapshots += 1
        self.seen_sequence = self._as_of = message["sequence"]
