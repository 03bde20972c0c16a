"""What commands do to a connection's subscriptions, and the replies, byte for byte (protocol, 2)."""

import msgspec
import pytest

from openpositions.wire.socket.frames import Dialect
from tests.conversation import Conversation, command, frames_of, market_tickers, types
from tests.events import bought_yes
from tests.journaled_book import book_after

POSITIONS = ["market_positions"]


def errors(frames: list[dict[str, dict[str, object]]]) -> list[object]:
    """The numbers of the errors among some frames."""
    return [frame["msg"]["code"] for frame in frames]


def filter_of(conversation: Conversation, channel: str = "market_positions") -> list[str] | None:
    """The markets that a channel's subscription covers; None for every market."""
    tickers = conversation.session.subscriptions[channel].tickers
    return None if tickers is None else list(tickers)


# ---------------------------------------------------------------- subscribe


def test_each_channel_is_answered_in_order_with_a_sid_that_counts_from_1() -> None:
    """One reply per channel."""
    assert Conversation().send(command("subscribe", channels=["fill", "market_positions", "market_lifecycle_v2"])) == [
        b'{"type":"subscribed","id":1,"msg":{"channel":"fill","sid":1}}',
        b'{"type":"subscribed","id":1,"msg":{"channel":"market_positions","sid":2}}',
        b'{"type":"subscribed","id":1,"msg":{"channel":"market_lifecycle_v2","sid":3}}',
    ]


def test_reply_to_a_command_without_an_id_has_none() -> None:
    """Text or binary, the replies are the same."""
    message = '{"cmd":"subscribe","params":{"channels":["fill"]}}'

    assert Conversation().send(message) == [b'{"type":"subscribed","msg":{"channel":"fill","sid":1}}']
    assert Conversation().send(message.encode()) == [b'{"type":"subscribed","msg":{"channel":"fill","sid":1}}']


def test_id_0_comes_back() -> None:
    """One public client counts from it."""
    assert Conversation().send('{"id":0,"cmd":"list_subscriptions"}') == [b'{"id":0,"type":"ok","msg":[]}']


def test_error_has_the_id_of_its_command() -> None:
    """And says nothing more where the text of the number says it all."""
    assert Conversation().send('{"id":0,"cmd":"dance"}') == [
        b'{"id":0,"type":"error","msg":{"code":5,"msg":"Unknown command"}}'
    ]


def test_no_position_frame_follows_a_plain_subscribe() -> None:
    """The venue sends none, so neither is one sent here unless asked for."""
    conversation = Conversation(book_after(bought_yes("t1")))

    assert types(conversation.say("subscribe", channels=POSITIONS)) == ["subscribed"]


def test_one_bad_channel_fails_the_whole_command() -> None:
    """Neither of them is subscribed."""
    conversation = Conversation()

    assert errors(conversation.say("subscribe", channels=["market_positions", "ticker"])) == [8]
    assert conversation.session.subscriptions == {}


def test_repeated_subscribe_keeps_the_sid_and_adds_markets() -> None:
    """It is no error."""
    conversation = Conversation()
    conversation.say("subscribe", channels=POSITIONS, market_ticker="RAIN")

    (reply,) = conversation.say("subscribe", channels=POSITIONS, market_tickers=["RAIN", "SUN"])

    assert reply["msg"] == {"channel": "market_positions", "sid": 1}
    assert filter_of(conversation) == ["RAIN", "SUN"]


def test_subscribe_repeated_without_a_filter_covers_every_market() -> None:
    """That is what such a subscribe asks for."""
    conversation = Conversation()
    conversation.say("subscribe", channels=POSITIONS, market_ticker="RAIN")
    conversation.say("subscribe", channels=POSITIONS)

    assert filter_of(conversation) is None


def test_unfiltered_subscription_is_not_narrowed_by_a_subscribe() -> None:
    """Every market includes the ones it names."""
    conversation = Conversation()
    conversation.say("subscribe", channels=POSITIONS)
    conversation.say("subscribe", channels=POSITIONS, market_ticker="RAIN")

    assert filter_of(conversation) is None


def test_channels_have_filters_of_their_own() -> None:
    """What is added to one is not added to the other; lifecycles have no filter."""
    conversation = Conversation()
    conversation.say("subscribe", channels=["market_positions", "fill", "market_lifecycle_v2"], market_ticker="RAIN")
    conversation.say("subscribe", channels=["fill"], market_ticker="SUN")

    assert filter_of(conversation) == ["RAIN"]
    assert filter_of(conversation, "fill") == ["RAIN", "SUN"]
    assert filter_of(conversation, "market_lifecycle_v2") is None


def test_filter_of_too_many_markets_is_error_26() -> None:
    """Counted with those it has; nothing of the command is done, for neither channel."""
    conversation = Conversation(ticker_limit=2)
    conversation.say("subscribe", channels=POSITIONS, market_ticker="RAIN")

    assert conversation.send(
        command("subscribe", channels=["fill", "market_positions"], market_tickers=["A", "B"])
    ) == [
        (
            b'{"id":1,"type":"error","msg":{"code":26,"msg":"Subscription market limit exceeded",'
            b'"detail":"a subscription names at most 2 markets"}}'
        )
    ]
    assert filter_of(conversation) == ["RAIN"]
    assert list(conversation.session.subscriptions) == POSITIONS


