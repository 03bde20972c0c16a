"""Clients at the service of the test, and what they hand over."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any, Self

import kalshi_python
import pytest
from pykalshi import Feed, KalshiClient

from openpositions.testing.sandbox_server import SandboxServer

USER = "me"


class Listening:
    """pykalshi's feed, subscribed to one channel; the messages that it hands to the handler of a name."""

    def __init__(self, server: SandboxServer, channel: str, handler: str) -> None:
        key = server.key(USER)
        client = KalshiClient(
            api_key_id=key.key_id, private_key_path=str(key.private_key_file), api_base=server.rest_url
        )
        self.feed: Feed = client.feed()
        self.feed._ws_url = server.ws_url  # noqa: SLF001 - pykalshi has no argument for it
        self.messages: list[Any] = []
        self.feed.on(handler, self.messages.append)
        self.feed.subscribe(channel)
        self._server = server

    def __enter__(self) -> Self:
        self.feed.start()
        self._server.wait_for(subscriptions=1)
        return self

    def __exit__(self, *_: object) -> None:
        self.feed.stop()

    def next(self) -> Any:  # noqa: ANN401 - whatever the client makes of a frame
        """The first message."""
        self._server.wait_for(lambda: self.messages)
        return self.messages[0]


@pytest.fixture
def listening(openpositions_server: SandboxServer) -> Iterator[Callable[..., Listening]]:
    """Makes feeds that end with the test: of a channel, for the handler of a name."""
    with ExitStack() as stack:

        def make(channel: str, handler: str = "") -> Listening:
            return stack.enter_context(Listening(openpositions_server, channel, handler or channel))

        yield make


@pytest.fixture
def venues_own_client(openpositions_server: SandboxServer) -> kalshi_python.KalshiClient:
    """kalshi-python 2.1.4, which reads only."""
    key = openpositions_server.key(USER)
    configuration = kalshi_python.Configuration(host=openpositions_server.rest_url)
    configuration.api_key_id = key.key_id
    configuration.private_key_pem = key.private_key
    return kalshi_python.KalshiClient(configuration)
