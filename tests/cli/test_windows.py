"""What Windows lacks keeps nobody from the command line. It is played here by a Python without these modules."""

import subprocess
import sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from openpositions.wire.signing import format_private_key

MISSING = ("uvloop", "resource", "fcntl")


def run_without_them(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs a command in a Python that has none of the modules."""
    program = f"""
import sys
sys.modules.update(dict.fromkeys({MISSING!r}))
from openpositions.cli import app
app()
"""
    return subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, timeout=60, check=False
    )


def test_help_is_shown() -> None:
    """Of every verb, so each of them was loaded."""
    done = run_without_them("--help")

    assert (done.returncode, done.stderr) == (0, "")
    assert "serve" in done.stdout
    assert "bench" in done.stdout


def test_network_is_asked(tmp_path: Path, rsa_key: RSAPrivateKey) -> None:
    """A command for a service elsewhere gets as far as finding that nobody is there."""
    key_file = tmp_path / "key.pem"
    key_file.write_text(format_private_key(rsa_key), encoding="ascii")

    done = run_without_them("positions", "--url", "http://127.0.0.1:1", "--key-id", "k", "--key-file", str(key_file))

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("openpositions: ")
    assert "127.0.0.1:1" in done.stderr


def test_service_says_why_it_cannot_run(tmp_path: Path) -> None:
    """In one line, with what to do instead."""
    done = run_without_them("serve", "--data", str(tmp_path))

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"openpositions: {tmp_path} cannot be locked on Windows, so no service runs on it there;"
        " WSL and containers can\n"
    )
