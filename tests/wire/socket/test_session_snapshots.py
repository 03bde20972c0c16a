"""Subscriptions that ask for rows: snapshots, resumes, and what widening brings (protocol, 5.1 to 5.4)."""

import pytest

from openpositions.wire.socket.frames import Dialect
from tests.conversation import EPOCH, Conversation, command, market_tickers, types
from tests.events import bought_no, bought_yes, settled
from tests.journaled_book import JournaledBook, book_after

POSITIONS = ["market_positions"]


def rain_sun_and_flat_snow() -> JournaledBook:
    """Sequences: 1 opens SUN, 2 opens RAIN, 3 and 4 open and close SNOW, 5 opens RAIN on another subaccount."""
    return book_after(
        bought_yes("t1", ticker="SUN"),
        bought_yes("t2", ticker="RAIN"),
        bought_yes("t3", ticker="SNOW"),
        bought_no("t4", ticker="SNOW"),
        bought_yes("t5", ticker="RAIN", subaccount=7),
    )


def marker(frames: list[dict[str, object]]) -> object:
    """What the last frame, the end of a snapshot, says."""
    assert frames[-1]["type"] == "market_positions_snapshot"
    return frames[-1]["msg"]


# ---------------------------------------------------------------- snapshot


def test_snapshot_follows_the_reply_and_ends_with_a_marker() -> None:
    """Byte for byte."""
    conversation = Conversation(book_after(bought_yes("t1")), dialect=Dialect.D2025)

    assert conversation.send(command("subscribe", channels=POSITIONS, send_initial_snapshot=True)) == [
        b'{"type":"subscribed","id":1,"msg":{"channel":"market_positions","sid":1}}',
        (
            b'{"type":"market_position","sid":1,"msg":{"user_id":"alice","market_ticker":"RAIN",'
            b'"position":10,"position_cost":40000,"realized_pnl":0,"fees_paid":0,"volume":10}}'
        ),
        b'{"type":"market_positions_snapshot","sid":1,"msg":{"rows":1,"epoch":"e1","sequence":1}}',
    ]


def test_snapshot_has_rows_that_are_not_flat_in_order_of_ticker_and_subaccount() -> None:
    """Whatever the order in which they changed."""
    frames = Conversation(rain_sun_and_flat_snow()).say("subscribe", channels=POSITIONS, send_initial_snapshot=True)

    rows = [(frame["msg"]["market_ticker"], frame["msg"].get("subaccount", 0)) for frame in frames[1:-1]]
    assert rows == [("RAIN", 0), ("RAIN", 7), ("SUN", 0)]
    assert marker(frames) == {"rows": 3, "epoch": EPOCH, "sequence": 5}


def test_snapshot_of_nothing_is_a_marker() -> None:
    """A client waits for it."""
    frames = Conversation().say("subscribe", channels=POSITIONS, send_initial_snapshot=True)

    assert types(frames) == ["subscribed", "market_positions_snapshot"]
    assert marker(frames) == {"rows": 0, "epoch": EPOCH, "sequence": 0}


def test_snapshot_keeps_to_the_filter() -> None:
    """Of two markets one was asked for."""
    frames = Conversation(rain_sun_and_flat_snow()).say(
        "subscribe", channels=POSITIONS, market_ticker="SUN", send_initial_snapshot=True
    )

    assert market_tickers(frames) == ["SUN"]
    assert marker(frames) == {"rows": 1, "epoch": EPOCH, "sequence": 5}


def test_snapshot_is_as_of_the_command_however_late_it_is_read() -> None:
    """The rows are taken in one step and encoded as the socket drains."""
    journaled = book_after(bought_yes("t1"))
    conversation = Conversation(journaled)
    _, snapshot = conversation.session.receive(command("subscribe", channels=POSITIONS, send_initial_snapshot=True))

    journaled.feed(settled("yes"))

    assert not isinstance(snapshot, bytes)
    row, end = snapshot
    assert b'"position":10,' in row
    assert b'"sequence":1}' in end


def test_extended_snapshot_counts_seq_from_the_first_row_to_the_marker() -> None:
    """And each row says the sequence it changed at."""
    frames = Conversation(rain_sun_and_flat_snow()).say(
        "subscribe", channels=POSITIONS, send_initial_snapshot=True, extended=True
    )

    assert [frame["seq"] for frame in frames[1:]] == [1, 2, 3, 4]
    assert [frame["msg"]["sequence"] for frame in frames[1:]] == [2, 5, 1, 5]


