"""One connection's subscriptions: command in, replies out; change in, the sids that want it out (protocol, 2, 3 and 5).

A state machine without a socket and without a clock. Everything it returns is to be sent in the order it was returned.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from openpositions.wire.socket import replies
from openpositions.wire.socket.commands import (
    POSITIONS,
    UNFILTERED_CHANNELS,
    Extensions,
    ListSubscriptions,
    Resume,
    Subscribe,
    Unsubscribe,
    Update,
    decode_envelope,
    parse_command,
)
from openpositions.wire.socket.errors import CommandError, ErrorCode, error_frame
from openpositions.wire.socket.frames import Dialect
from openpositions.wire.socket.subscription import Subscription

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from openpositions.core.book import Book
    from openpositions.core.position import Position

Output: TypeAlias = "bytes | Iterator[bytes]"
"""One frame; or many, encoded one by one as the socket drains."""


class Access(NamedTuple):
    """Who a connection speaks for, and how it is spoken to."""

    user_id: str
    subaccount: int | None
    """The one its key is locked to; None for all."""
    dialect: Dialect
    ticker_limit: int = 10_000
    """Markets that one filter may name."""
    plain: bool = False
    """It is served as the venue would, without extensions."""


class Session:
    """The protocol state of one connection."""

    def __init__(self, access: Access, book: Book, epoch: str) -> None:
        self.access = access
        self._book = book
        self._epoch = epoch
        self._last_sid = 0
        self.subscriptions: dict[str, Subscription] = {}
        """By channel: a channel is subscribed at most once."""
        # A 2025 frame cannot tell subaccounts apart.
        alone = 0 if access.dialect is Dialect.D2025 else None
        self.subaccount = alone if access.subaccount is None else access.subaccount
        """The only one it gets frames of; None for all."""

    def receive(self, message: str | bytes) -> list[Output]:
        """Carries out a command, or none of it; its replies, and the rows it asked for."""
        command_id = None
        try:
            command_id, fields = decode_envelope(message)
            command = parse_command(fields, plain=self.access.plain)
            match command:
                case Subscribe():
                    return self._subscribe(command_id, command)
                case Unsubscribe():
                    return self._unsubscribe(command_id, command)
                case Update():
                    return self._update(command_id, command)
                case ListSubscriptions():
                    open_now = ((one.channel, one.sid) for one in self.subscriptions.values())
                    return [replies.listed(command_id, open_now)]
        except CommandError as error:
            detail = "" if self.access.plain else error.detail  # a field that the venue does not have
            return [error_frame(error.code, command_id, detail=detail)]

    def sees(self, row: Position) -> bool:
        """Whether a row of this connection's user is one it may see."""
        return self.subaccount is None or row.subaccount == self.subaccount

    def end(self, subscription: Subscription) -> None:
        """Forgets a subscription that died."""
        if self.subscriptions.get(subscription.channel) is subscription:
            del self.subscriptions[subscription.channel]

    def _subscribe(self, command_id: int | None, command: Subscribe) -> list[Output]:
        for channel in command.channels:
            if channel not in UNFILTERED_CHANNELS:  # there the tickers name nothing
                self._check_limit(self.subscriptions.get(channel), command.tickers)
        outputs: list[Output] = []
        for channel in command.channels:
            extensions = command.extensions if channel == POSITIONS else Extensions()
            tickers = () if channel in UNFILTERED_CHANNELS else command.tickers
            subscription = self.subscriptions.get(channel)
            if subscription is None:
                self._last_sid += 1
                subscription = Subscription(self._last_sid, channel, self.access.dialect)
                self.subscriptions[channel] = subscription
            followed = subscription.follows_snapshot
            added = subscription.widen(tickers)
            subscription.extend(extensions)
            subscription.told_sequence = None  # a repeat asks for everything once more
            recovered = self._can_resume(extensions.resume)
            outputs.append(
                replies.subscribed(
                    command_id, channel, subscription.sid, recovered=recovered, conflate_ms=extensions.conflate_ms
                )
            )
            if extensions.resume is not None and recovered:
                outputs.append(self._rows_since(subscription, extensions.resume.sequence))
            elif extensions.snapshot or extensions.resume is not None:
                outputs.append(self._snapshot(subscription, None))
            elif followed and added != []:
                outputs.append(self._snapshot(subscription, added))
        return outputs

    def _unsubscribe(self, command_id: int | None, command: Unsubscribe) -> list[Output]:
        ending = [self._by_sid(sid) for sid in command.sids]
        for subscription in ending:
            self.end(subscription)
        return [subscription.unsubscribed_frame(command_id) for subscription in ending]

    def _update(self, command_id: int | None, command: Update) -> list[Output]:
        subscription = self._by_sid(command.sid)
        if subscription.tickers is None and not command.adds:
            raise CommandError(ErrorCode.UNSUPPORTED_ACTION)
        added: list[str] | None = []
        if command.adds:
            self._check_limit(subscription, command.tickers)
            added = subscription.widen(command.tickers)
        else:
            subscription.narrow(command.tickers)
        outputs: list[Output] = [subscription.updated_frame(command_id, list(subscription.tickers or ()))]
        if subscription.follows_snapshot and added:
            outputs.append(self._snapshot(subscription, added))
        return outputs

    def _by_sid(self, sid: int) -> Subscription:
        for subscription in self.subscriptions.values():
            if subscription.sid == sid:
                return subscription
        raise CommandError(ErrorCode.UNKNOWN_SID, f"this connection has no sid {sid}")

    def _check_limit(self, subscription: Subscription | None, tickers: Iterable[str]) -> None:
        filtered = subscription.tickers if subscription else {}
        limit = self.access.ticker_limit
        if filtered is not None and len({*filtered, *tickers}) > limit:
            raise CommandError(ErrorCode.MARKET_LIMIT, f"a subscription names at most {limit} markets")

    def _can_resume(self, resume: Resume | None) -> bool | None:
        if resume is None:
            return None
        return resume.epoch == self._epoch and resume.sequence <= self._book.sequence

    def _snapshot(self, subscription: Subscription, tickers: list[str] | None) -> Iterator[bytes]:
        """The rows that are not flat, of these markets or of the whole filter, in order of ticker and subaccount."""
        wanted = subscription.tickers if tickers is None else dict.fromkeys(tickers)
        rows = [
            row
            for row in self._book.rows_of(self.access.user_id)
            if row.position and self.sees(row) and (wanted is None or row.market_ticker in wanted)
        ]
        rows.sort(key=lambda row: (row.market_ticker, row.subaccount))
        return subscription.snapshot_frames(rows, self._epoch, self._book.sequence)

    def _rows_since(self, subscription: Subscription, sequence: int) -> Iterator[bytes]:
        """The rows changed at or after a sequence, flat ones too, in order of their last change."""
        rows = [
            row
            for row in self._book.rows_changed_since(self.access.user_id, sequence)
            if self.sees(row) and subscription.covers(row.market_ticker)
        ]
        return subscription.snapshot_frames(rows, self._epoch, self._book.sequence)
