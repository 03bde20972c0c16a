"""Where settings come from: flags, then variables OPENPOSITIONS_*, then DATA/config.toml, then their defaults."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from openpositions.errors import Misconfigured
from openpositions.server.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

_PREFIX = "OPENPOSITIONS_"
_FIELDS = {field.name: field.type for field in msgspec.structs.fields(Settings) if field.name != "data"}
_FORMS = {int: "an integer", float: "a number", bool: "true or false", tuple[str, ...]: "a list of texts"}


def load_settings(data: Path, flags: Mapping[str, str | bool]) -> Settings:
    """The settings for a data directory. `flags` holds those that were given.

    A name in the file that is no setting is refused. Among the variables it is not: whoever starts the service, a
    container platform for one, may set others of this prefix. Raises Misconfigured.
    """
    from_file = _read_file(data / "config.toml")
    from_environment: dict[str, Any] = {
        name: _convert(name, text, f"{_PREFIX}{name.upper()}")
        for name in _FIELDS
        if (text := os.environ.get(_PREFIX + name.upper())) is not None
    }
    from_flags: dict[str, Any] = {
        name: _convert(name, value, f"--{name.replace('_', '-')}") for name, value in flags.items()
    }
    return Settings(data=data, **(from_file | from_environment | from_flags))


def _read_file(path: Path) -> dict[str, Any]:
    try:
        stated = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{path} is not TOML: {error}") from None
    for name in stated:
        if name not in _FIELDS:
            raise Misconfigured(f"{path} sets {name!r}, which is no setting; there are {', '.join(_FIELDS)}")
    return {name: _convert(name, value, f"{path}: {name}") for name, value in stated.items()}


def _convert(name: str, value: object, where: str) -> object:
    """The value of a setting in its type. A text stands for what it writes; a list is written with commas."""
    wanted = _FIELDS[name]
    if isinstance(value, str) and wanted == tuple[str, ...]:
        value = [part.strip() for part in value.split(",") if part.strip()]
    try:
        return msgspec.convert(value, wanted, strict=False, dec_hook=_path)
    except msgspec.ValidationError:
        raise Misconfigured(f"{where} must be {_FORMS.get(wanted, 'a text')}, not {value!r}") from None


def _path(_: type, value: object) -> Path:
    """The only type of a setting that msgspec does not know."""
    if not isinstance(value, str):
        raise TypeError
    return Path(value)
