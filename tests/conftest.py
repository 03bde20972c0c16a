"""Keys that take long to make, made once for all tests."""

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from openpositions.wire.signing import generate_key


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
