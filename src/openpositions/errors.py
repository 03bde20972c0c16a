"""Every exception that a user of the package can meet, in one tree.

    OpenPositionsError
    ├── InvalidInput            a value from outside is not what it must be; names the field
    │   └── MalformedNumber     a text is not a number of the wanted precision
    ├── Misconfigured           settings that cannot be served
    ├── JournalError            what is durable cannot be read or written
    │   ├── JournalLocked       another process owns the data directory
    │   ├── JournalCorrupt      stored bytes are not what was written
    │   ├── JournalTooNew       written by a later version of this package
    │   └── JournalUnavailable  the disk refused a read or a write
    ├── ServiceStopped          the service no longer takes events
    ├── RequestFailed           a service did not answer, or refused what it was asked
    │   ├── NotAuthenticated    401: the key, its signature or the clock was not accepted
    │   ├── NotPermitted        403: the key may not do this
    │   ├── TooManyRequests     429: too much at once; come back later
    │   └── ServiceUnavailable  5xx, or no answer at all
    ├── SubscriptionRefused     a service does not serve what was subscribed to
    ├── ConnectionEnded         a service closed a connection and does not want it back
    ├── ClientClosed            a client was used after its end, or in another event loop
    ├── NotInstalled            an optional library is needed for this
    └── WaitTimeout             what a test waited for did not happen

The outcome of an event (a duplicate, a refusal) is a value, never an exception: see `core.outcomes`.
"""


class OpenPositionsError(Exception):
    """Base of all errors raised on purpose by this package."""


class InvalidInput(OpenPositionsError):
    """A value from outside is not what it must be.

    `code` is the machine-readable name of the mistake, `field` the name of the offending field.
    """

    def __init__(self, field: str, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.field = field
        self.code = code or f"invalid_{field}"


class MalformedNumber(InvalidInput):
    """A text is not a number of the wanted precision."""


class Misconfigured(OpenPositionsError):
    """Settings that cannot be served; the message says which and what would work."""


class JournalError(OpenPositionsError):
    """What is durable cannot be read or written."""


class JournalLocked(JournalError):
    """Another process owns the data directory."""


class JournalCorrupt(JournalError):
    """Stored bytes are not what was written. Restore a backup; nothing was guessed."""


class JournalTooNew(JournalError):
    """The journal was written by a later version of this package. Upgrade the package."""


class JournalUnavailable(JournalError):
    """The disk refused a read or a write."""


class ServiceStopped(OpenPositionsError):
    """The service no longer takes events; the message says why."""


class RequestFailed(OpenPositionsError):
    """A service did not answer, or refused what it was asked; the message says which and why.

    `status` is that of the answer; None when there was none. `retry_after_seconds` is how long the service wants to be
    left alone (its header Retry-After); None when it did not say.
    """

    def __init__(self, message: str, status: int | None = None, *, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after_seconds = retry_after_seconds


class NotAuthenticated(RequestFailed):
    """The key, its signature or the clock was not accepted."""


class NotPermitted(RequestFailed):
    """The key may not do this."""


class TooManyRequests(RequestFailed):
    """Too much at once: requests, or connections of one user. Come back later."""


class ServiceUnavailable(RequestFailed):
    """The service cannot be reached, or not now. Come back later."""


class SubscriptionRefused(OpenPositionsError):
    """A service does not serve what was subscribed to. `code` is its number in the error table of the protocol."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


class ConnectionEnded(OpenPositionsError):
    """A service closed a connection with a `code` that means: do not come back (1008, 4003)."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


class ClientClosed(OpenPositionsError):
    """The client is closed, or lives in another event loop. Make another one."""


class NotInstalled(OpenPositionsError):
    """An optional library is needed for this; the message says which."""


class WaitTimeout(OpenPositionsError):
    """What a test waited for did not happen in time; the message says what was wanted and what was seen."""
