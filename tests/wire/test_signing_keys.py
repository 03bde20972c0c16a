"""Keys for signing, as people paste them and files hold them."""

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicNumbers, generate_private_key

from openpositions.errors import InvalidInput
from openpositions.wire.signing import (
    format_private_key,
    format_public_key,
    generate_key,
    load_private_key,
    load_public_key,
    sign,
    verify,
)

TEXT = b"1703123456789GET/trade-api/ws/v2"
ED25519_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def test_keys_come_back_from_their_texts(rsa_key: RSAPrivateKey) -> None:
    """A pair written as PEM and read again signs and verifies."""
    for key in (rsa_key, ED25519_KEY):
        loaded = load_private_key(format_private_key(key))

        assert verify(load_public_key(format_public_key(key.public_key())), TEXT, sign(loaded, TEXT))


def test_generated_ed25519_keys_differ() -> None:
    """No two pairs are alike."""
    assert format_private_key(generate_key("ed25519")) != format_private_key(generate_key("ed25519"))


def test_generated_rsa_key_has_2048_bits(rsa_key: RSAPrivateKey) -> None:
    """The size that the venue hands out."""
    assert rsa_key.key_size == 2048


def test_keys_are_taken_as_bytes_too(rsa_key: RSAPrivateKey) -> None:
    """As a file holds them."""
    assert isinstance(load_private_key(format_private_key(rsa_key).encode()), RSAPrivateKey)


def test_key_in_the_venues_older_form_is_taken(rsa_key: RSAPrivateKey) -> None:
    """PKCS #1, "BEGIN RSA PRIVATE KEY", is what the venue lets its users download."""
    pem = rsa_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )

    assert load_private_key(pem).public_key() == rsa_key.public_key()


def test_public_key_has_one_text_however_it_was_written(rsa_key: RSAPrivateKey) -> None:
    """PKCS #1 with notes around it is the same key as the plain text."""
    pkcs1 = rsa_key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.PKCS1).decode()

    assert format_public_key(load_public_key(f"clé d'Alice\n{pkcs1}")) == format_public_key(rsa_key.public_key())


@pytest.mark.parametrize(
    "pem",
    ["", "ssh-ed25519 AAAAC3Nza", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", b"\xff\x00", "\udce9"],
)
def test_public_key_that_is_none_is_refused(pem: str | bytes) -> None:
    """The message says what form is wanted."""
    with pytest.raises(InvalidInput, match="public_key is not a public key in PEM form") as raised:
        load_public_key(pem)

    assert raised.value.field == "public_key"


def test_private_key_in_place_of_the_public_one_is_refused() -> None:
    """Somebody pastes the wrong half."""
    with pytest.raises(InvalidInput, match="public_key is not a public key in PEM form"):
        load_public_key(format_private_key(ED25519_KEY))


def test_public_key_in_place_of_the_private_one_is_refused() -> None:
    """Somebody configures the wrong half."""
    with pytest.raises(InvalidInput, match="private_key is not a private key in PEM form") as raised:
        load_private_key(format_public_key(ED25519_KEY.public_key()))

    assert raised.value.field == "private_key"


def test_encrypted_private_key_is_refused() -> None:
    """There is nobody to ask for the passphrase."""
    pem = ED25519_KEY.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"secret")
    )

    with pytest.raises(InvalidInput, match="private_key is encrypted; give it without a passphrase"):
        load_private_key(pem)


def test_text_longer_than_any_key_is_refused() -> None:
    """It is not even looked at."""
    with pytest.raises(InvalidInput, match="public_key has 1000000 characters; a key has at most 16384"):
        load_public_key("A" * 1_000_000)


def test_keys_of_another_type_are_refused_by_their_name() -> None:
    """Elliptic curves other than Ed25519 are not in the protocol."""
    key = ec.generate_private_key(ec.SECP256R1())
    private_pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public_pem = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )

    with pytest.raises(InvalidInput, match="public_key is of type EC; RSA and Ed25519 are taken"):
        load_public_key(public_pem)
    with pytest.raises(InvalidInput, match="private_key is of type EC; RSA and Ed25519 are taken"):
        load_private_key(private_pem)


def test_rsa_keys_that_can_be_factored_are_refused() -> None:
    """1024 bits were enough once."""
    key = generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - what the test is about

    with pytest.raises(InvalidInput, match="public_key is RSA of 1024 bits; 2048 to 8192 are taken"):
        load_public_key(format_public_key(key.public_key()))
    with pytest.raises(InvalidInput, match="private_key is RSA of 1024 bits; 2048 to 8192 are taken"):
        load_private_key(format_private_key(key))


def test_rsa_key_too_long_to_verify_with_is_refused() -> None:
    """A huge modulus would cost the server milliseconds for each request that names it."""
    key = RSAPublicNumbers(e=65537, n=2**8192 + 1).public_key()

    with pytest.raises(InvalidInput, match="public_key is RSA of 8193 bits; 2048 to 8192 are taken"):
        load_public_key(format_public_key(key))
