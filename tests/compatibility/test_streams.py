"""The quick part of the compatibility run: besides positions, with the clients that are always there."""

from collections.abc import Iterator

import pytest

from tests.compatibility.clients import CLIENTS, Client
from tests.compatibility.features import Feature
from tests.compatibility.run import Services, services
from tests.compatibility.streams import observe

ALWAYS_THERE = ("pykalshi 2.0.0, AsyncFeed", "pykalshi 0.3.7, Feed", "kalshi-python-unofficial 0.0.1")
QUICK = (Feature.FILLS, Feature.LIFECYCLE, Feature.ADDS, Feature.UNSUBSCRIBES, Feature.RECONNECTS)
OFFERED = [
    (client, feature)
    for client in CLIENTS
    if client.name in ALWAYS_THERE
    for feature in QUICK
    if feature not in client.lacks
]


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Services for all of them."""
    with services(tmp_path_factory.mktemp("services")) as started:
        yield started


@pytest.mark.parametrize(
    ("client", "feature"), OFFERED, ids=[f"{client.name}: {feature.strip()}" for client, feature in OFFERED]
)
async def test_a_client_does_what_it_offers(started: Services, client: Client, feature: Feature) -> None:
    """Unless it is known to get that wrong, and then it does."""
    assert await observe(client, started.streaming(client, feature), feature) is (feature not in client.faults)
