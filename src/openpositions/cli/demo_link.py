"""The link of a demo: a page that follows the positions of one of its users, signed in already."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from openpositions.server.keys import NewKey
from openpositions.wire.signing import format_private_key, format_public_key, generate_key

if TYPE_CHECKING:
    from openpositions.server.keys import KeyStore

# The alphabet of base64 that addresses need not escape (RFC 4648, 5).
_FOR_ADDRESSES = str.maketrans("+/", "-_")


def dashboard_link(url: str, keys: KeyStore, user: str) -> str:
    """The address of the dashboard, with a new key of the user behind the `#`, which browsers send nowhere.

    The key may only read what the demo made up, and goes no further than this machine: where others can connect too,
    the link has none. It is an Ed25519 key because that makes a link that can be copied, 200 characters instead of
    1,800.
    """
    if not _is_loopback(url):
        return f"{url}/"
    private_key = generate_key("ed25519")
    public_key = format_public_key(private_key.public_key())
    key = keys.add(NewKey(user_id=user, scopes=frozenset({"read"}), public_key=public_key))
    base64 = "".join(format_private_key(private_key).splitlines()[1:-1]).translate(_FOR_ADDRESSES)
    return f"{url}/#key_id={key.key_id}&private_key={base64}"


def _is_loopback(url: str) -> bool:
    try:
        return ip_address(urlsplit(url).hostname or "").is_loopback
    except ValueError:  # a name, which may mean anything
        return False
