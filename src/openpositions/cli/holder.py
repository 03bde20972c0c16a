"""Which process holds a data directory, as far as the system tells."""

from __future__ import annotations

import os
from pathlib import Path

_LOCKS = Path("/proc/locks")


def holder_of(data: Path) -> str:
    """For people: the process by its number, or only that there is one."""
    try:
        status = (data / "lock").stat()
        lines = _LOCKS.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError):
        return "a process"
    # "1: FLOCK  ADVISORY  WRITE 4711 fd:01:1180 0 EOF", where the file is its device and its inode.
    file = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}"
    for line in lines:
        match line.split():
            case [_, "FLOCK", _, "WRITE", process_id, where, *_] if where == file:
                return f"process {process_id}"
    return "a process"
