"""Commands as they come in (protocol, 2 and 5)."""

import pytest

from openpositions.wire.socket.commands import (
    Extensions,
    ListSubscriptions,
    Resume,
    Subscribe,
    Unsubscribe,
    Update,
    decode_envelope,
    parse_command,
)
from openpositions.wire.socket.errors import CommandError, ErrorCode, error_frame

POSITIONS = ["market_positions"]


def parsed(cmd: str, **params: object) -> object:
    """The command, as it is carried out."""
    return parse_command({"id": 1, "cmd": cmd, "params": params})


# ---------------------------------------------------------------- the envelope


@pytest.mark.parametrize("message", ['{"id":7,"cmd":"list_subscriptions"}', b'{"id":7,"cmd":"list_subscriptions"}'])
def test_text_and_binary_messages_say_the_same(message: str | bytes) -> None:
    """One public client sends its commands as binary frames."""
    assert decode_envelope(message) == (7, {"id": 7, "cmd": "list_subscriptions"})


@pytest.mark.parametrize("command_id", [0, 1, -3, 2**63, 10**40])
def test_id_comes_back_unchanged(command_id: int) -> None:
    """Any integer is an id, 0 and huge ones included."""
    decoded_id, _ = decode_envelope(b'{"id":%d}' % command_id)

    assert decoded_id == command_id
    assert error_frame(ErrorCode.UNKNOWN_COMMAND, decoded_id) == (
        b'{"id":%d,"type":"error","msg":{"code":5,"msg":"Unknown command"}}' % command_id
    )


@pytest.mark.parametrize("message", ["{}", '{"id":null}'])
def test_message_without_an_id_is_answered_without_one(message: str) -> None:
    """A null is no id either."""
    assert decode_envelope(message).command_id is None


@pytest.mark.parametrize("message", ['{"id":"1"}', '{"id":true}', '{"id":1.0}', '{"id":[]}'])
def test_id_of_another_type_cannot_be_processed(message: str) -> None:
    """There is no id to answer with, so the answer has none."""
    with pytest.raises(CommandError, match="id must be an integer"):
        decode_envelope(message)


@pytest.mark.parametrize(
    "message",
    ["", "nonsense", "{", '{"id":1}}', b"\xff\xfe", b'{"id":"\xff"}', '{"id":"\ud800"}', "[" * 50_000, "9" * 5_000],
)  # fmt: skip
def test_what_is_not_json_cannot_be_processed(message: str | bytes) -> None:
    """Whatever comes in, the answer is error 1."""
    with pytest.raises(CommandError, match="not JSON") as raised:
        decode_envelope(message)

    assert raised.value.code is ErrorCode.UNPROCESSABLE


@pytest.mark.parametrize("message", ["null", "[]", "5", '"subscribe"', "true"])
def test_json_that_is_no_object_cannot_be_processed(message: str) -> None:
    """A command is an object."""
    with pytest.raises(CommandError, match="not a JSON object"):
        decode_envelope(message)


# ---------------------------------------------------------------- commands


def test_subscribe_names_channels_and_markets() -> None:
    """Both spellings of the filter count, each market once, in order; so do channels."""
    assert parsed(
        "subscribe", channels=["fill", "market_positions", "fill"], market_ticker="SUN", market_tickers=["RAIN", "SUN"]
    ) == Subscribe(("fill", "market_positions"), ("SUN", "RAIN"), Extensions())


@pytest.mark.parametrize("no_filter", [{}, {"market_tickers": []}, {"market_tickers": None}, {"market_ticker": None}])
def test_no_filter_an_empty_list_and_null_cover_every_market(no_filter: dict[str, object]) -> None:
    """One public client writes null where it means nothing."""
    assert parsed("subscribe", channels=POSITIONS, **no_filter) == Subscribe(("market_positions",), (), Extensions())


def test_unknown_parameters_are_ignored() -> None:
    """What a later client adds does no harm."""
    assert parsed("unsubscribe", sids=[1], color="red") == Unsubscribe((1,))


def test_extensions_are_read() -> None:
    """All four at once."""
    command = parsed(
        "subscribe",
        channels=POSITIONS,
        send_initial_snapshot=True,
        extended=True,
        resume={"epoch": "e1", "sequence": 5},
        conflate_ms=250,
    )

    assert isinstance(command, Subscribe)
    assert command.extensions == Extensions(snapshot=True, extended=True, resume=Resume("e1", 5), conflate_ms=250)


def test_list_subscriptions_needs_no_params() -> None:
    """Alone among the commands."""
    assert parse_command({"cmd": "list_subscriptions"}) == ListSubscriptions()


@pytest.mark.parametrize("sid", [{"sid": 3}, {"sids": [3]}, {"sid": 3, "sids": [3]}])
@pytest.mark.parametrize(("action", "adds"), [("add_markets", True), ("delete_markets", False)])
def test_update_takes_one_sid_in_either_spelling(sid: dict[str, object], action: str, *, adds: bool) -> None:
    """The same sid said twice is one."""
    assert parsed("update_subscription", action=action, market_ticker="RAIN", **sid) == Update(adds, 3, ("RAIN",))


@pytest.mark.parametrize("ticker", ["KXHIGHNY-26JUL24-B87.5", "x", "!~", "x" * 128])
def test_ticker_is_up_to_128_printable_characters(ticker: str) -> None:
    """Dots and signs of any kind included."""
    command = parsed("subscribe", channels=POSITIONS, market_ticker=ticker)

    assert isinstance(command, Subscribe)
    assert command.tickers == (ticker,)


@pytest.mark.parametrize("conflate_ms", [10, 60_000])
def test_conflation_of_10_and_of_60000_ms_is_taken(conflate_ms: int) -> None:
    """Both ends belong to what is allowed."""
    command = parsed("subscribe", channels=POSITIONS, conflate_ms=conflate_ms)

    assert isinstance(command, Subscribe)
    assert command.extensions.conflate_ms == conflate_ms


# ---------------------------------------------------------------- a server without extensions


def test_to_a_plain_server_extensions_are_unknown_parameters() -> None:
    """So they are ignored, whatever their values are."""
    params = {"channels": POSITIONS, "send_initial_snapshot": 7, "extended": True, "resume": [], "conflate_ms": -1}

    assert parse_command({"cmd": "subscribe", "params": params}, plain=True) == Subscribe(
        ("market_positions",), (), Extensions()
    )


def test_a_plain_server_has_no_portfolio_channel() -> None:
    """The venue has none."""
    with pytest.raises(CommandError) as refused:
        parse_command({"cmd": "subscribe", "params": {"channels": ["portfolio"]}}, plain=True)
    assert refused.value.code is ErrorCode.UNKNOWN_CHANNEL
