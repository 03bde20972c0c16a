"""Single-use tickets that open a socket for browsers, which cannot sign one (protocol, 1)."""

from collections import Counter, OrderedDict
from secrets import token_urlsafe

import msgspec

from openpositions.server.auth import Caller, Denied
from openpositions.server.keys import KeyStore
from openpositions.wire.rest.errors import TOO_MANY_REQUESTS, UNKNOWN_KEY

LIFETIME_MS = 30_000

# As many as a user may have connections, by default; and what keeps all tickets within some 10 MB.
MOST_PER_USER = 200
MOST_OVERALL = 20_000


class Ticket(msgspec.Struct, frozen=True):
    """What a browser opens one socket with."""

    ticket: str
    expires_ts_ms: int


class Tickets:
    """The tickets that were asked for and neither used nor expired. They do not outlive the process."""

    def __init__(self, keys: KeyStore) -> None:
        self._keys = keys
        # In the order they were issued, which is the order they expire in.
        self._outstanding: OrderedDict[str, tuple[Caller, int]] = OrderedDict()
        self._per_user: Counter[str] = Counter()

    def issue(self, caller: Caller, now_ms: int) -> Ticket | Denied:
        """A ticket that stands for the caller once; denied while too many are outstanding."""
        self._drop_expired(now_ms)
        if self._per_user[caller.user_id] >= MOST_PER_USER or len(self._outstanding) >= MOST_OVERALL:
            return Denied(429, TOO_MANY_REQUESTS)
        issued = Ticket(token_urlsafe(32), now_ms + LIFETIME_MS)
        self._outstanding[issued.ticket] = caller, issued.expires_ts_ms
        self._per_user[caller.user_id] += 1
        return issued

    def redeem(self, ticket: str, now_ms: int) -> Caller | Denied:
        """The caller a ticket stands for, and the end of the ticket.

        Denied like an unknown key when it was used before, has expired or never was, or when its key was revoked since.
        """
        self._drop_expired(now_ms)
        found = self._outstanding.get(ticket)
        if found is None:
            return Denied(401, UNKNOWN_KEY)
        caller, expires_ts_ms = found
        self._drop(ticket)
        key = self._keys.get(caller.key_id)
        if expires_ts_ms < now_ms or key is None or not key.is_good:
            return Denied(401, UNKNOWN_KEY)
        return caller

    def _drop_expired(self, now_ms: int) -> None:
        while self._outstanding:
            ticket, (_, expires_ts_ms) = next(iter(self._outstanding.items()))
            if expires_ts_ms >= now_ms:
                return
            self._drop(ticket)

    def _drop(self, ticket: str) -> None:
        caller, _ = self._outstanding.pop(ticket)
        self._per_user[caller.user_id] -= 1
        if not self._per_user[caller.user_id]:
            del self._per_user[caller.user_id]
