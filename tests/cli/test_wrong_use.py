"""What a command says to wrong use: one line that says what to do, and exit code 2."""

import shlex
from pathlib import Path

import pytest

from openpositions.cli import run
from tests.cli.commands import program


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATA", "URL", "KEY_ID", "KEY_FILE"):
        monkeypatch.delenv(f"OPENPOSITIONS_{name}", raising=False)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ("", "Missing command. (see `openpositions --help`)"),
        ("fly", "No such command 'fly'. (see `openpositions --help`)"),
        ("serve --data x --speed 1", "No such option: --speed (see `openpositions --help`)"),
        ("serve --data x --port many", "--port must be an integer, not 'many'"),
        ("serve --data x --host 0.0.0.0", "--host 0.0.0.0 is reachable from other machines: "),
        ("ingest -", "give --data DIR, or --url URL with --key-id and --key-file"),
        ("ingest - --data x --url http://x", "give --data or --url, not both"),
        ("ingest - --url http://x", "--url needs --key-id and --key-file, to sign what is asked"),
        ("ingest - --url localhost:8080", "--url must begin with http:// or https://, not be 'localhost:8080'"),
        ("ingest - --url http://x/y --key-id a --key-file k", "--url must be that of a service and nothing below it, "),
        (
            "positions --url http://x:99999 --key-id a --key-file k",
            "--url must look like https://HOST or http://HOST:PORT",
        ),
        ("positions --url http://[x --key-id a --key-file k", "--url must look like https://HOST or http://HOST:PORT"),
        ("ingest - --url http://x --key-id a --key-file k", "--key-file k cannot be read: No such file or directory"),
        ("keys add --data x --user a --public-key k", "--public-key k cannot be read: No such file or directory"),
        ("ingest nowhere.ndjson --data x", "nowhere.ndjson cannot be read: No such file or directory"),
        ("ingest - --data x --from kalshi-rest", "--from and --user go together: "),
        ("positions --data x", "--user goes with --data, which needs it; "),
        ("positions --data x --user é", "--user must be 1-128 printable ASCII characters without spaces, "),
        ("positions --data nowhere --user alice", "--data nowhere holds no journal; "),
        ("positions --data x --user ''", "--user must not be '', as a variable is that is not set; "),
        ("positions --data x --user a --ticker ''", "--ticker must not be '', as a variable is that is not set; "),
        ("history --data x --user a --ticker ''", "--ticker must not be '', as a variable is that is not set; "),
        ("history --data x --user a --as-of ''", "--as-of must not be '', as a variable is that is not set; "),
        ("export --data x --user a --ticker ''", "--ticker must not be '', as a variable is that is not set; "),
        ("watch --once --data x --user a --ticker ''", "--ticker must not be '', as a variable is that is not set; "),
        ("positions --data x --user a --subaccount -1", "Invalid value for '--subaccount': "),
        ("export --data x --user a --zone Mars/X", "--zone goes with --year: it says where the year begins and ends"),
        (
            "sandbox replay x --speed 0",
            "Invalid value for '--speed': Input should be greater than or equal to 0.001, not '0' (see ",
        ),
        (
            "sandbox record --out x --seconds -1",
            "Invalid value for '--seconds': Input should be greater than or equal to 0, not '-1' (see ",
        ),
        (
            "sandbox record --out x --frames 0",
            "Invalid value for '--frames': Input should be greater than or equal to 1, not '0' (see ",
        ),
        (
            "positions --data x --user a --subaccount many",
            "Invalid value for '--subaccount': Input should be a valid integer, unable to parse string as an integer, ",
        ),
        ("verify --data nowhere", "--data nowhere holds no journal; "),
        ("keys list --data nowhere", "--data nowhere holds no journal; "),
        (
            "keys add --data x --user a --scopes fly --out k",
            'scopes must be one or more of read, ingest, admin, not "fly"',
        ),
        ("keys add --data x --user a --public-key p --out k", "give --out or --public-key, not both: "),
    ],
)
def test_wrong_use_is_one_line(
    arguments: str, complaint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On stderr, and nothing is made."""
    monkeypatch.chdir(tmp_path)

    code = run(shlex.split(arguments))

    shown = capsys.readouterr()
    assert shown.err.startswith(f"openpositions: {complaint}")
    assert shown.err.count("\n") == 1
    assert (code, shown.out, list(tmp_path.iterdir())) == (2, "", [])


@pytest.mark.parametrize(
    ("key_id", "complaint"),
    [
        ("a", "--key-file x.pem is not a private key in PEM form"),
        ("a\nb", "--key-id must be printable ASCII characters, as the service gave it"),
    ],
)
def test_what_signs_is_named_where_it_cannot(
    key_id: str, complaint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By its option, since that is what the user wrote; what is in the file is not repeated."""
    monkeypatch.chdir(tmp_path)
    Path("x.pem").write_text("no key", encoding="ascii")

    code = run(["positions", "--url", "http://x", "--key-id", key_id, "--key-file", "x.pem"])

    shown = capsys.readouterr().err
    assert shown.startswith(f"openpositions: {complaint}")
    assert (code, shown.count("\n")) == (2, 1)


def test_program_exits_with_the_code() -> None:
    """`python -m openpositions` does what the command does."""
    assert program("fly") == (2, "", "openpositions: No such command 'fly'. (see `openpositions --help`)\n")


@pytest.mark.parametrize(
    "verb",
    [
        "",
        "keys",
        "sandbox",
        "bench",
        "serve",
        "demo",
        "ingest",
        "positions",
        "verify",
        "keys add",
        "keys list",
        "keys revoke",
        "keys import",
        "bench push",
        "bench ingest",
        "bench settle",
        "bench recovery",
        "bench identities",
        "bench idle",
    ],
)
def test_help_has_an_example(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Of the command it belongs to."""
    assert run([*verb.split(), "--help"]) == 0
    assert f"Example: openpositions {verb}" in capsys.readouterr().out