@pytest.mark.parametrize("extensions", [{}, {"send_initial_snapshot": False, "extended": False, "resume": None}])
def test_extension_that_is_not_asked_for_is_not_sent(extensions: dict[str, object]) -> None:
    """False and null ask for nothing."""
    assert types(Conversation(rain_sun_and_flat_snow()).say("subscribe", channels=POSITIONS, **extensions)) == [
        "subscribed"
    ]


def test_extensions_are_for_positions_among_several_channels() -> None:
    """The other channel is subscribed as ever."""
    frames = Conversation(rain_sun_and_flat_snow()).say(
        "subscribe", channels=["market_positions", "fill"], market_ticker="SUN", send_initial_snapshot=True
    )

    assert types(frames) == ["subscribed", "market_position", "market_positions_snapshot", "subscribed"]


# ---------------------------------------------------------------- resume


def test_resume_gives_every_row_changed_at_or_after_the_sequence() -> None:
    """Flat ones too, each in its latest state, in order of change; then the marker."""
    frames = Conversation(rain_sun_and_flat_snow()).say(
        "subscribe", channels=POSITIONS, resume={"epoch": EPOCH, "sequence": 2}
    )

    assert frames[0]["msg"] == {"channel": "market_positions", "sid": 1, "recovered": True}
    assert [(frame["msg"]["market_ticker"], frame["msg"]["position_fp"]) for frame in frames[1:-1]] == [
        ("RAIN", "10.00"),
        ("SNOW", "0.00"),
        ("RAIN", "10.00"),
    ]
    assert marker(frames) == {"rows": 3, "epoch": EPOCH, "sequence": 5}


def test_resume_from_the_head_repeats_its_row_only() -> None:
    """A repeat does no harm: rows are whole."""
    frames = Conversation(rain_sun_and_flat_snow()).say(
        "subscribe", channels=POSITIONS, resume={"epoch": EPOCH, "sequence": 5}
    )

    assert marker(frames) == {"rows": 1, "epoch": EPOCH, "sequence": 5}


@pytest.mark.parametrize(("epoch", "rows"), [(EPOCH, ["RAIN"]), ("other", ["RAIN", "RAIN", "SUN"])])
def test_resume_decides_where_a_snapshot_is_asked_for_too(epoch: str, rows: list[str]) -> None:
    """What was missed, or everything where that cannot be told: one marker either way."""
    frames = Conversation(rain_sun_and_flat_snow()).say(
        "subscribe", channels=POSITIONS, send_initial_snapshot=True, resume={"epoch": epoch, "sequence": 5}
    )

    assert market_tickers(frames) == rows
    assert types(frames).count("market_positions_snapshot") == 1


def test_resume_follows_what_a_snapshot_of_the_same_connection_left_off() -> None:
    """A repeat on a subscription that is open: its sid stays, and so does its seq."""
    conversation = Conversation(rain_sun_and_flat_snow())
    conversation.say("subscribe", channels=POSITIONS, send_initial_snapshot=True, extended=True)
    conversation.journaled.feed(settled("yes", ticker="SUN"))

    frames = conversation.say("subscribe", channels=POSITIONS, resume={"epoch": EPOCH, "sequence": 5})

    assert frames[0]["msg"] == {"channel": "market_positions", "sid": 1, "recovered": True}
    assert [(frame["seq"], frame["msg"].get("market_ticker")) for frame in frames[1:]] == [
        (5, "RAIN"),
        (6, "SUN"),
        (7, None),
    ]


def test_resume_keeps_to_the_filter_and_the_subaccount() -> None:
    """Of what changed, what this connection may and wants to see."""
    frames = Conversation(rain_sun_and_flat_snow(), subaccount=0).say(
        "subscribe", channels=POSITIONS, market_ticker="RAIN", resume={"epoch": EPOCH, "sequence": 0}
    )

    assert market_tickers(frames) == ["RAIN"]


@pytest.mark.parametrize(
    "resume", [{"epoch": "other", "sequence": 2}, {"epoch": EPOCH, "sequence": 6}, {"epoch": EPOCH, "sequence": 10**30}]
)
def test_resume_of_another_history_gives_a_full_snapshot(resume: dict[str, object]) -> None:
    """Another epoch, or a sequence that is not there yet: never a part of it."""
    frames = Conversation(rain_sun_and_flat_snow()).say("subscribe", channels=POSITIONS, resume=resume)

    assert frames[0]["msg"]["recovered"] is False
    assert market_tickers(frames) == ["RAIN", "RAIN", "SUN"]
    assert marker(frames) == {"rows": 3, "epoch": EPOCH, "sequence": 5}


# ---------------------------------------------------------------- widening