def test_markets_that_a_channel_ignores_are_never_too_many() -> None:
    """Lifecycles have no filter, so whatever is named is no limit exceeded; beside another channel it is that one's."""
    conversation = Conversation(ticker_limit=2)

    (reply,) = conversation.say("subscribe", channels=["market_lifecycle_v2"], market_tickers=["A", "B", "C"])
    (error,) = conversation.say("subscribe", channels=["market_lifecycle_v2", "fill"], market_tickers=["A", "B", "C"])

    assert (reply["type"], error["msg"]["code"]) == ("subscribed", 26)


def test_filter_may_name_as_many_markets_as_are_allowed() -> None:
    """Those it has already count once."""
    conversation = Conversation(ticker_limit=2)
    conversation.say("subscribe", channels=POSITIONS, market_ticker="RAIN")

    (reply,) = conversation.say("subscribe", channels=POSITIONS, market_tickers=["RAIN", "SUN"])

    assert reply["type"] == "subscribed"


# ---------------------------------------------------------------- unsubscribe and list


def test_each_sid_is_unsubscribed_with_its_next_seq() -> None:
    """One reply per sid, in the order asked for."""
    conversation = Conversation()
    conversation.say("subscribe", channels=["market_positions", "fill"], market_ticker="RAIN")
    conversation.say("update_subscription", action="add_markets", sid=1, market_ticker="SUN")

    assert conversation.send(command("unsubscribe", sids=[2, 1])) == [
        b'{"id":1,"sid":2,"seq":1,"type":"unsubscribed"}',
        b'{"id":1,"sid":1,"seq":2,"type":"unsubscribed"}',
    ]


def test_sids_are_not_used_again() -> None:
    """A late frame can never be taken for one of another subscription."""
    conversation = Conversation()
    conversation.say("subscribe", channels=POSITIONS)
    conversation.say("unsubscribe", sids=[1])

    (reply,) = conversation.say("subscribe", channels=POSITIONS)

    assert reply["msg"]["sid"] == 2


def test_one_unknown_sid_fails_the_whole_unsubscribe() -> None:
    """The others live on."""
    conversation = Conversation()
    conversation.say("subscribe", channels=POSITIONS)

    (error,) = conversation.say("unsubscribe", sids=[1, 5])

    assert error["msg"] == {"code": 7, "msg": "Unknown subscription ID", "detail": "this connection has no sid 5"}
    assert list(conversation.session.subscriptions) == POSITIONS


def test_list_tells_what_is_subscribed_now() -> None:
    """Channels with their sids."""
    conversation = Conversation()
    conversation.say("subscribe", channels=["market_positions", "fill", "market_lifecycle_v2"])
    conversation.say("unsubscribe", sids=[2])

    assert conversation.send('{"id":9,"cmd":"list_subscriptions"}') == [
        b'{"id":9,"type":"ok","msg":[{"channel":"market_positions","sid":1},{"channel":"market_lifecycle_v2","sid":3}]}'
    ]


def test_seq_is_given_when_a_frame_leaves() -> None:
    """A reply made while a snapshot is still being read has the seq behind it."""
    conversation = Conversation(book_after(bought_yes("t1")))
    _, *snapshot = conversation.session.receive(
        command("subscribe", channels=POSITIONS, market_ticker="RAIN", send_initial_snapshot=True, extended=True)
    )
    update = command("update_subscription", action="delete_markets", sid=1, market_ticker="RAIN")
    updated = conversation.session.receive(update)
    unsubscribed = conversation.session.receive(command("unsubscribe", sids=[1]))

    leaving = [msgspec.json.decode(frame) for frame in frames_of([*snapshot, *updated, *unsubscribed])]
    assert [(frame["type"], frame["seq"]) for frame in leaving] == [
        ("market_position", 1),
        ("market_positions_snapshot", 2),
        ("ok", 3),
        ("unsubscribed", 4),
    ]


# ---------------------------------------------------------------- who is told what


@pytest.mark.parametrize(
    ("locked_to", "dialect", "seen"),
    [
        (None, Dialect.BOTH, ["RAIN", "SNOW", "SUN"]),
        (None, Dialect.D2026, ["RAIN", "SNOW", "SUN"]),
        (None, Dialect.D2025, ["RAIN"]),
        (0, Dialect.BOTH, ["RAIN"]),
        (7, Dialect.BOTH, ["SNOW"]),
        (7, Dialect.D2025, ["SNOW"]),
    ],
)
def test_connection_sees_its_subaccounts_only(locked_to: int | None, dialect: Dialect, seen: list[str]) -> None:
    """A locked key sees its own; a 2025 frame cannot tell them apart, so it is spoken of one only."""
    journaled = book_after(
        bought_yes("t1", ticker="RAIN"),
        bought_yes("t2", ticker="SNOW", subaccount=7),
        bought_yes("t3", ticker="SUN", subaccount=8),
    )
    conversation = Conversation(journaled, subaccount=locked_to, dialect=dialect)

    frames = conversation.say("subscribe", channels=POSITIONS, send_initial_snapshot=True)

    assert market_tickers(frames) == seen
    assert [row.market_ticker for row in journaled.book.rows_of("alice") if conversation.session.sees(row)] == seen


def test_snapshot_has_rows_of_the_connections_user_only() -> None:
    """Bob's are not alice's."""
    journaled = book_after(bought_yes("t1", user="bob"), bought_yes("t2", ticker="SUN"))

    frames = Conversation(journaled).say("subscribe", channels=POSITIONS, send_initial_snapshot=True)

    assert market_tickers(frames) == ["SUN"]
