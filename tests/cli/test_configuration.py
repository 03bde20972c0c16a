"""Where settings come from: flags, then variables, then DATA/config.toml."""

from pathlib import Path

import msgspec
import pytest

from openpositions.cli.configuration import configured, warn_of_variables
from openpositions.cli.setting_flags import with_setting_flags
from openpositions.errors import Misconfigured
from openpositions.server.settings import RENAMED, Settings
from tests.cli.commands import openpositions, program


def load_settings(data: Path, flags: dict[str, str | bool]) -> Settings:
    """What counts."""
    with configured(data, flags) as settings:
        return settings


def configure(data: Path, text: str) -> None:
    """Writes the file."""
    (data / "config.toml").write_text(text, encoding="utf-8")


def test_defaults_without_anything(tmp_path: Path) -> None:
    """Only the directory has to be named."""
    assert load_settings(tmp_path, {}) == Settings(data=tmp_path)


def test_file_wins_over_defaults(tmp_path: Path) -> None:
    """Numbers, texts, flags and lists of the file count."""
    configure(tmp_path, 'port = 9\nwire = "2026"\ninsecure = true\nallowed_origins = ["https://a", "https://b"]')

    assert load_settings(tmp_path, {}) == Settings(
        data=tmp_path, port=9, wire="2026", insecure=True, allowed_origins=("https://a", "https://b")
    )


def test_variables_win_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the file says besides still counts."""
    configure(tmp_path, 'port = 9\nwire = "2026"')
    monkeypatch.setenv("OPENPOSITIONS_PORT", "10")

    assert load_settings(tmp_path, {}) == Settings(data=tmp_path, port=10, wire="2026")


def test_flags_win_over_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the variables say besides still counts."""
    monkeypatch.setenv("OPENPOSITIONS_PORT", "10")
    monkeypatch.setenv("OPENPOSITIONS_ALLOWED_ORIGINS", "https://a, https://b")

    assert load_settings(tmp_path, {"port": "11"}) == Settings(
        data=tmp_path, port=11, allowed_origins=("https://a", "https://b")
    )


def test_files_are_named_by_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever they are named."""
    configure(tmp_path, 'tls_cert = "cert.pem"')
    monkeypatch.setenv("OPENPOSITIONS_TLS_KEY", "key.pem")

    assert load_settings(tmp_path, {}) == Settings(data=tmp_path, tls_cert=Path("cert.pem"), tls_key=Path("key.pem"))


def test_unknown_name_in_the_file_is_refused(tmp_path: Path) -> None:
    """By its name: a misspelt limit would otherwise be none."""
    configure(tmp_path, "conections = 5")

    with pytest.raises(
        Misconfigured, match=r"config\.toml sets 'conections', which is no setting; there are host, port"
    ):
        load_settings(tmp_path, {})


def test_variable_that_is_no_setting_is_let_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Container platforms set variables named after services."""
    monkeypatch.setenv("OPENPOSITIONS_SERVICE_HOST", "10.0.0.1")

    assert load_settings(tmp_path, {}) == Settings(data=tmp_path)


