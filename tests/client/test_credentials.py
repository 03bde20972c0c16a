"""Keys as users give them."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from openpositions.client.credentials import load_credentials
from openpositions.errors import InvalidInput
from openpositions.wire.signing import format_private_key


def test_a_key_is_taken_in_every_form(rsa_key: RSAPrivateKey, tmp_path: Path) -> None:
    """PEM text, PEM bytes, a path as text or as a Path."""
    pem = format_private_key(rsa_key)
    file = tmp_path / "key.pem"
    file.write_text(pem, encoding="ascii")
    for given in (pem, pem.encode(), str(file), file):
        assert format_private_key(load_credentials("key-1", given).private_key) == pem


@pytest.mark.parametrize(
    "given", ["MC4CAQAwBQYDK2VwBCIEIPg3", "nowhere.pem", "a\0b", "x" * 5000, b"nonsense", "-----BEGIN NONSENSE-----"]
)
def test_what_is_no_key_is_refused_and_never_repeated(given: str | bytes) -> None:
    """It may be the key itself, pasted without its first line."""
    with pytest.raises(InvalidInput, match="private_key") as refused:
        load_credentials("key-1", given)
    assert refused.value.field == "private_key"
    assert (given if isinstance(given, str) else given.decode()) not in str(refused.value)


@pytest.mark.parametrize("key_id", ["", "schlüssel", "a\r\nb", b"key-1"])
def test_a_key_id_that_is_no_header_is_refused(key_id: str | bytes, rsa_key: RSAPrivateKey) -> None:
    """Before it is sent anywhere."""
    with pytest.raises(InvalidInput, match="key_id"):
        load_credentials(key_id, format_private_key(rsa_key))  # type: ignore[arg-type]
