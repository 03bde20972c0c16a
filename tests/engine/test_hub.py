"""Who is told of a commit, and when it is written (house, "The way of one fill")."""

import asyncio
from typing import Any

import pytest

from openpositions.core.book import Batch
from openpositions.core.draft import Draft
from openpositions.core.events import Event
from openpositions.engine.hub import Hub
from openpositions.engine.live_portfolios import LivePortfolios
from tests.connected import Connected
from tests.conversation import Conversation
from tests.events import bought_yes, determined, marked, settled
from tests.journaled_book import JournaledBook


class Listener:
    """A connection whose writes are remembered."""

    def __init__(
        self, journaled: JournaledBook, user: str = "alice", *channels: str, portfolios: LivePortfolios | None = None
    ) -> None:
        self.user_id = user
        self._connected = Connected(Conversation(journaled, user=user), portfolios)
        self._connected.say("subscribe", channels=list(channels or ["market_positions"]))
        self._connected.read()
        self.outbox = self._connected.outbox
        self.outbox.portfolio.resting = False
        self.written: list[Any] = []
        self.flushed = asyncio.Event()

    def flush(self) -> None:
        """Writes what waits."""
        self.written += self._connected.read()
        self.flushed.set()


class Broken(Listener):
    """A connection that cannot be written to."""

    def flush(self) -> None:
        """Fails."""
        raise ConnectionError(self.user_id)


def committed(journaled: JournaledBook, *events: Event) -> Draft:
    """What one commit changed."""
    draft, _ = journaled.commit(Batch(events))
    return draft


def attached(hub: Hub, *listeners: Listener) -> None:
    """Attaches listeners in this order."""
    for listener in listeners:
        hub.attach(listener)


async def test_every_connection_of_a_user_is_told_and_nobody_else() -> None:
    """Bob's connection is not even written to."""
    journaled = JournaledBook()
    hub = Hub(journaled.book)
    first, second, bob = Listener(journaled), Listener(journaled), Listener(journaled, "bob")
    attached(hub, first, second, bob)

    hub.publish(committed(journaled, bought_yes("t1")))
    await first.flushed.wait()
    await second.flushed.wait()

    assert [frame["msg"]["market_ticker"] for frame in first.written + second.written] == ["RAIN", "RAIN"]
    assert not bob.flushed.is_set()


async def test_commits_are_offered_at_once_and_written_together() -> None:
    """Publishing is one step, writing is the next: two commits in a row are one flush."""
    journaled = JournaledBook()
    hub = Hub(journaled.book)
    listener = Listener(journaled)
    hub.attach(listener)

    hub.publish(committed(journaled, bought_yes("t1", 1_00)))
    hub.publish(committed(journaled, bought_yes("t2", 1_00)))

    assert listener.written == []
    await listener.flushed.wait()
    assert [frame["msg"]["position_fp"] for frame in listener.written] == ["1.00", "2.00"]


async def test_detached_connection_is_told_nothing_more() -> None:
    """Not even what was offered and not yet written."""
    journaled = JournaledBook()
    hub = Hub(journaled.book)
    leaving, staying = Listener(journaled), Listener(journaled)
    attached(hub, leaving, staying)

    hub.publish(committed(journaled, bought_yes("t1")))
    hub.detach(leaving)
    hub.publish(committed(journaled, bought_yes("t2")))
    await staying.flushed.wait()

    assert len(staying.written) == 2
    assert leaving.written == []


def test_who_is_detached_is_listed_no_more() -> None:
    """Detaching twice does no harm."""
    journaled = JournaledBook()
    hub = Hub(journaled.book)
    first, second, bob = Listener(journaled), Listener(journaled), Listener(journaled, "bob")
    attached(hub, first, second, bob)

    hub.detach(first)
    hub.detach(first)
    hub.detach(bob)

    assert hub.listeners() == [second]


async def test_settlement_is_told_to_whoever_follows_lifecycles() -> None:
    """Whether or not they hold anything; positions go out before it."""
    journaled = JournaledBook()
    hub = Hub(journaled.book)
    journaled.feed(bought_yes("t1"))
    holder = Listener(journaled, "alice", "market_positions", "market_lifecycle_v2")
    watcher = Listener(journaled, "bob", "market_lifecycle_v2")
    attached(hub, holder, watcher)

    hub.publish(committed(journaled, settled("yes")))
    await holder.flushed.wait()
    await watcher.flushed.wait()

    assert [frame["type"] for frame in holder.written] == [
        "market_position",
        "market_lifecycle_v2",
        "market_lifecycle_v2",
    ]
    assert [frame["msg"]["event_type"] for frame in watcher.written] == ["determined", "settled"]


async def test_news_of_a_commit_come_in_the_order_of_their_sequences() -> None:
    """Over all subscriptions of a connection: a settlement's before a later change of the same commit."""
    journaled = JournaledBook()
    hub = Hub(journaled.book)
    journaled.feed(bought_yes("t1"))
    holder = Listener(journaled, "alice", "market_positions", "market_lifecycle_v2")
    attached(hub, holder)

    hub.publish(committed(journaled, settled("yes"), bought_yes("t2", ticker="SNOW"), determined("no", ticker="SNOW")))
    await holder.flushed.wait()

    assert [frame["msg"].get("event_type", frame["msg"]["market_ticker"]) for frame in holder.written] == [
        "RAIN",
        "determined",
        "settled",
        "SNOW",
        "determined",
    ]


