"""The signature of a request, made and verified, and the keys for it (protocol, 1).

A client signs timestamp + method + path. RSA keys sign by PSS with SHA-256 and MGF1-SHA-256, Ed25519 keys as they are.
Whether the timestamp is recent is for the server to say: nothing here knows the time.
"""

from base64 import b64encode
from binascii import a2b_base64
from typing import Literal, TypeAlias

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key

from openpositions.errors import InvalidInput

PublicKey: TypeAlias = RSAPublicKey | Ed25519PublicKey
PrivateKey: TypeAlias = RSAPrivateKey | Ed25519PrivateKey
KeyType: TypeAlias = Literal["rsa", "ed25519"]

KEY_HEADER = "KALSHI-ACCESS-KEY"
TIMESTAMP_HEADER = "KALSHI-ACCESS-TIMESTAMP"
SIGNATURE_HEADER = "KALSHI-ACCESS-SIGNATURE"

# Below, factoring is within reach; above, a verification takes the server milliseconds.
MIN_RSA_BITS, MAX_RSA_BITS = 2048, 8192

# The private half of the largest RSA key takes 6.5 KB.
_LONGEST_PEM = 16_384
# Base64 of the signature by the largest RSA key.
_LONGEST_SIGNATURE = -(-MAX_RSA_BITS // 8 // 3) * 4

_HASH = hashes.SHA256()
_PSS_SIGN = PSS(MGF1(_HASH), salt_length=_HASH.digest_size)
# Some clients salt with 32 bytes, some with the most that fits.
_PSS_VERIFY = PSS(MGF1(_HASH), salt_length=PSS.AUTO)


def signed_text(timestamp: str, method: str, path: str) -> bytes:
    """What a client signs: the timestamp as in its header, the method, and the path as sent, its query left out."""
    # A server reads bytes of a request line that are not UTF-8 as surrogates; they are signed as what they were.
    return f"{timestamp}{method}{path.partition('?')[0]}".encode("utf-8", "surrogateescape")


def sign(private_key: PrivateKey, text: bytes) -> str:
    """The signature of a text, in standard base64."""
    if isinstance(private_key, RSAPrivateKey):
        return b64encode(private_key.sign(text, _PSS_SIGN, _HASH)).decode()
    return b64encode(private_key.sign(text)).decode()


def signed_headers(key_id: str, private_key: PrivateKey, timestamp_ms: int, method: str, path: str) -> dict[str, str]:
    """The three headers that sign a request made at that time; the query of the path is not signed."""
    timestamp = str(timestamp_ms)
    return {
        KEY_HEADER: key_id,
        TIMESTAMP_HEADER: timestamp,
        SIGNATURE_HEADER: sign(private_key, signed_text(timestamp, method, path)),
    }


def verify(public_key: PublicKey, text: bytes, signature_base64: str) -> bool:
    """Whether the owner of the key made this signature of this text. False for what is not standard base64, too."""
    if len(signature_base64) > _LONGEST_SIGNATURE:
        return False
    try:
        signature = a2b_base64(signature_base64, strict_mode=True)
    except ValueError:  # binascii.Error is one, and so is the complaint about characters beyond ASCII
        return False
    try:
        if isinstance(public_key, RSAPublicKey):
            public_key.verify(signature, text, _PSS_VERIFY, _HASH)
        else:
            public_key.verify(signature, text)
    except InvalidSignature:
        return False
    return True


def load_public_key(pem: str | bytes) -> PublicKey:
    """The public key that a PEM text holds. Raises InvalidInput("public_key")."""
    try:
        key = serialization.load_pem_public_key(_bounded(pem, "public_key"))
    except (ValueError, UnsupportedAlgorithm):
        raise InvalidInput(
            "public_key", "public_key is not a public key in PEM form ('-----BEGIN PUBLIC KEY-----' …)"
        ) from None
    if isinstance(key, RSAPublicKey):
        _check_rsa_size(key.key_size, "public_key")
    elif not isinstance(key, Ed25519PublicKey):
        raise _wrong_type(key, "public_key")
    return key


def load_private_key(pem: str | bytes) -> PrivateKey:
    """The private key that a PEM text holds, without a passphrase. Raises InvalidInput("private_key")."""
    try:
        key = serialization.load_pem_private_key(_bounded(pem, "private_key"), password=None)
    except TypeError:
        raise InvalidInput("private_key", "private_key is encrypted; give it without a passphrase") from None
    except (ValueError, UnsupportedAlgorithm):
        raise InvalidInput(
            "private_key", "private_key is not a private key in PEM form ('-----BEGIN PRIVATE KEY-----' …)"
        ) from None
    if isinstance(key, RSAPrivateKey):
        _check_rsa_size(key.key_size, "private_key")
    elif not isinstance(key, Ed25519PrivateKey):
        raise _wrong_type(key, "private_key")
    return key


def generate_key(key_type: KeyType) -> PrivateKey:
    """A new key: RSA of 2048 bits, which takes about 0.1 s of a core, or Ed25519, which takes none to speak of."""
    if key_type == "rsa":
        return generate_private_key(public_exponent=65537, key_size=MIN_RSA_BITS)
    return Ed25519PrivateKey.generate()


def format_private_key(private_key: PrivateKey) -> str:
    """The key as PEM text (PKCS 8), not encrypted."""
    return private_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def format_public_key(public_key: PublicKey) -> str:
    """The key as PEM text (SubjectPublicKeyInfo): one text per key, however it was written before."""
    return public_key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def _bounded(pem: str | bytes, field: str) -> bytes:
    if len(pem) > _LONGEST_PEM:
        raise InvalidInput(field, f"{field} has {len(pem)} characters; a key has at most {_LONGEST_PEM}")
    # Only the notes around a PEM block may hold characters beyond ASCII, and the loader skips those.
    return pem.encode("ascii", "replace") if isinstance(pem, str) else pem


def _check_rsa_size(bits: int, field: str) -> None:
    if not MIN_RSA_BITS <= bits <= MAX_RSA_BITS:
        raise InvalidInput(field, f"{field} is RSA of {bits} bits; {MIN_RSA_BITS} to {MAX_RSA_BITS} are taken")


def _wrong_type(key: object, field: str) -> InvalidInput:
    found = type(key).__name__.removesuffix("PublicKey").removesuffix("PrivateKey")
    return InvalidInput(field, f"{field} is of type {found}; RSA and Ed25519 are taken")
