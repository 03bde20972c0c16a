"""Whatever clients send and however slowly they read, each is told exactly what it may and asked to see."""

from collections.abc import Callable
from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from openpositions.core.book import Batch
from openpositions.core.events import Fill, Mark
from openpositions.core.market import Market, undeclared_market
from openpositions.core.position import Position
from openpositions.engine.contents import Contents, contents_of
from openpositions.engine.live_portfolios import LivePortfolios
from openpositions.wire.socket.fill_frames import fill_message
from openpositions.wire.socket.frames import Dialect, position_message
from tests.connected import Connected
from tests.conversation import Conversation
from tests.histories import commits, fills
from tests.journaled_book import JournaledBook
from tests.properties.follower import POSITIONS, Follower
from tests.properties.worth import decoded, worth_of, worth_of_parts

CHANNELS = [POSITIONS, POSITIONS, POSITIONS, "fill", "market_lifecycle_v2", "portfolio"]
MARKETS = ["RAIN", "SNOW", "FOG"]
WHO = [
    ("alice", None, Dialect.BOTH),
    ("alice", 1, Dialect.D2026),
    ("alice", None, Dialect.D2025),
    ("bob", None, Dialect.BOTH),
]

who = st.integers(0, len(WHO) - 1)
extensions = st.fixed_dictionaries(
    {},
    optional={
        "send_initial_snapshot": st.booleans(),
        "extended": st.booleans(),
        "conflate_ms": st.sampled_from([10, 250, None]),
        "resume": st.sampled_from([None, {"epoch": "another", "sequence": 0}]),
    },
)
filters = st.fixed_dictionaries(
    {}, optional={"market_ticker": st.sampled_from(MARKETS), "market_tickers": st.lists(st.sampled_from(MARKETS))}
)
subscribes = st.builds(
    lambda channels, *params: {"channels": channels} | params[0] | params[1],
    st.lists(st.sampled_from(CHANNELS), min_size=1, max_size=3),
    filters,
    extensions,
)
sids = st.integers(1, 4)
updates = st.builds(
    lambda action, sid, params: {"action": action, "sid": sid} | params,
    st.sampled_from(["add_markets", "delete_markets"]),
    sids,
    filters,
)

# Values of every type under the names that commands have: almost all of these are mistakes.
plain = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=8))
anything = st.recursive(plain, lambda inner: st.lists(inner, max_size=3), max_leaves=5)
wrong_sids = st.dictionaries(st.sampled_from(["sid", "sids", "action", "market_tickers"]), anything)
garbage = st.one_of(
    st.binary(max_size=50),
    st.text(max_size=50),
    anything.map(msgspec.json.encode),
    st.fixed_dictionaries({}, optional={"id": anything, "cmd": anything, "params": anything}).map(msgspec.json.encode),
)