async def test_connection_that_fails_does_not_keep_the_others_waiting() -> None:
    """The loop reports it, and the next commit is told too."""
    reported: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context))
    journaled = JournaledBook()
    hub = Hub(journaled.book)
    broken, sound = Broken(journaled), Listener(journaled)
    attached(hub, broken, sound)

    for trade_id in ("t1", "t2"):
        hub.publish(committed(journaled, bought_yes(trade_id)))
        await sound.flushed.wait()
        sound.flushed.clear()

    assert len(sound.written) == 2
    assert [type(context["exception"]) for context in reported] == [ConnectionError, ConnectionError]


async def test_long_writing_lets_other_work_through_and_nobody_twice_before_the_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each write takes a second here: the loop gets a turn between them, and news for the first waits its turn."""
    loop = asyncio.get_running_loop()
    now = loop.time()
    order: list[str] = []
    journaled = JournaledBook()
    hub = Hub(journaled.book)

    class Slow(Listener):
        def flush(self) -> None:
            nonlocal now
            now += 1.0
            order.append(self.user_id)
            if order == ["alice"]:
                loop.call_soon(order.append, "other work")
                hub.publish(committed(journaled, bought_yes("t4", user="alice")))
            super().flush()

    alice, bob = Slow(journaled, "alice"), Slow(journaled, "bob")
    attached(hub, alice, bob)
    monkeypatch.setattr(loop, "time", lambda: now)

    hub.publish(committed(journaled, bought_yes("t1", user="alice"), bought_yes("t2", user="bob")))
    await bob.flushed.wait()
    alice.flushed.clear()
    await alice.flushed.wait()

    assert order == ["alice", "other work", "bob", "alice"]


async def test_little_that_is_not_yet_written_keeps_nobody_waiting() -> None:
    """A commit is shown while the one before is written."""
    journaled = JournaledBook()
    hub = Hub(journaled.book)
    listener = Listener(journaled)
    hub.attach(listener)

    hub.publish(committed(journaled, bought_yes("t1")))
    await hub.catch_up()

    assert not listener.flushed.is_set()


async def test_very_much_is_written_before_more_is_published(monkeypatch: pytest.MonkeyPatch) -> None:
    """To everybody; and then there is room again."""
    monkeypatch.setattr("openpositions.engine.hub.CHANGES_AHEAD", 2)
    journaled = JournaledBook()
    hub = Hub(journaled.book)
    listeners = [Listener(journaled) for _ in range(3)]
    attached(hub, *listeners)

    hub.publish(committed(journaled, bought_yes("t1"), bought_yes("t2")))
    await hub.catch_up()
    written = [len(listener.written) for listener in listeners]
    hub.publish(committed(journaled, bought_yes("t3")))
    await hub.catch_up()

    assert written == [2, 2, 2]
    assert [len(listener.written) for listener in listeners] == [2, 2, 2]


async def test_what_nobody_is_told_is_nothing_to_wait_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """However much it is, and also when whoever was to be told is gone."""
    monkeypatch.setattr("openpositions.engine.hub.CHANGES_AHEAD", 1)
    journaled = JournaledBook()
    hub = Hub(journaled.book)
    leaving = Listener(journaled)
    hub.attach(leaving)

    hub.publish(committed(journaled, bought_yes("t1")))
    hub.detach(leaving)
    hub.publish(committed(journaled, bought_yes("t2")))

    async with asyncio.timeout(5):
        await hub.catch_up()


# ---------------------------------------------------------------- portfolios


async def test_change_of_a_row_is_told_to_whoever_follows_the_portfolio_only() -> None:
    """A connection without any other channel."""
    journaled = JournaledBook()
    hub = Hub(journaled.book)
    listener = Listener(journaled, "alice", "portfolio", portfolios=hub.portfolios)
    hub.attach(listener)

    hub.publish(committed(journaled, bought_yes("t1")))
    await listener.flushed.wait()

    assert [frame["msg"]["sequence"] for frame in listener.written] == [1]


async def test_mark_wakes_those_who_follow_a_portfolio_that_has_the_market() -> None:
    """Not the same user's other connections, not who follows another portfolio, not who rests."""
    journaled = JournaledBook()
    hub = Hub(journaled.book)
    journaled.feed(bought_yes("t1"), bought_yes("t2", user="bob", ticker="SUN"))
    holder, resting, bob = (
        Listener(journaled, user, "portfolio", portfolios=hub.portfolios) for user in ("alice", "alice", "bob")
    )
    plain = Listener(journaled, "alice", "market_positions", portfolios=hub.portfolios)
    attached(hub, plain, resting, bob, holder)
    resting.outbox.portfolio.resting = True

    hub.publish(committed(journaled, marked(5000)))
    await holder.flushed.wait()

    assert [frame["msg"]["market_value_dollars"] for frame in holder.written] == ["5.0000"]
    assert not any(listener.flushed.is_set() for listener in (plain, resting, bob))


def test_detached_connection_follows_no_portfolio() -> None:
    """A mark costs nothing when the last one is gone."""
    journaled = JournaledBook()
    hub = Hub(journaled.book)
    journaled.feed(bought_yes("t1"))
    listener = Listener(journaled, "alice", "portfolio", portfolios=hub.portfolios)
    hub.attach(listener)

    hub.detach(listener)

    assert hub.portfolios.touch(committed(journaled, marked(5000)).market_changes) == set()
