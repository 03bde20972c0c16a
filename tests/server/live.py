"""The whole service on a port, in the event loop of the test, so that a test can reach into what happens to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

from openpositions.server.keys import NewKey
from openpositions.server.listen import listening
from openpositions.server.sandbox.faults import Faults
from openpositions.server.service import Service, running
from openpositions.server.settings import Settings
from openpositions.wire.signing import PrivateKey, format_public_key
from tests.acceptance.service import Caller


class Live:
    """A service that accepts, and those who call it. One private key signs for everybody, under a key id each."""

    def __init__(self, service: Service, url: str, private_key: PrivateKey) -> None:
        self.service = service
        self.url = url
        parts = urlsplit(url)
        self.host, self.port = parts.hostname or "", parts.port or 0
        self._private_key = private_key

    def caller(self, user_id: str, *scopes: str, subaccount: int | None = None) -> Caller:
        """Somebody with a new key of a user; its scope is `read` unless others are given."""
        key = self.service.keys.add(
            NewKey(
                user_id=user_id,
                scopes=frozenset(scopes or ("read",)),
                public_key=format_public_key(self._private_key.public_key()),
                subaccount=subaccount,
            )
        )
        return Caller(user_id, key.key_id, self._private_key)


@asynccontextmanager
async def live(
    directory: Path, private_key: PrivateKey, *, faults: Faults | None = None, **settings: float
) -> AsyncIterator[Live]:
    """A service on a new data directory, with some settings of its own. With `faults` it is a sandbox."""
    path = directory / "data"
    path.mkdir(mode=0o700)
    made = Settings(data=path, port=0, **settings)  # type: ignore[arg-type]  # each is checked when they are made
    async with running(made, faults) as service, listening(service) as url:
        yield Live(service, url, private_key)
