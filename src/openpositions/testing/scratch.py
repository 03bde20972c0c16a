"""Where what goes away after a test is kept meanwhile."""

import os
from pathlib import Path
from shutil import disk_usage
from tempfile import gettempdir

# Of memory, so that a burst of a test does not fill what other programs share.
_FREE_BYTES = 256 * 1024 * 1024
_MEMORY = Path("/dev/shm")  # noqa: S108 - a new directory is made in it, which only its owner can open


def quickest_place() -> Path:
    """A file system in memory, where one is there and has room: what is thrown away need not reach a disk."""
    try:
        if os.access(_MEMORY, os.W_OK) and disk_usage(_MEMORY).free >= _FREE_BYTES:
            return _MEMORY
    except OSError:
        pass
    return Path(gettempdir())
