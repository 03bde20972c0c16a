"""Commands that cannot be carried out, and the numbered errors that say so (protocol, 2)."""

from collections.abc import Mapping

import msgspec
import pytest

from openpositions.wire.socket.commands import parse_command
from openpositions.wire.socket.errors import CommandError, ErrorCode, error_frame

POSITIONS = ["market_positions"]


def error_of(fields: Mapping[str, object]) -> tuple[int, str]:
    """The number and the detail of the error that a command is."""
    with pytest.raises(CommandError) as raised:
        parse_command(dict(fields))
    return raised.value.code.number, raised.value.detail


def refused(cmd: str, **params: object) -> int:
    """The number of the error that a command with parameters is."""
    return error_of({"id": 1, "cmd": cmd, "params": params})[0]


@pytest.mark.parametrize(
    ("cmd", "params", "detail"),
    [
        (5, {}, "cmd must be a text"),
        ("subscribe", [], "params must be an object"),
        ("subscribe", {"channels": "fill"}, "channels must be a list"),
        ("subscribe", {"channels": [1]}, "each of channels must be a text"),
        ("subscribe", {"channels": ["fill"], "market_ticker": 5}, "market_ticker must be a text"),
        ("subscribe", {"channels": ["fill"], "market_tickers": [None]}, "each of market_tickers must be a text"),
        ("subscribe", {"channels": POSITIONS, "extended": 1}, "extended must be true or false"),
        ("subscribe", {"channels": POSITIONS, "conflate_ms": True}, "conflate_ms must be an integer"),
        ("subscribe", {"channels": POSITIONS, "resume": "e1"}, "resume must be an object"),
        ("unsubscribe", {"sids": [True]}, "each of sids must be an integer"),
        ("update_subscription", {"action": 1}, "action must be a text"),
        ("update_subscription", {"action": "add_markets", "sid": "1"}, "sid must be an integer"),
    ],
)  # fmt: skip
def test_field_of_the_wrong_type_is_error_1_and_named(cmd: object, params: object, detail: str) -> None:
    """A true is no integer."""
    assert error_of({"cmd": cmd, "params": params}) == (1, detail)


@pytest.mark.parametrize("cmd", ["subscribe", "unsubscribe", "update_subscription"])
@pytest.mark.parametrize("params", [{}, {"params": None}])
def test_command_without_params_is_error_2(cmd: str, params: dict[str, object]) -> None:
    """Absent or null."""
    assert error_of({"cmd": cmd, **params})[0] == 2


@pytest.mark.parametrize("channels", [{}, {"channels": []}, {"channels": None}])
def test_subscribe_without_a_channel_is_error_3(channels: dict[str, object]) -> None:
    """At least one is needed."""
    assert refused("subscribe", **channels) == 3


@pytest.mark.parametrize("sids", [{}, {"sids": []}, {"sids": None}])
def test_unsubscribe_without_sids_is_error_4(sids: dict[str, object]) -> None:
    """At least one is needed."""
    assert refused("unsubscribe", **sids) == 4


@pytest.mark.parametrize("fields", [{"cmd": "dance", "params": {}}, {"cmd": ""}, {"cmd": None}, {}])
def test_unknown_command_is_error_5(fields: dict[str, object]) -> None:
    """So is none."""
    assert error_of(fields)[0] == 5


@pytest.mark.parametrize("channels", [["ticker"], ["market_position"], ["market_positions", "orderbook_delta"]])
def test_unknown_channel_is_error_8(channels: list[str]) -> None:
    """One bad name fails the command; the frame's type is no channel."""
    assert refused("subscribe", channels=channels) == 8


@pytest.mark.parametrize("ticker", ["", "RAIN SUN", "x" * 129, "RÉGEN", "RAIN\n", "RAIN\x00", "\x7f"])
def test_ticker_that_cannot_be_is_error_11(ticker: str) -> None:
    """1 to 128 printable ASCII characters without spaces."""
    assert refused("subscribe", channels=POSITIONS, market_tickers=["RAIN", ticker]) == 11


