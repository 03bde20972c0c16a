"""A connection up to its socket: a session and its outbox, offered what a book that really takes events changes."""

from itertools import islice
from typing import Any

import msgspec

from openpositions.core.book import Batch
from openpositions.core.draft import Draft
from openpositions.core.events import Event
from openpositions.engine.live_portfolios import LivePortfolios
from openpositions.engine.outbox import Outbox
from openpositions.engine.waiting import Lifecycle
from openpositions.wire.socket.lifecycle_frames import lifecycle_messages
from tests.conversation import Conversation, command
from tests.journaled_book import JournaledBook


class Connected:
    """One connection. `read` plays the socket, and `outbox.blocked` is to be set while it takes nothing."""

    def __init__(self, conversation: Conversation, portfolios: LivePortfolios | None = None) -> None:
        self.conversation = conversation
        self.portfolios = LivePortfolios(conversation.journaled.book) if portfolios is None else portfolios
        self.outbox = Outbox(conversation.session, self.portfolios)

    @property
    def journaled(self) -> JournaledBook:
        """The book that it follows."""
        return self.conversation.journaled

    def say(self, cmd: str, **params: object) -> None:
        """Carries out a command; what answers it waits to be read."""
        self.outbox.reply(self.conversation.session.receive(command(cmd, **params)))

    def feed(self, *events: Event) -> None:
        """Takes events in one commit and offers what they changed."""
        draft, _ = self.journaled.commit(Batch(events))
        self.offer(draft)

    def offer(self, draft: Draft) -> None:
        """Offers what a commit changed of this connection's user, and then what became of markets."""
        for change in draft.changes:
            if change.after.user_id == self.conversation.session.access.user_id:
                self.outbox.offer(change)
        self.portfolios.touch(draft.market_changes)
        for before, after, sequence in draft.market_changes:
            for message in lifecycle_messages(before, after):
                self.outbox.offer_lifecycle(Lifecycle(after.market_ticker, sequence, message))

    def read(self, count: int | None = None) -> list[Any]:
        """What waits, or the first so many frames of it, decoded."""
        return [msgspec.json.decode(frame) for frame in islice(self.outbox.frames(), count)]


def connected(*channels: str, book: JournaledBook | None = None, **params: object) -> Connected:
    """A connection that subscribed to channels in one command and has read the answer."""
    connection = Connected(Conversation(book))
    connection.say("subscribe", channels=list(channels), **params)
    connection.read()
    return connection


def positions(frames: list[Any]) -> list[tuple[str, str]]:
    """Market and position of each position frame, and the type of each other frame."""
    return [
        (frame["msg"]["market_ticker"], frame["msg"]["position_fp"])
        if frame["type"] == "market_position"
        else (frame["type"], "")
        for frame in frames
    ]
