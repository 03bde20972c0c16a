"""Replies to commands, byte for byte (protocol, 2)."""

from collections.abc import Iterable

import msgspec

_encode = msgspec.json.Encoder().encode


def _id(command_id: int | None) -> bytes:
    return b"" if command_id is None else b'"id":%d,' % command_id


def subscribed(
    command_id: int | None, channel: str, sid: int, *, recovered: bool | None = None, conflate_ms: int = 0
) -> bytes:
    """The subscription has this sid. `recovered` answers a resume, `conflate_ms` echoes what was asked for."""
    message: dict[str, object] = {"channel": channel, "sid": sid}
    if recovered is not None:
        message["recovered"] = recovered
    if conflate_ms:
        message["conflate_ms"] = conflate_ms
    return b'{"type":"subscribed",%b"msg":%b}' % (_id(command_id), _encode(message))


def unsubscribed(command_id: int | None, sid: int, seq: int) -> bytes:
    """The subscription is over."""
    return b'{%b"sid":%d,"seq":%d,"type":"unsubscribed"}' % (_id(command_id), sid, seq)


def updated(command_id: int | None, sid: int, seq: int, tickers: Iterable[str]) -> bytes:
    """The filter is now exactly these markets."""
    message = _encode({"market_tickers": list(tickers)})
    return b'{%b"sid":%d,"seq":%d,"type":"ok","msg":%b}' % (_id(command_id), sid, seq, message)


def listed(command_id: int | None, subscriptions: Iterable[tuple[str, int]]) -> bytes:
    """What is subscribed: channels and sids."""
    message = _encode([{"channel": channel, "sid": sid} for channel, sid in subscriptions])
    return b'{%b"type":"ok","msg":%b}' % (_id(command_id), message)