@pytest.mark.parametrize("conflate_ms", [0, 9, 60_001, -10, 10**30])
def test_conflation_outside_10_to_60000_ms_is_error_11(conflate_ms: int) -> None:
    """The detail says what is allowed and what was asked for."""
    fields = {"cmd": "subscribe", "params": {"channels": POSITIONS, "conflate_ms": conflate_ms}}

    assert error_of(fields) == (11, f"conflate_ms must be 10-60000, not {conflate_ms}")


@pytest.mark.parametrize(
    "resume", [{}, {"epoch": "e1"}, {"sequence": 5}, {"epoch": "e1", "sequence": -1}, {"epoch": None, "sequence": 5}]
)
def test_resume_without_an_epoch_or_a_sequence_is_error_11(resume: dict[str, object]) -> None:
    """There is nothing to resume from."""
    assert refused("subscribe", channels=POSITIONS, resume=resume) == 11


@pytest.mark.parametrize(
    "extension",
    [
        {"send_initial_snapshot": True},
        {"extended": True},
        {"resume": {"epoch": "e1", "sequence": 1}},
        {"conflate_ms": 100},
    ],
)
@pytest.mark.parametrize("channels", [["fill"], ["market_lifecycle_v2"], ["fill", "market_lifecycle_v2"]])
def test_extension_on_another_channel_is_error_11(channels: list[str], extension: dict[str, object]) -> None:
    """Only positions can be extended."""
    assert refused("subscribe", channels=channels, **extension) == 11


@pytest.mark.parametrize("sids", [{}, {"sids": []}, {"sids": [1, 2]}, {"sid": 1, "sids": [2]}])
def test_update_of_none_or_several_sids_is_error_12(sids: dict[str, object]) -> None:
    """Exactly one."""
    assert refused("update_subscription", action="add_markets", market_ticker="RAIN", **sids) == 12


def test_unsupported_action_is_error_13() -> None:
    """Markets are added or deleted, nothing else."""
    assert refused("update_subscription", action="replace_markets", sid=1, market_ticker="RAIN") == 13


@pytest.mark.parametrize("action", [{}, {"action": None}, {"action": ""}])
def test_update_without_an_action_is_error_15(action: dict[str, object]) -> None:
    """It comes before the question which sid."""
    assert refused("update_subscription", market_ticker="RAIN", **action) == 15


@pytest.mark.parametrize("markets", [{}, {"market_tickers": []}, {"market_tickers": None}])
def test_update_that_names_no_market_is_error_11(markets: dict[str, object]) -> None:
    """Nothing here means nothing, not everything."""
    assert refused("update_subscription", action="add_markets", sid=1, **markets) == 11


def test_numbers_and_texts_are_those_of_the_page() -> None:
    """Clients act on the number; 6, 16 and 17 are never sent."""
    assert {code.number: code.text for code in ErrorCode} == {
        1: "Unable to process message",
        2: "Params required",
        3: "Channels required",
        4: "Subscription IDs required",
        5: "Unknown command",
        7: "Unknown subscription ID",
        8: "Unknown channel name",
        9: "Authentication required",
        10: "Channel error",
        11: "Invalid parameter",
        12: "Exactly one subscription ID is required",
        13: "Unsupported action",
        15: "Action required",
        25: "Subscription buffer overflow",
        26: "Subscription market limit exceeded",
        27: "Too many requests",
    }


def test_error_that_answers_no_command_names_the_sid_it_ends() -> None:
    """There is no id to answer with."""
    assert msgspec.json.decode(error_frame(ErrorCode.BUFFER_OVERFLOW, sid=4)) == {
        "type": "error",
        "sid": 4,
        "msg": {"code": 25, "msg": "Subscription buffer overflow"},
    }
