"""One client of a replay: its commands in, replies and recorded frames out (pure: no socket, no clock).

Each subscribe begins its channels from the start, together and in the recorded order; their sids and seqs are those of
this connection, everything else of a frame stays as it was recorded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from openpositions.wire.socket import replies
from openpositions.wire.socket.commands import (
    POSITIONS,
    ListSubscriptions,
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
    from collections.abc import Iterator

    from openpositions.testing.recording.sessions import RecordedFrame, RecordedSession

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class _Market(msgspec.Struct):
    market_ticker: str | None = None
    ticker: str | None = None


class _Body(msgspec.Struct):
    msg: _Market = msgspec.field(default_factory=_Market)


_decode_body = msgspec.json.Decoder(_Body).decode


class Stream:
    """The frames that one subscribe began."""

    def __init__(self, subscriptions: list[Subscription], session: RecordedSession) -> None:
        self._subscriptions = {one.channel: one for one in subscriptions}
        self._session = session

    @property
    def is_over(self) -> bool:
        """Whether nobody is subscribed to any of it any more."""
        return not self._subscriptions

    def end(self, channel: str, subscription: Subscription) -> None:
        """Sends no more of a channel, if it is of this subscription."""
        if self._subscriptions.get(channel) is subscription:
            del self._subscriptions[channel]

    def due_times(self) -> Iterator[tuple[int, RecordedFrame]]:
        """Every frame and when it is due; what is sent of it, `frame` says then."""
        subscribed_us = self._session.subscribed_us
        begin_us = min(subscribed_us[channel] for channel in self._subscriptions)
        for recorded in self._session.frames:
            if recorded.channel in self._subscriptions:
                yield max(0, recorded.offset_us - begin_us), recorded

    def frame(self, recorded: RecordedFrame) -> bytes | None:
        """The frame as it leaves now; None where its channel was unsubscribed or the filter keeps it back."""
        subscription = self._subscriptions.get(recorded.channel)
        if subscription is None or not _covers(subscription, recorded.message):
            return None
        fields: dict[str, Any] = _decode(recorded.message)
        fields["sid"] = subscription.sid
        if "seq" in fields:
            fields["seq"] = subscription.next_seq()
        return _encode(fields)


class Playback:
    """The protocol state of one connection to a replay."""

    def __init__(self, session: RecordedSession) -> None:
        self._session = session
        self._last_sid = 0
        self._subscriptions: dict[str, Subscription] = {}
        self._streams: list[Stream] = []

    def receive(self, message: str | bytes) -> tuple[list[bytes], Stream | None]:
        """Carries out a command, or none of it: its replies, and the stream that it begins."""
        command_id = None
        try:
            command_id, fields = decode_envelope(message)
            match self._parse(fields):
                case Subscribe(channels, tickers, _):
                    return self._subscribe(command_id, channels, tickers)
                case Unsubscribe(sids):
                    return self._unsubscribe(command_id, sids), None
                case Update() as update:
                    return self._update(command_id, update), None
                case ListSubscriptions():
                    open_now = ((one.channel, one.sid) for one in self._subscriptions.values())
                    return [replies.listed(command_id, open_now)], None
        except CommandError as error:
            return [error_frame(error.code, command_id, detail=error.detail)], None

    def _parse(self, fields: dict[str, Any]) -> Subscribe | Unsubscribe | Update | ListSubscriptions:
        """The command. The channels are those of the recording, which may be others than this service has."""
        params = fields.get("params")
        if fields.get("cmd") != "subscribe" or not isinstance(params, dict):
            return parse_command(fields)
        channels = params.get("channels")
        if not channels or not isinstance(channels, list) or not all(isinstance(one, str) for one in channels):
            return parse_command(fields)
        for channel in channels:
            if channel not in self._session.subscribed_us:
                recorded = ", ".join(self._session.subscribed_us)
                raise CommandError(ErrorCode.UNKNOWN_CHANNEL, f"{channel[:40]!r} is none of {recorded}")
        # What else it says is checked as always.
        parsed = parse_command(fields | {"params": params | {"channels": [POSITIONS]}})
        return parsed._replace(channels=tuple(dict.fromkeys(channels))) if isinstance(parsed, Subscribe) else parsed

    def _subscribe(
        self, command_id: int | None, channels: tuple[str, ...], tickers: tuple[str, ...]
    ) -> tuple[list[bytes], Stream | None]:
        sent: list[bytes] = []
        begun: list[Subscription] = []
        for channel in channels:
            subscription = self._subscriptions.get(channel)
            if subscription is None:
                self._last_sid += 1
                subscription = self._subscriptions[channel] = Subscription(self._last_sid, channel, Dialect.BOTH)
                begun.append(subscription)
            subscription.widen(tickers)
            sent.append(replies.subscribed(command_id, channel, subscription.sid))
        if not begun:
            return sent, None
        self._streams = [one for one in self._streams if not one.is_over]
        self._streams.append(Stream(begun, self._session))
        return sent, self._streams[-1]

    def _unsubscribe(self, command_id: int | None, sids: tuple[int, ...]) -> list[bytes]:
        ending = [self._by_sid(sid) for sid in sids]
        for subscription in ending:
            del self._subscriptions[subscription.channel]
            for stream in self._streams:
                stream.end(subscription.channel, subscription)
        return [next(subscription.unsubscribed_frame(command_id)) for subscription in ending]

    def _update(self, command_id: int | None, update: Update) -> list[bytes]:
        subscription = self._by_sid(update.sid)
        if subscription.tickers is None and not update.adds:
            raise CommandError(ErrorCode.UNSUPPORTED_ACTION)
        if update.adds:
            subscription.widen(update.tickers)
        else:
            subscription.narrow(update.tickers)
        return [next(subscription.updated_frame(command_id, list(subscription.tickers or ())))]

    def _by_sid(self, sid: int) -> Subscription:
        for subscription in self._subscriptions.values():
            if subscription.sid == sid:
                return subscription
        raise CommandError(ErrorCode.UNKNOWN_SID, f"this connection has no sid {sid}")


def _covers(subscription: Subscription, message: bytes) -> bool:
    """Whether a filter lets a frame through; what names no market passes every filter."""
    if subscription.tickers is None:
        return True
    try:
        market = _decode_body(message).msg
    except msgspec.ValidationError:  # a msg of another form
        return True
    ticker = market.market_ticker or market.ticker
    return ticker is None or subscription.covers(ticker)
