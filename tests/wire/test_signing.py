"""Signatures as clients make them."""

import random
from base64 import b64decode, b64encode
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from openpositions.wire.signing import sign, signed_headers, signed_text, verify

TEXT = b"1703123456789GET/trade-api/ws/v2"
ED25519_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
BASE64_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def test_signed_text_is_timestamp_method_and_path() -> None:
    """The three parts are joined with nothing between them."""
    assert signed_text("1703123456789", "GET", "/trade-api/ws/v2") == b"1703123456789GET/trade-api/ws/v2"


def test_signed_text_leaves_the_query_out() -> None:
    """A client signs the path alone, whatever it asks for."""
    assert (
        signed_text("1", "GET", "/trade-api/v2/portfolio/fills?limit=5&cursor=a?b")
        == b"1GET/trade-api/v2/portfolio/fills"
    )


def test_signed_text_of_a_path_that_is_not_utf8_is_the_bytes_that_were_sent() -> None:
    """A server that reads stray bytes as surrogates still sees what the client signed."""
    assert signed_text("1", "GET", b"/caf\xe9".decode("utf-8", "surrogateescape")) == b"1GET/caf\xe9"


def test_three_headers_sign_a_request(rsa_key: RSAPrivateKey) -> None:
    """The key id, the time in Unix milliseconds, and the signature of it with method and path."""
    headers = signed_headers("key-1", rsa_key, 1703123456789, "GET", "/trade-api/ws/v2?wire=2026")

    signature = headers.pop("KALSHI-ACCESS-SIGNATURE")
    assert headers == {"KALSHI-ACCESS-KEY": "key-1", "KALSHI-ACCESS-TIMESTAMP": "1703123456789"}
    assert verify(rsa_key.public_key(), TEXT, signature)


def test_rsa_signature_of_the_key_verifies(rsa_key: RSAPrivateKey) -> None:
    """What `sign` makes, `verify` takes."""
    assert verify(rsa_key.public_key(), TEXT, sign(rsa_key, TEXT))


def test_rsa_signature_is_pss_with_a_salt_of_32_bytes(rsa_key: RSAPrivateKey) -> None:
    """The venue's own documented parameters verify what `sign` makes."""
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), salt_length=32)

    rsa_key.public_key().verify(b64decode(sign(rsa_key, TEXT)), TEXT, pss, hashes.SHA256())


@pytest.mark.parametrize("salt_length", [0, 20, 32, 222, padding.PSS.MAX_LENGTH])
def test_rsa_signature_with_any_salt_length_verifies(rsa_key: RSAPrivateKey, salt_length: int) -> None:
    """Some clients salt with 32 bytes, some with the most that fits (222 for 2048 bits)."""
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), salt_length=salt_length)
    signature = b64encode(rsa_key.sign(TEXT, pss, hashes.SHA256())).decode()

    assert verify(rsa_key.public_key(), TEXT, signature)


def test_rsa_signature_in_the_older_padding_is_refused(rsa_key: RSAPrivateKey) -> None:
    """PKCS #1 v1.5 is not PSS."""
    signature = b64encode(rsa_key.sign(TEXT, padding.PKCS1v15(), hashes.SHA256())).decode()

    assert not verify(rsa_key.public_key(), TEXT, signature)


def test_ed25519_signature_is_the_one_of_the_standard() -> None:
    """RFC 8032, 7.1, test 1: the empty text."""
    key = Ed25519PrivateKey.from_private_bytes(
        bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    )

    assert b64decode(sign(key, b"")).hex() == (
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    )


def test_ed25519_signature_of_the_key_verifies() -> None:
    """Ed25519 keys sign the same text."""
    assert verify(ED25519_KEY.public_key(), TEXT, sign(ED25519_KEY, TEXT))


def test_signature_of_another_text_is_refused(rsa_key: RSAPrivateKey) -> None:
    """One changed character of the text is enough."""
    assert not verify(rsa_key.public_key(), TEXT, sign(rsa_key, b"1703123456780GET/trade-api/ws/v2"))


def test_signature_of_another_key_is_refused(rsa_key: RSAPrivateKey, other_rsa_key: RSAPrivateKey) -> None:
    """Only the owner of the key can sign for it."""
    assert not verify(rsa_key.public_key(), TEXT, sign(other_rsa_key, TEXT))


def test_signature_of_the_other_type_is_refused(rsa_key: RSAPrivateKey) -> None:
    """An RSA signature is none for an Ed25519 key, nor the other way round."""
    assert not verify(ED25519_KEY.public_key(), TEXT, sign(rsa_key, TEXT))
    assert not verify(rsa_key.public_key(), TEXT, sign(ED25519_KEY, TEXT))


@pytest.mark.parametrize("kept", [0, 1, 32, 63, 64, 255])
def test_truncated_signature_is_refused(rsa_key: RSAPrivateKey, kept: int) -> None:
    """The first bytes of a good signature are none; 256 would be all of it."""
    signature = b64encode(b64decode(sign(rsa_key, TEXT))[:kept]).decode()

    assert not verify(rsa_key.public_key(), TEXT, signature)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda good: good.rstrip("="), id="no padding"),
        pytest.param(lambda good: good + "=", id="more padding"),
        pytest.param(lambda good: good + "AAAA", id="more bytes"),
        pytest.param(lambda good: good + "\n", id="a newline"),
        pytest.param(lambda good: " " + good, id="a space"),
        pytest.param(lambda good: good[:76] + "\n" + good[76:], id="folded"),
        pytest.param(lambda good: good[:10] + "-" + good[11:], id="the alphabet of URLs"),
        pytest.param(lambda good: good[:10] + "é" + good[11:], id="beyond ASCII"),
        pytest.param(lambda good: good[:10] + "\udce9" + good[11:], id="a stray byte"),
        pytest.param(lambda good: "A" * 1_000_000 + good, id="huge"),
    ],
)
def test_signature_that_is_not_standard_base64_is_refused(spoil: Callable[[str], str]) -> None:
    """Nothing is repaired on the way in: not whitespace, not padding, not another alphabet."""
    assert not verify(ED25519_KEY.public_key(), TEXT, spoil(sign(ED25519_KEY, TEXT)))


def test_random_signatures_are_refused(rsa_key: RSAPrivateKey) -> None:
    """500 signatures, each a good one with a few characters replaced or cut out, seeded."""
    chance = random.Random(1)
    good = sign(rsa_key, TEXT)
    for _ in range(500):
        spoilt = list(good)
        for _ in range(chance.randrange(1, 4)):
            at = chance.randrange(len(spoilt) - 4)
            spoilt[at] = chance.choice([*BASE64_ALPHABET.replace(spoilt[at], ""), "", "=", "\0", "\x7f", "ü"])
        assert not verify(rsa_key.public_key(), TEXT, "".join(spoilt)), spoilt


@pytest.mark.parametrize("text", ["", "A", "====", "AAAA", "\0" * 88, b64encode(bytes(64)).decode()])
def test_signature_of_nothing_is_refused(text: str) -> None:
    """Empty, malformed and all-zero signatures are refused like any other."""
    assert not verify(ED25519_KEY.public_key(), TEXT, text)
