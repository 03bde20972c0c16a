"""Where settings come from: flags, then variables OPENPOSITIONS_*, then DATA/config.toml, then their defaults."""

from __future__ import annotations

import os
import re
import tomllib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from openpositions.errors import Misconfigured
from openpositions.server.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PREFIX = "OPENPOSITIONS_"
_FIELDS = {field.name: field.type for field in msgspec.structs.fields(Settings) if field.name != "data"}
_find_flags = re.compile("--[a-z-]+").sub
_FORMS = {int: "an integer", float: "a number", bool: "true or false", tuple[str, ...]: "a list of texts"}


class _Stated(NamedTuple):
    """The value of a setting."""

    value: object
    where: str
    """The flag, the variable, or the file and its key."""


@contextmanager
def configured(data: Path, flags: Mapping[str, str | bool]) -> Iterator[Settings]:
    """The settings for a data directory. `flags` holds those that were given.

    A name in the file that is no setting is refused. Among the variables it is not: whoever starts the service, a
    container platform for one, may set others of this prefix. Raises Misconfigured; a complaint about a setting, also
    one that is raised inside, names where that was stated.
    """
    path = data / "config.toml"
    stated = {name: _Stated(value, f"{path}: {name}") for name, value in _read_file(path).items()}
    for name in _FIELDS:
        variable = _PREFIX + name.upper()
        if variable in os.environ:
            stated[name] = _Stated(os.environ[variable], variable)
    for name, flag in flags.items():
        stated[name] = _Stated(flag, _flag(name))
    values: dict[str, Any] = {name: _convert(name, one) for name, one in stated.items()}
    places = {_flag(name): one.where for name, one in stated.items()}
    try:
        yield Settings(data=data, **values)
    except Misconfigured as error:
        raise Misconfigured(_find_flags(lambda found: places.get(found[0], found[0]), str(error))) from error


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


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
    return stated


def _convert(name: str, stated: _Stated) -> object:
    """The value of a setting in its type. A text stands for what it writes; a list is written with commas."""
    wanted = _FIELDS[name]
    value, where = stated
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
