"""The machine that a benchmark ran on, without which no figure means anything."""

import os
import platform
import sqlite3
import subprocess
from pathlib import Path

import msgspec


class Machine(msgspec.Struct, frozen=True):
    """What the figures depend on besides the code."""

    cpu: str
    cores: int
    python: str
    sqlite: str
    kernel: str
    filesystem: str
    """Of the directory that was written to: on tmpfs a sync costs nothing and proves nothing."""


def this_machine(directory: Path) -> Machine:
    """What this machine is, and the file system of a directory on it."""
    return Machine(
        cpu=_cpu(),
        cores=os.cpu_count() or 1,
        python=f"{platform.python_implementation()} {platform.python_version()}",
        sqlite=sqlite3.sqlite_version,
        kernel=f"{platform.system()} {platform.release()}",
        filesystem=_filesystem(directory),
    )


def resident_kb(pid: int) -> int:
    """Memory of a process that is in RAM, in kB."""
    status = Path(f"/proc/{pid}/status")
    if status.exists():
        return int(_value_of("VmRSS", status).removesuffix("kB"))
    # Systems without /proc have `ps`; slim Linux images have it the other way round.
    return int(subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, check=True).stdout)  # noqa: S603, S607 - a number is all that varies


def _cpu() -> str:
    return _value_of("model name", Path("/proc/cpuinfo")) or platform.processor() or platform.machine()


def _value_of(name: str, path: Path) -> str:
    """The value of the first line `name : value`; empty when there is none."""
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            key, colon, value = line.partition(":")
            if colon and key.strip() == name:
                return value.strip()
    return ""


def _filesystem(directory: Path) -> str:
    """The type of the file system that holds a directory, as the mount nearest to it says."""
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return "unknown"
    types = {
        fields[1]: fields[2] for line in mounts.read_text(encoding="utf-8").splitlines() if (fields := line.split())
    }
    resolved = directory.resolve()
    return next((types[str(path)] for path in (resolved, *resolved.parents) if str(path) in types), "unknown")
