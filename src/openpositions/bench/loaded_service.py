"""Where a benchmark runs: a data directory that goes away afterwards, the service on it, connections to feed it."""

from __future__ import annotations

from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

from openpositions.bench.child import Child, service
from openpositions.bench.credentials import Credentials
from openpositions.bench.feeder import Feeder, connect_feeders
from openpositions.bench.listeners import Listener, Tally, listen, upgrades
from openpositions.errors import Misconfigured

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator

# Eight batches of 256 make the longest commit; as many again collect while it is being synced.
FEEDING_CONNECTIONS = 16

try:
    import resource
except ImportError:  # Windows has no such limits
    resource = None  # type: ignore[assignment]

# Open files of a process besides the sockets that a benchmark opens.
_OTHER_FILES = 200


class LoadedService(NamedTuple):
    """A running service and what is needed to load it."""

    data: Path
    credentials: Credentials
    service: Child
    feeders: list[Feeder]

    async def listen(self, users: Iterable[str], tally: Tally) -> list[Listener]:
        """A subscribed socket for each of these users."""
        return await listen(self.service, upgrades(self.credentials, users), tally)


@contextmanager
def scratch(directory: Path) -> Iterator[Path]:
    """A new directory below one that lies on the disk to be measured."""
    with TemporaryDirectory(prefix="bench-", dir=directory) as path:
        yield Path(path)


@asynccontextmanager
async def loaded_service(
    data: Path, users: Iterable[str] = (), feeding_connections: int = FEEDING_CONNECTIONS
) -> AsyncIterator[LoadedService]:
    """The service on a data directory, with keys for the users that are going to listen."""
    credentials = Credentials(data, users)
    with service(data) as child:
        feeders = await connect_feeders(child, credentials, feeding_connections)
        try:
            yield LoadedService(data, credentials, child, feeders)
        finally:
            for feeder in feeders:
                feeder.close()


def allow_open_files(sockets: int) -> None:
    """Lets this process, and those it starts, open so many sockets. Raises Misconfigured when the system does not."""
    if resource is None:
        return
    needed = sockets + _OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise Misconfigured(
            f"{sockets} sockets need {needed} open files and this system allows {hard}: see `ulimit -Hn`"
        )
    if soft != resource.RLIM_INFINITY and soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
