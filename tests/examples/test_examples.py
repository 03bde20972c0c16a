"""Each example runs as it stands, in an environment with its client and this package, as its reader would run it."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(folder.name for folder in (ROOT / "examples").iterdir() if (folder / "pytest.ini").exists())


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_passes(example: str) -> None:
    """Its own tests, by its own pytest."""
    python = ROOT / ".venv-examples" / example / "bin" / "python"
    if not python.exists():
        pytest.skip(f"there is no environment {example}: `make test` or `make compat` makes it")
    done = subprocess.run(
        [python, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=ROOT / "examples" / example,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout or " xfailed" in done.stdout


def test_every_example_has_a_lock() -> None:
    """Which `make` installs; and no lock is left of one that is gone."""
    assert sorted(lock.stem for lock in (ROOT / "requirements" / "examples").glob("*.lock")) == EXAMPLES
