"""Who a client speaks for: a key id, and the private key that signs for it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from openpositions.errors import InvalidInput
from openpositions.wire.signing import load_private_key, signed_headers

if TYPE_CHECKING:
    from openpositions.wire.signing import PrivateKey

_PEM_BEGIN = "-----BEGIN"


class Credentials(NamedTuple):
    """A key id and its private key."""

    key_id: str
    private_key: PrivateKey

    def headers(self, method: str, path: str, now_ms: int) -> dict[str, str]:
        """The headers that sign a request made now; the query of the path is not signed."""
        return signed_headers(self.key_id, self.private_key, now_ms, method, path)


def load_credentials(key_id: str, private_key: str | bytes | Path) -> Credentials:
    """Reads a private key: RSA or Ed25519, as PEM bytes, PEM text, or the path of a PEM file.

    Raises InvalidInput, whose message never repeats what was given: it may be the key itself.
    """
    if not (isinstance(key_id, str) and key_id and key_id.isascii() and key_id.isprintable()):
        raise InvalidInput("key_id", "key_id must be printable ASCII characters, as the service gave it")
    if isinstance(private_key, Path) or (isinstance(private_key, str) and _PEM_BEGIN not in private_key):
        private_key = _read(Path(private_key))
    return Credentials(key_id, load_private_key(private_key))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no path can look like this"
        raise InvalidInput(
            "private_key", f"private_key is neither PEM text nor the path of a file that can be read: {reason}"
        ) from None
