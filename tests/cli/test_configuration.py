"""Where settings come from: flags, then variables, then DATA/config.toml."""

from pathlib import Path

import msgspec
import pytest

from openpositions.cli.configuration import load_settings
from openpositions.cli.setting_flags import with_setting_flags
from openpositions.errors import Misconfigured
from openpositions.server.settings import Settings


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


def test_every_setting_has_a_flag() -> None:
    """And every flag a setting."""

    def command(flags: dict[str, str | bool]) -> None:
        pass

    flags = with_setting_flags(command).__annotations__.keys()

    assert flags == {field.name for field in msgspec.structs.fields(Settings)} - {"data"}
