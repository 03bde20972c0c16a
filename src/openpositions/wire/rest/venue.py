"""What the venue says of itself to every member: the limits of an account, and whether it is open (protocol, 4)."""

import msgspec

# What the venue grants the lowest tier. Orders are not taken here, but clients divide by the rate and refuse a 0.
_WRITES_PER_SECOND = 100

_encode = msgspec.json.Encoder().encode


class Rate(msgspec.Struct):
    """Requests at once, and requests per second."""

    bucket_capacity: int
    refill_rate: int


class LimitsAnswer(msgspec.Struct):
    """How fast a user may ask."""

    grants: list[str]
    read: Rate
    usage_tier: str
    write: Rate


class StatusAnswer(msgspec.Struct):
    """Whether the service takes events."""

    exchange_active: bool
    trading_active: bool


def account_limits(reads_per_second: int) -> bytes:
    """The body of `…/account/limits`: how fast a user may read, and could write where orders were taken."""
    read, write = (Rate(rate, rate) for rate in (reads_per_second, _WRITES_PER_SECOND))
    return _encode(LimitsAnswer([], read, "basic", write))


def exchange_status(*, takes_events: bool) -> bytes:
    """The body of `…/exchange/status`: open as long as the service takes events."""
    return _encode(StatusAnswer(exchange_active=takes_events, trading_active=takes_events))
