"""Keys that take long to make, made once for all tests; and the order of the tests."""

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from openpositions.wire.signing import generate_key


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is allowed a time of its own may take long, so it begins first: in the end no worker waits for another."""
    items.sort(key=lambda item: item.get_closest_marker("timeout") is None)


@pytest.fixture(scope="session")
def rsa_key() -> RSAPrivateKey:
    """The RSA key of whoever a test is about."""
    key = generate_key("rsa")
    assert isinstance(key, RSAPrivateKey)
    return key


@pytest.fixture(scope="session")
def other_rsa_key() -> RSAPrivateKey:
    """The RSA key of somebody else."""
    key = generate_key("rsa")
    assert isinstance(key, RSAPrivateKey)
    return key
