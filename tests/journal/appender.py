"""A program that appends entries for ever, each batch in a commit, and says the head after each: DIRECTORY SEED.

With MEGABYTES as a third argument no file may become larger; it then says why an append failed, and the one after it.
"""

import asyncio
import random
import resource
import sys
from pathlib import Path

from openpositions.errors import JournalError
from openpositions.journal.directory import open_directory
from openpositions.journal.lock import DirectoryLock
from tests.journal.stored import fills_from


async def append_for_ever(directory: Path, seed: int) -> None:
    """Ends by being killed, or by a failure."""
    sizes = random.Random(seed)
    with DirectoryLock(directory) as lock:
        async with open_directory(lock) as (journal, _):
            while True:
                batch = fills_from(journal.head + 1, sizes.randrange(1, 100))
                try:
                    await journal.append(batch)
                except JournalError as first:
                    sys.stdout.write(f"{type(first).__name__} {first}\n")
                    try:
                        await journal.append(batch)
                    except JournalError as second:
                        sys.stdout.write(f"{type(second).__name__} {second}\n")
                    return
                sys.stdout.write(f"{journal.head}\n")
                sys.stdout.flush()


if __name__ == "__main__":
    if len(sys.argv) > 3:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]) << 20,) * 2)
    asyncio.run(append_for_ever(Path(sys.argv[1]), int(sys.argv[2])))