@pytest.mark.parametrize("opened_with", [{"send_initial_snapshot": True}, {"resume": {"epoch": EPOCH, "sequence": 5}}])
def test_added_markets_bring_their_rows_where_it_was_opened_with_rows(opened_with: dict[str, object]) -> None:
    """Only those that are new to the filter."""
    conversation = Conversation(rain_sun_and_flat_snow())
    conversation.say("subscribe", channels=POSITIONS, market_ticker="RAIN", **opened_with)

    frames = conversation.say("update_subscription", action="add_markets", sid=1, market_tickers=["RAIN", "SUN"])

    assert types(frames) == ["ok", "market_position", "market_positions_snapshot"]
    assert market_tickers(frames) == ["SUN"]
    assert marker(frames) == {"rows": 1, "epoch": EPOCH, "sequence": 5}


def test_repeated_subscribe_that_adds_markets_brings_their_rows() -> None:
    """As `add_markets` does."""
    conversation = Conversation(rain_sun_and_flat_snow())
    conversation.say("subscribe", channels=POSITIONS, market_ticker="RAIN", send_initial_snapshot=True)

    frames = conversation.say("subscribe", channels=POSITIONS, market_tickers=["RAIN", "SUN"])

    assert types(frames) == ["subscribed", "market_position", "market_positions_snapshot"]
    assert market_tickers(frames) == ["SUN"]


def test_repeated_subscribe_to_every_market_brings_all_rows() -> None:
    """A list that became everything has no list of what is new."""
    conversation = Conversation(rain_sun_and_flat_snow())
    conversation.say("subscribe", channels=POSITIONS, market_ticker="RAIN", send_initial_snapshot=True)

    frames = conversation.say("subscribe", channels=POSITIONS)

    assert market_tickers(frames) == ["RAIN", "RAIN", "SUN"]


@pytest.mark.parametrize("filtered", [["RAIN"], []])
def test_subscribe_that_widens_nothing_brings_nothing(filtered: list[str]) -> None:
    """The client has those rows."""
    conversation = Conversation(rain_sun_and_flat_snow())
    conversation.say("subscribe", channels=POSITIONS, market_tickers=filtered, send_initial_snapshot=True)

    assert types(conversation.say("subscribe", channels=POSITIONS, market_ticker="RAIN")) == ["subscribed"]


def test_widening_a_plain_subscription_brings_no_rows() -> None:
    """It did not ask for any."""
    conversation = Conversation(rain_sun_and_flat_snow())
    conversation.say("subscribe", channels=POSITIONS, market_ticker="RAIN")

    assert types(conversation.say("update_subscription", action="add_markets", sid=1, market_ticker="SUN")) == ["ok"]


def test_repeated_subscribe_may_ask_for_a_snapshot_of_the_whole_filter() -> None:
    """Whether or not it had one."""
    conversation = Conversation(rain_sun_and_flat_snow())
    conversation.say("subscribe", channels=POSITIONS)

    frames = conversation.say("subscribe", channels=POSITIONS, market_ticker="SUN", send_initial_snapshot=True)

    assert market_tickers(frames) == ["RAIN", "RAIN", "SUN"]


def test_narrowed_filter_that_is_widened_again_brings_the_rows_again() -> None:
    """They may have changed meanwhile."""
    conversation = Conversation(rain_sun_and_flat_snow())
    conversation.say("subscribe", channels=POSITIONS, market_tickers=["RAIN", "SUN"], send_initial_snapshot=True)
    conversation.say("update_subscription", action="delete_markets", sid=1, market_ticker="SUN")

    frames = conversation.say("update_subscription", action="add_markets", sid=1, market_ticker="SUN")

    assert types(frames) == ["ok", "market_position", "market_positions_snapshot"]


def test_extended_widening_counts_on_from_the_reply() -> None:
    """The seq of `ok`, of the rows and of the marker are one after the other."""
    conversation = Conversation(rain_sun_and_flat_snow())
    conversation.say("subscribe", channels=POSITIONS, market_ticker="FOG", send_initial_snapshot=True, extended=True)

    frames = conversation.say("update_subscription", action="add_markets", sid=1, market_ticker="SUN")

    assert [frame["seq"] for frame in frames] == [2, 3, 4]


# ---------------------------------------------------------------- conflate_ms


def test_conflation_is_echoed() -> None:
    """So that a client knows it was understood."""
    assert Conversation().send(command("subscribe", channels=POSITIONS, conflate_ms=250)) == [
        b'{"type":"subscribed","id":1,"msg":{"channel":"market_positions","sid":1,"conflate_ms":250}}'
    ]
