"""Single-use tickets that open a socket for browsers, which cannot sign one (protocol, 1)."""

from collections import Counter, OrderedDict
from collections.abc import Callable
from secrets import token_urlsafe

import msgspec

from openpositions.server.auth import Caller, Denied
from openpositions.server.keys import KeyStore
from openpositions.wire.rest.errors import TOO_MANY_REQUESTS, UNKNOWN_KEY

LIFETIME_SECONDS = 30

# As many as a user may have connections, by default; and what keeps all tickets within some 10 MB.
MOST_PER_USER = 200
MOST_OVERALL = 20_000


class Ticket(msgspec.Struct, frozen=True):
    """What a browser opens one socket with."""

    ticket: str
    expires_ts_ms: int


class Tickets:
    """The tickets that were asked for and neither used nor expired. They do not outlive the process.

    `clock` gives seconds and never goes back: tickets live as long whatever becomes of the time of day.
    """

    def __init__(self, keys: KeyStore, clock: Callable[[], float]) -> None:
        self._keys = keys
        self._clock = clock
        # With the time it ends, in the order they were issued, which is the order they expire in.
        self._outstanding: OrderedDict[str, tuple[Caller, float]] = OrderedDict()
        self._per_user: Counter[str] = Counter()

    def issue(self, caller: Caller, now_ms: int) -> Ticket | Denied:
        """A ticket that stands for the caller once; denied while too many are outstanding.

        `now_ms` is the time of day, by which the ticket says until when it is good.
        """
        self._drop_expired()
        if self._per_user[caller.user_id] >= MOST_PER_USER or len(self._outstanding) >= MOST_OVERALL:
            return Denied(429, TOO_MANY_REQUESTS)
        issued = Ticket(token_urlsafe(32), now_ms + LIFETIME_SECONDS * 1000)
        self._outstanding[issued.ticket] = caller, self._clock() + LIFETIME_SECONDS
        self._per_user[caller.user_id] += 1
        return issued

    def redeem(self, ticket: str) -> Caller | Denied:
        """The caller a ticket stands for, and the end of the ticket.

        Denied like an unknown key when it was used before, has expired or never was, or when its key was revoked since.
        """
        self._drop_expired()
        found = self._outstanding.get(ticket)
        if found is None:
            return Denied(401, UNKNOWN_KEY)
        caller, _ = found
        self._drop(ticket)
        key = self._keys.get(caller.key_id)
        if key is None or not key.is_good:
            return Denied(401, UNKNOWN_KEY)
        return caller

    def _drop_expired(self) -> None:
        now = self._clock()
        while self._outstanding:
            ticket, (_, expires) = next(iter(self._outstanding.items()))
            if expires >= now:
                return
            self._drop(ticket)

    def _drop(self, ticket: str) -> None:
        caller, _ = self._outstanding.pop(ticket)
        self._per_user[caller.user_id] -= 1
        if not self._per_user[caller.user_id]:
            del self._per_user[caller.user_id]
