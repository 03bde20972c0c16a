"""What the venue tells every member of itself: the limits of an account, and whether it is open (protocol, 4)."""

import msgspec

# What the venue grants the lowest tier. Orders are not taken here, but clients divide by the rate and refuse a 0.
_WRITES_PER_SECOND = 100

_encode = msgspec.json.Encoder().encode


def account_limits(reads_per_second: int) -> bytes:
    """The body of `…/account/limits`: how fast a user may read, and could write where orders were taken."""
    return _encode(
        {
            "grants": [],
            "read": {"bucket_capacity": reads_per_second, "refill_rate": reads_per_second},
            "usage_tier": "basic",
            "write": {"bucket_capacity": _WRITES_PER_SECOND, "refill_rate": _WRITES_PER_SECOND},
        }
    )


def exchange_status(*, takes_events: bool) -> bytes:
    """The body of `…/exchange/status`: open as long as the service takes events."""
    return _encode({"exchange_active": takes_events, "trading_active": takes_events})