def test_variables_that_are_no_settings_are_warned_of(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """In one line, by name and without the value: one may be a limit that is misspelt."""
    for name in ("SERVICE_HOST", "CONECTIONS"):
        monkeypatch.setenv(f"OPENPOSITIONS_{name}", "10")

    warn_of_variables()

    (line,) = caplog.messages
    assert line == ("OPENPOSITIONS_CONECTIONS, OPENPOSITIONS_SERVICE_HOST: ignored, as no setting has that name")


def test_variables_that_are_used_are_not_warned_of(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither settings nor the options of commands, nor whatever belongs to others."""
    for name in ("OPENPOSITIONS_PORT", "OPENPOSITIONS_DATA", "OPENPOSITIONS_KEY_FILE", "OPENPOSITION_X"):
        monkeypatch.setenv(name, "10")

    warn_of_variables()

    assert caplog.messages == []


def test_service_warns_of_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it logs everything, before it listens."""
    monkeypatch.setenv("OPENPOSITIONS_CONECTIONS", "10")
    # It ends at once, as it cannot listen there.
    configure(tmp_path, f'tls_cert = "{tmp_path}/none.pem"\ntls_key = "{tmp_path}/none.pem"')

    done = program("serve", "--data", tmp_path, "--port", 0)

    (warning,) = [line for line in done.err.splitlines() if "OPENPOSITIONS_CONECTIONS" in line]
    assert msgspec.json.decode(warning)["level"] == "warning"


@pytest.mark.parametrize(
    ("text", "variables", "arguments", "complaint"),
    [
        ("bodies_bytes = 9", {}, (), "{data}/config.toml: bodies_bytes is now called bodies_in_memory_bytes\n"),
        (
            "",
            {"OPENPOSITIONS_BODIES_BYTES": "9"},
            (),
            "OPENPOSITIONS_BODIES_BYTES is now called OPENPOSITIONS_BODIES_IN_MEMORY_BYTES\n",
        ),
        ("", {}, ("--bodies-bytes", 9), "--bodies-bytes is now called --bodies-in-memory-bytes\n"),
    ],
    ids=["file", "variable", "flag"],
)
def test_name_of_before_is_refused_with_the_name_of_now(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    text: str,
    variables: dict[str, str],
    arguments: tuple[str | int, ...],
    complaint: str,
) -> None:
    """As it is written there, wherever it was stated."""
    configure(tmp_path, text)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    done = openpositions("serve", "--data", tmp_path, *arguments)

    assert (done.code, done.err) == (2, "openpositions: " + complaint.format(data=tmp_path))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('port = "x"', r"config\.toml: port must be an integer, not 'x'"),
        ("ping_seconds = [1]", r"config\.toml: ping_seconds must be a number, not \[1\]"),
        ("insecure = 7", r"config\.toml: insecure must be true or false, not 7"),
        ("port = ", r"config\.toml is not TOML: "),
        ("data = 'elsewhere'", r"config\.toml sets 'data', which is no setting"),
    ],
)
def test_bad_file_is_named(tmp_path: Path, text: str, complaint: str) -> None:
    """With the setting, the value and what is allowed."""
    configure(tmp_path, text)

    with pytest.raises(Misconfigured, match=complaint):
        load_settings(tmp_path, {})


def test_bad_variable_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the name it was set under."""
    monkeypatch.setenv("OPENPOSITIONS_PORT", "tcp://10.0.0.1:8080")

    with pytest.raises(Misconfigured, match=r"OPENPOSITIONS_PORT must be an integer, not 'tcp://10\.0\.0\.1:8080'"):
        load_settings(tmp_path, {})


@pytest.mark.parametrize(
    ("file", "variable", "flags", "complaint"),
    [
        ("ping_seconds = 0", {}, {}, "{data}/config.toml: ping_seconds must be 0.01-86400, not 0"),
        ("", {"PING_SECONDS": "0"}, {}, "OPENPOSITIONS_PING_SECONDS must be 0.01-86400, not 0.0"),
        ("ping_seconds = 0", {}, {"ping_seconds": "-1"}, "--ping-seconds must be 0.01-86400, not -1.0"),
        ('wire = "2027"', {}, {}, "{data}/config.toml: wire must be 2025, 2026 or both, not '2027'"),
        (
            "ping_seconds = 40",
            {"PONG_SECONDS": "20"},
            {},
            "OPENPOSITIONS_PONG_SECONDS must be more than {data}/config.toml: ping_seconds 40, not 20: ",
        ),
        ('tls_cert = "c"', {}, {}, "{data}/config.toml: tls_cert and --tls-key go together: give both or neither"),
    ],
)
def test_value_that_cannot_be_served_is_named_where_it_was_stated(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    file: str,
    variable: dict[str, str],
    flags: dict[str, str | bool],
    complaint: str,
) -> None:
    """By file and key, by variable, or by flag."""
    configure(tmp_path, file)
    for name, value in variable.items():
        monkeypatch.setenv(f"OPENPOSITIONS_{name}", value)

    with pytest.raises(Misconfigured) as refused:
        load_settings(tmp_path, flags)

    assert str(refused.value).startswith(complaint.format(data=tmp_path))


def test_complaint_of_the_start_names_the_place_too(tmp_path: Path) -> None:
    """A certificate is read after the settings were made."""
    configure(tmp_path, f'tls_cert = "{tmp_path}/none.pem"\ntls_key = "{tmp_path}/none.pem"')

    done = program("serve", "--data", tmp_path, "--port", 0)

    assert (done.code, done.out) == (2, "")
    assert f"{tmp_path}/config.toml: tls_cert {tmp_path}/none.pem and {tmp_path}/config.toml: tls_key: " in done.err


def test_every_setting_has_a_flag() -> None:
    """And every flag a setting."""

    def command(flags: dict[str, str | bool]) -> None:
        pass

    flags = with_setting_flags(command).__annotations__.keys()

    assert flags - RENAMED.keys() == {field.name for field in msgspec.structs.fields(Settings)} - {"data"}


def test_names_of_before_are_not_shown() -> None:
    """They are of no use but to be refused."""
    done = openpositions("serve", "--help")

    assert ("--bodies-in-memory-bytes" in done.out, "--bodies-bytes" in done.out) == (True, False)
