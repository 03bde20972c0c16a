"""Frames of the channel `market_lifecycle_v2`, byte for byte (protocol, 4)."""

from openpositions.core.book import Batch
from openpositions.core.events import Event
from openpositions.wire.socket.lifecycle_frames import lifecycle_messages
from tests.events import declared, determined, marked, settled
from tests.journaled_book import book_after

NOON_MS = 1_784_501_722_987
NOON = 1_784_501_722


def messages_of(event: Event, *before: Event) -> list[bytes]:
    """What an event gives those who follow lifecycles, after other events of its market."""
    draft, _ = book_after(*before).commit(Batch([event]))
    (change,) = draft.market_changes
    return lifecycle_messages(change.before, change.after)


def test_determined_market_tells_its_result_and_value() -> None:
    """In the key order of the venue, the time in whole seconds."""
    assert messages_of(determined("no", ts_ms=NOON_MS)) == [
        b'{"market_ticker":"RAIN","determination_ts":%d,"result":"no","settlement_value":"0.0000",'
        b'"event_type":"determined"}' % NOON
    ]


def test_settled_market_tells_when() -> None:
    """What was determined before is not said again."""
    assert messages_of(settled("no", ts_ms=NOON_MS), determined("no")) == [
        b'{"market_ticker":"RAIN","settled_ts":%d,"event_type":"settled"}' % NOON
    ]


def test_market_settled_without_a_determination_tells_both() -> None:
    """Whoever waits for either is told."""
    assert messages_of(settled("scalar", 3750, ts_ms=NOON_MS)) == [
        b'{"market_ticker":"RAIN","determination_ts":%d,"result":"scalar","settlement_value":"0.3750",'
        b'"event_type":"determined"}' % NOON,
        b'{"market_ticker":"RAIN","settled_ts":%d,"event_type":"settled"}' % NOON,
    ]


def test_market_determined_otherwise_after_a_dispute_tells_it_again() -> None:
    """The later word counts."""
    assert messages_of(determined("yes", ts_ms=NOON_MS), determined("no")) == [
        b'{"market_ticker":"RAIN","determination_ts":%d,"result":"yes","settlement_value":"1.0000",'
        b'"event_type":"determined"}' % NOON
    ]


def test_void_market_has_no_value() -> None:
    """Each position is paid its own cost."""
    assert messages_of(determined("void", ts_ms=NOON_MS)) == [
        b'{"market_ticker":"RAIN","determination_ts":%d,"result":"void","event_type":"determined"}' % NOON
    ]


def test_declaration_and_mark_are_no_news_of_a_lifecycle() -> None:
    """They change what is known of a market, not what becomes of it."""
    assert messages_of(declared("WEATHER")) == []
    assert messages_of(marked(5000)) == []
