"""The pauses between connections."""

from random import Random

from openpositions.client.backoff import (
    FIRST_SECONDS,
    HEALTHY_SECONDS,
    LONGEST_AFTER_CATCHING_UP_SECONDS,
    LONGEST_SECONDS,
    Backoff,
)


def longest_of(backoff: Backoff, tries: int) -> float:
    """The longest of so many pauses."""
    return max(backoff.next_seconds() for _ in range(tries))


def test_pauses_grow_to_a_limit() -> None:
    """The first are short, none is longer than the limit, and some come near it."""
    backoff = Backoff(Random(1))
    assert backoff.next_seconds() <= FIRST_SECONDS
    assert backoff.next_seconds() <= 2 * FIRST_SECONDS
    assert 0.9 * LONGEST_SECONDS < longest_of(backoff, 100) <= LONGEST_SECONDS


def test_two_clients_do_not_come_at_the_same_time() -> None:
    """After a restart of the service they spread."""
    assert Backoff().next_seconds() != Backoff().next_seconds()


def test_a_connection_that_held_makes_pauses_short_again() -> None:
    """One that was closed at once does not."""
    backoff = Backoff(Random(1))
    longest_of(backoff, 20)
    backoff.ended(HEALTHY_SECONDS / 2, caught_up=False)
    assert longest_of(backoff, 20) > 2 * FIRST_SECONDS
    backoff.ended(HEALTHY_SECONDS, caught_up=False)
    assert backoff.next_seconds() <= FIRST_SECONDS


def test_a_connection_that_told_everything_keeps_pauses_below_a_second() -> None:
    """However often it was cut before: who is told all there is need not wait, nor come back at once for ever."""
    backoff = Backoff(Random(1))
    longest_of(backoff, 20)
    backoff.ended(0.2, caught_up=True)
    assert backoff.next_seconds() <= 2 * FIRST_SECONDS
    pauses = []
    for _ in range(50):
        backoff.ended(0.2, caught_up=True)
        pauses.append(backoff.next_seconds())
    assert 4 * FIRST_SECONDS < max(pauses) <= 8 * FIRST_SECONDS


def test_failures_after_a_connection_that_told_everything_count_anew() -> None:
    """Some handshakes refused in the middle of a storm cost seconds at most; a service that only refuses is spared."""
    backoff = Backoff(Random(1))
    longest_of(backoff, 20)
    for _ in range(10):
        backoff.ended(0.2, caught_up=True)
    assert longest_of(backoff, 4) <= LONGEST_AFTER_CATCHING_UP_SECONDS
    assert longest_of(backoff, 20) > LONGEST_SECONDS / 2
