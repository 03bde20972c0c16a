"""What the service says of itself."""

import pytest

from openpositions.wire.rest.venue import account_limits, exchange_status


@pytest.mark.parametrize(
    ("takes_events", "body"),
    [
        (True, b'{"exchange_active":true,"trading_active":true}'),
        (False, b'{"exchange_active":false,"trading_active":false}'),
    ],
)
def test_exchange_is_active_while_events_are_taken(takes_events: bool, body: bytes) -> None:  # noqa: FBT001 - a case
    """Clients read both fields before they trade."""
    assert exchange_status(takes_events=takes_events) == body


def test_limits_state_the_rate_of_reads() -> None:
    """In the shape of the venue's own answer; the rate of writes is never 0, which clients refuse."""
    assert account_limits(200) == (
        b'{"grants":[],"read":{"bucket_capacity":200,"refill_rate":200},"usage_tier":"basic",'
        b'"write":{"bucket_capacity":100,"refill_rate":100}}'
    )
