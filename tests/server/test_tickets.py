"""Tickets for sockets: each opens one, soon, for whoever asked for it."""

import pytest

from openpositions.server.auth import Caller, Denied
from openpositions.server.keys import Key, KeyStore
from openpositions.server.tickets import Ticket, Tickets
from tests.server.conftest import NOW_MS

REFUSED = Denied(
    401, b'{"error":{"code":"authentication_error","message":"authentication_error","details":"NOT_FOUND"}}'
)
TOO_MANY = Denied(429, b'{"error":"too many requests"}')


@pytest.fixture
def caller(alice: Key) -> Caller:
    """Alice, whose key is locked to a subaccount."""
    return Caller(alice.key_id, "alice", frozenset({"read"}), 7)


class Clock:
    """Seconds since something long ago."""

    def __init__(self) -> None:
        self.seconds = 12_345.0

    def __call__(self) -> float:
        """The time now."""
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    """Stands still until told otherwise."""
    return Clock()


@pytest.fixture
def tickets(keys: KeyStore, clock: Clock) -> Tickets:
    """None outstanding."""
    return Tickets(keys, clock)


def issued(tickets: Tickets, caller: Caller) -> str:
    """A ticket for the caller."""
    ticket = tickets.issue(caller, NOW_MS)
    assert isinstance(ticket, Ticket)
    return ticket.ticket


def test_ticket_stands_for_the_caller_who_asked(tickets: Tickets, caller: Caller) -> None:
    """With the scopes and the lock of their key."""
    assert tickets.redeem(issued(tickets, caller)) == caller


def test_ticket_says_until_when_it_is_good(tickets: Tickets, caller: Caller) -> None:
    """30 s from now."""
    ticket = tickets.issue(caller, NOW_MS)

    assert isinstance(ticket, Ticket)
    assert ticket.expires_ts_ms == NOW_MS + 30_000


def test_tickets_cannot_be_guessed_from_each_other(tickets: Tickets, caller: Caller) -> None:
    """Each has 256 random bits, in characters that need no escaping in a URL."""
    many = {issued(tickets, caller) for _ in range(100)}

    assert len(many) == 100
    assert all(len(ticket) == 43 and ticket.replace("-", "").replace("_", "").isalnum() for ticket in many)


def test_ticket_is_good_once(tickets: Tickets, caller: Caller) -> None:
    """Whoever reads it in a log is too late."""
    ticket = issued(tickets, caller)
    tickets.redeem(ticket)

    assert tickets.redeem(ticket) == REFUSED


def test_ticket_is_good_for_30_seconds(tickets: Tickets, caller: Caller, clock: Clock) -> None:
    """However the time of day is set meanwhile."""
    early, late = issued(tickets, caller), issued(tickets, caller)
    clock.seconds += 30
    assert tickets.redeem(early) == caller
    clock.seconds += 0.001
    assert tickets.redeem(late) == REFUSED


@pytest.mark.parametrize("ticket", ["", "x", "\udce9", "A" * 43])
def test_ticket_that_never_was_is_refused(tickets: Tickets, caller: Caller, ticket: str) -> None:
    """Whatever stands in the query."""
    issued(tickets, caller)

    assert tickets.redeem(ticket) == REFUSED


def test_ticket_dies_with_its_key(keys: KeyStore, tickets: Tickets, caller: Caller) -> None:
    """Revoking a key closes its sockets; a ticket must not open another."""
    ticket = issued(tickets, caller)
    keys.revoke(caller.key_id)

    assert tickets.redeem(ticket) == REFUSED


def test_user_may_have_200_tickets_outstanding(tickets: Tickets, caller: Caller) -> None:
    """One more is refused, while another user still gets one."""
    for _ in range(200):
        issued(tickets, caller)

    assert tickets.issue(caller, NOW_MS) == TOO_MANY
    assert issued(tickets, caller._replace(user_id="bob"))


def test_used_ticket_makes_room(tickets: Tickets, caller: Caller) -> None:
    """Only what is outstanding counts."""
    used = [issued(tickets, caller) for _ in range(200)][100]
    tickets.redeem(used)

    assert issued(tickets, caller)
    assert tickets.issue(caller, NOW_MS) == TOO_MANY


def test_expired_tickets_make_room(tickets: Tickets, caller: Caller, clock: Clock) -> None:
    """Nobody is locked out for longer than a ticket lives."""
    for _ in range(200):
        issued(tickets, caller)

    clock.seconds += 30.001
    assert issued(tickets, caller)


def test_all_users_together_may_have_20000_tickets_outstanding(tickets: Tickets, caller: Caller) -> None:
    """What waits is bounded, however many users there are."""
    for user in range(100):
        for _ in range(200):
            issued(tickets, caller._replace(user_id=f"user{user}"))

    assert tickets.issue(caller, NOW_MS) == TOO_MANY