class Sessions(RuleBasedStateMachine):
    """Some connections of two users on one book."""

    @initialize(history=commits, wishes=st.tuples(*[st.tuples(filters, extensions)] * len(WHO)))
    def connect(self, history: list[Batch], wishes: tuple[tuple[dict[str, Any], dict[str, Any]], ...]) -> None:
        """Each with its own access, and all asking for rows."""
        self.journaled = JournaledBook()
        self.journaled.commit(*history)
        self.states: dict[int, Contents] = {}
        """The book by sequence, as of each commit."""
        self.states[self.journaled.book.sequence] = contents_of(self.journaled.book)
        portfolios = LivePortfolios(self.journaled.book)
        self.followers = [
            Follower(
                Connected(Conversation(self.journaled, user=user, subaccount=subaccount, dialect=dialect), portfolios)
            )
            for user, subaccount, dialect in WHO
        ]
        self.fills: list[list[Any]] = [[] for _ in WHO]
        for follower, (filtered, wished) in zip(self.followers, wishes, strict=True):
            channels = [POSITIONS, "fill", "portfolio"]
            everything = {"channels": channels, **filtered, **wished, "send_initial_snapshot": True}
            follower.say("subscribe", everything, replies=3)

    @rule(fill=fills)
    def take_a_fill(self, fill: Fill) -> None:
        """A new one of alice, whom most connections are of."""
        new = msgspec.structs.replace(fill, trade_id=f"new {self.journaled.book.sequence}", user_id="alice")
        self.take_events([Batch([new])])

    @rule(price=st.one_of(st.none(), st.integers(1, 9999)), ticker=st.sampled_from(MARKETS))
    def move_a_mark(self, price: int | None, ticker: str) -> None:
        """Later than all before it."""
        self.take_events([Batch([Mark(ticker, price, 2000 + self.journaled.book.sequence)])])

    @rule(batches=commits)
    def take_events(self, batches: list[Batch]) -> None:
        """One commit, offered to every connection in the step that installs it."""
        draft, _ = self.journaled.commit(*batches)
        self.states[draft.sequence] = contents_of(self.journaled.book)
        for follower, told in zip(self.followers, self.fills, strict=True):
            follower.connection.offer(draft)
            told += [
                msgspec.json.decode(fill_message(change.cause, change.after, follower.access.dialect))
                for change in draft.changes
                if isinstance(change.cause, Fill) and change.after.user_id == follower.access.user_id
            ]

    @rule(one=who, params=subscribes)
    def subscribe(self, one: int, params: dict[str, Any]) -> None:
        """Also repeated, with other markets and other wishes."""
        self.followers[one].say("subscribe", params, replies=len(set(params["channels"])))

    @rule(one=who, params=st.one_of(updates, wrong_sids))
    def update(self, one: int, params: dict[str, Any]) -> None:
        """Of a sid that may not be there."""
        self.followers[one].say("update_subscription", params)

    @rule(one=who, which=st.lists(sids, max_size=2))
    def unsubscribe(self, one: int, which: list[int]) -> None:
        """From what may not be there."""
        self.followers[one].say("unsubscribe", {"sids": which}, replies=len(set(which)) or 1)

    @rule(one=who)
    def ask_for_the_list(self, one: int) -> None:
        """Of what is subscribed."""
        self.followers[one].say("list_subscriptions", {})

    @rule(one=who, message=garbage)
    def send_garbage(self, one: int, message: str | bytes) -> None:
        """Each message has one answer, and it is an error."""
        outputs = self.followers[one].connection.conversation.session.receive(message)
        assert len(outputs) == 1
        assert b'"type":"error"' in bytes(outputs[0])  # type: ignore[arg-type]  # an error is one frame

    @rule(one=who, frames=st.sampled_from([None, None, 1, 2, 5]))
    def read(self, one: int, frames: int | None) -> None:
        """A few frames, or all that wait."""
        self.followers[one].read(frames)

    @rule(one=who, blocked=st.booleans())
    def block(self, one: int, *, blocked: bool) -> None:
        """The socket takes nothing more, or something again."""
        self.followers[one].connection.outbox.blocked = blocked

    @rule(one=who)
    def release(self, one: int) -> None:
        """The time of what `conflate_ms` held has come."""
        self.followers[one].connection.outbox.release()

    @rule(one=who)
    def rest(self, one: int) -> None:
        """A while has passed since the last portfolio frame."""
        self.followers[one].connection.outbox.portfolio.resting = False

    @rule(one=who, params=extensions.map(lambda params: {**params, "resume": None}))
    def reconnect(self, one: int, params: dict[str, Any]) -> None:
        """With whatever was on its way lost."""
        self.followers[one].reconnect(params)

    def teardown(self) -> None:
        """In the end everybody who asked has exactly the rows of the book, and every sum was that of the rows."""
        for follower, told in zip(getattr(self, "followers", []), getattr(self, "fills", []), strict=True):
            follower.catch_up()
            self._check_rows(follower)
            self._check_portfolios(follower)
            remaining = iter(told)
            assert all(fill in remaining for fill in follower.fills), "a fill of somebody else, twice, or out of order"

    def _check_portfolios(self, follower: Follower) -> None:
        for told, markets, events in follower.portfolios:
            state = self.states[told["sequence"]]
            rows = [row for row in state.positions.values() if _is_seen(row, follower)]
            assert decoded(told) == worth_of(rows, market_of(state))
            for known, expected in zip((markets, events), worth_of_parts(rows, market_of(state)), strict=True):
                for ticker, worth in expected.items():
                    if ticker in known or worth["exposure_dollars" if known is events else "position_fp"]:
                        assert decoded(known[ticker]) == {name: worth[name] for name in decoded(known[ticker])}
        if "portfolio" in follower.sids:
            last, *_ = follower.portfolios[-1]
            now = contents_of(self.journaled.book)
            assert decoded(last) == worth_of(
                (row for row in now.positions.values() if _is_seen(row, follower)), market_of(now)
            )

    def _check_rows(self, follower: Follower) -> None:
        if POSITIONS not in follower.sids or not follower.knows_all:
            return
        access, wanted = follower.access, follower.filters[POSITIONS]
        book = {
            (row.subaccount, row.market_ticker): row
            for row in self.journaled.book.rows_of(access.user_id)
            if _is_seen(row, follower) and (wanted is None or row.market_ticker in wanted)
        }
        expected = {
            name: msgspec.json.decode(position_message(row, access.dialect))
            for name, row in book.items()
            if row.position or name in follower.rows  # a snapshot leaves out what is flat
        }
        assert follower.rows == expected


def _is_seen(row: Position, follower: Follower) -> bool:
    """Whether a connection may see a row: of its user, and of its subaccount where it is told of one only."""
    access = follower.access
    alone = 0 if access.dialect is Dialect.D2025 else access.subaccount
    return row.user_id == access.user_id and alone in {None, row.subaccount}


def market_of(state: Contents) -> Callable[[str], Market]:
    """What was known of each market."""
    return lambda ticker: state.markets.get(ticker) or undeclared_market(ticker)


TestSessions = Sessions.TestCase
TestSessions.settings = settings(max_examples=100, stateful_step_count=40)
