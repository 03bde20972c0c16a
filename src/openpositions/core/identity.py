"""What makes two events the same one, and how a repeat may differ from what is recorded (interfaces, "Events in")."""

from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple
from zlib import crc32

from openpositions.core.events import Adjustment, Bust, Cash, Event, Fill
from openpositions.core.money import format_count, format_dollars, format_price

# A key is 32 bits of what is looked up alone (all fills of a trade) above 31 bits of who it belongs to. Checksums do
# for a hash: an unlucky pair costs the reading of one entry too many, never a wrong answer.
_OWNER_BITS = 31
_OWNER_MASK = (1 << _OWNER_BITS) - 1

# A checksum goes on from the one of what stands before.
_FILL = crc32(b"fill ")


class Identity(NamedTuple):
    """Two events with equal identities are the same event, or one of them is a mistake. Identities hold for ever."""

    kind: str
    event_id: str
    user_id: str = ""
    subaccount: int = 0

    @property
    def key(self) -> int:
        """A 63-bit hash for the index of identities. Equal keys prove nothing: the entries are compared."""
        kind, event_id, user_id, subaccount = self
        return crc32(f"{kind} {event_id}".encode()) << _OWNER_BITS | _owner_bits(user_id, subaccount)


@lru_cache(maxsize=1 << 16)
def _owner_bits(user_id: str, subaccount: int) -> int:
    return crc32(f"{user_id} {subaccount}".encode()) & _OWNER_MASK


def trade_key_range(trade_id: str) -> tuple[int, int]:
    """The first and the last key that a fill of this trade can have, whoever it belongs to."""
    first = Identity("fill", trade_id).key & ~_OWNER_MASK
    return first, first | _OWNER_MASK


@lru_cache(maxsize=1 << 16)
def text_key(text: str) -> int:
    """A 63-bit hash of a user id or a ticker for the index of entries. Equal keys prove nothing either."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


def identity_of(event: Event) -> Identity | None:
    """The identity of an event; None for the kinds whose state lives in their market."""
    if isinstance(event, Fill):
        return Identity("fill", event.trade_id, event.user_id, event.subaccount)
    match event:
        case Adjustment():
            return Identity("adjustment", event.adjustment_id)
        case Bust():
            return Identity("bust", event.bust_id)
        case Cash():
            return Identity("cash", event.cash_id)
        case _:
            return None


def identity_key(event: Event) -> int | None:
    """The key of an event's identity; None where it has none. Of a fill without making the identity itself."""
    if type(event) is Fill:
        return crc32(event.trade_id.encode(), _FILL) << _OWNER_BITS | _owner_bits(event.user_id, event.subaccount)
    identity = identity_of(event)
    return None if identity is None else identity.key


def differences(recorded: Event, repeat: Event) -> str:
    """What a repeat says otherwise than the recorded event of its identity, for people; empty for a true duplicate."""
    differing = [
        f"{name} {was} is recorded, this one has {now}"
        for (name, was), (_, now) in zip(_content(recorded), _content(repeat), strict=True)
        if was != now
    ]
    if isinstance(recorded, Fill) and isinstance(repeat, Fill) and repeat.fee_micros is not None:
        was, now = recorded.fee_micros or 0, repeat.fee_micros
        if was != now:
            differing.append(f"fee_cost {format_dollars(was)} is recorded, this one has {format_dollars(now)}")
    return "; ".join(differing)


def _content(event: Event) -> list[tuple[str, str]]:
    """The named facts that a repeat must share; a fill's fee apart, which a repeat may leave out."""
    match event:
        case Fill():
            return [
                ("market_ticker", event.market_ticker),
                ("outcome_side", "yes" if event.acquires_yes else "no"),
                ("yes_price_dollars", format_price(event.yes_price_bp)),
                ("count_fp", format_count(event.count_centi)),
            ]
        case Adjustment():
            return [
                ("user_id", event.user_id),
                ("subaccount", str(event.subaccount)),
                ("market_ticker", event.market_ticker),
                ("position_fp", format_count(event.position_centi)),
                ("cost_dollars", format_dollars(event.cost_micros)),
                ("realized_pnl_dollars", format_dollars(event.realized_pnl_micros)),
                ("fees_paid_dollars", format_dollars(event.fees_paid_micros)),
                ("cash_dollars", format_dollars(event.cash_micros)),
                ("reason", event.reason),
            ]
        case Bust():
            return [
                ("trade_id", event.trade_id),
                ("user_id", event.user_id or "every user"),
                ("subaccount", "all" if event.subaccount is None else str(event.subaccount)),
            ]
        case Cash():
            return [
                ("user_id", event.user_id),
                ("subaccount", str(event.subaccount)),
                ("amount_dollars", format_dollars(event.amount_micros)),
            ]
        case _:
            raise TypeError(event)
