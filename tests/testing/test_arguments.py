"""What the sandbox says to a test that hands it the wrong thing: one error, at once, that names it."""

from __future__ import annotations

import asyncio
import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from openpositions.errors import InvalidInput, Misconfigured, ServiceStopped
from openpositions.testing.sandbox_server import SandboxServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    """One for all: nothing here changes anything."""
    with SandboxServer() as started:
        yield started


async def _later() -> bool:
    return True


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda s: s.wait_for(lambda: False, timeout=math.nan), "timeout must be a number of seconds, not nan"),
        (lambda s: s.wait_for(lambda: False, timeout="5"), "timeout must be a number of seconds, not '5'"),
        (lambda s: s.wait_for(lambda: False, timeout=-1), "timeout must be a number of seconds, 0 or more, not -1"),
        (lambda s: s.wait_for(connections="1"), "connections must be an integer, 0 or more, not '1'"),
        (lambda s: s.wait_for(subscriptions=-1), "subscriptions must be an integer, 0 or more, not -1"),
        (lambda s: s.wait_for(sent={"type": "fill"}, count="2"), "count must be an integer, 0 or more, not '2'"),
        (lambda s: s.wait_for(connections=0, count=2), "count is of messages: name those to be sent or"),
        (lambda s: s.wait_for(sent="fill"), """sent must be names with the values wanted, as in {"type": "fill"}"""),
        (lambda s: s.wait_for(received={}), """received must be names with the values wanted, as in {"type": "f"""),
        (lambda s: s.wait_for(row={"positon": 5}), "'positon' is nothing that a row has: it has user_id, subaccount"),
        (lambda s: s.wait_for(5), "condition must be a function that is no coroutine, not 5"),
        (lambda s: s.wait_for(_later), "condition must be a function that is no coroutine, not <function _later"),
        (lambda s: s.delay("0.2"), "seconds must be a number of seconds, not '0.2'"),
        (lambda s: s.delay(math.inf), "seconds must be a number of seconds, not inf"),
        (lambda s: s.skew_clock(None), "seconds must be a number of seconds, not None"),
        (lambda s: s.key(7), "user must be text, not 7"),
        (
            lambda s: s.key("alice", scopes="read"),
            """scopes must be a list or tuple such as ("read", "admin"), not 'r""",
        ),
        (lambda s: s.key("alice", scopes=[[]]), "scopes must be a list or tuple of text such as"),
        (lambda s: s.key("alice", subaccount=1.0), "subaccount must be an integer, 0 or more, not 1.0"),
        (lambda s: s.key("alice", key_type="dsa"), "key_type must be rsa or ed25519, not 'dsa'"),
        (lambda s: s.bust("t1", subaccount=1), "subaccount is one of a user: give user too"),
        (lambda s: s.feed({"type": {1, 2}}), "event must be what JSON can hold: not {1, 2}"),
        (
            lambda s: s.make_faults({"fault": "delay_frames", "ms": math.nan}),
            "fault must be what JSON can hold: Out of",
        ),
    ],
)
def test_wrong_argument_is_named(server: SandboxServer, call: Callable[[Any], object], message: str) -> None:
    """With what is allowed, and what was given."""
    with pytest.raises(InvalidInput) as refused:
        call(server)

    assert str(refused.value).startswith(message)


def test_coroutine_wait_is_held_to_the_same(server: SandboxServer) -> None:
    """A slip in a coroutine does not wait for ever either."""
    with pytest.raises(InvalidInput, match="timeout must be a number of seconds, not nan"):
        asyncio.run(server.wait_for_async(lambda: False, timeout=math.nan))


def test_event_may_state_amounts_as_decimal() -> None:
    """As every other method takes them."""
    fill = {"trade_id": "t1", "user_id": "a", "market_ticker": "RAIN", "outcome_side": "yes"}
    amounts = {"yes_price_dollars": Decimal("0.40"), "count_fp": Decimal(10)}
    with SandboxServer() as server:
        server.feed({"type": "fill", "msg": fill | amounts})
        assert server.position("a", "RAIN").cost == 4


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"wires": "2025"}, "'wires' is no setting of a sandbox: it takes host, port, wire, plain"),
        ({"data": "here"}, "'data' is no setting of a sandbox: it takes host, port, wire, plain"),
        ({"port": "80"}, "setting port: expected `int`, got `str`"),
        ({"wire": 2025}, "setting wire: expected `str`, got `int`"),
        ({"tls_cert": 5}, "setting tls_cert: expected a path, got 5"),
    ],
)
def test_wrong_setting_is_named(settings: dict[str, Any], message: str) -> None:
    """By its name, with what is allowed; nothing is started."""
    with pytest.raises(Misconfigured) as refused:
        SandboxServer(**settings)

    assert str(refused.value).startswith(message)


def test_key_of_a_stopped_sandbox_is_refused_as_all_else() -> None:
    """Not with a word about its database."""
    server = SandboxServer()
    server.stop()

    with pytest.raises(ServiceStopped, match="was stopped"):
        server.key("alice")
