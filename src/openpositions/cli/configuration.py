"""Where settings come from: flags, then variables OPENPOSITIONS_*, then DATA/config.toml, then their defaults."""

from __future__ import annotations

import logging
import os
import re
import tomllib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from openpositions.errors import Misconfigured
from openpositions.server.settings import RENAMED, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

_log = logging.getLogger("openpositions.configuration")

_PREFIX = "OPENPOSITIONS_"
# Variables that stand for options of commands.
_OPTIONS = ("data", "url", "key_id", "key_file")
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

    A name in the file that is no setting is refused; one among the variables is not, see `warn_of_variables`. Raises
    Misconfigured; a complaint about a setting, also one that is raised inside, names where that was stated.
    """
    path = data / "config.toml"
    stated = {name: _Stated(value, f"{path}: {name}") for name, value in _read_file(path).items()}
    _refuse_renamed((name for name in RENAMED if _variable(name) in os.environ), _variable)
    _refuse_renamed(flags, _flag)
    for name in _FIELDS:
        variable = _variable(name)
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


def warn_of_variables() -> None:
    """Logs which variables look like settings and are none: a misspelt limit would be none.

    They are not refused: whoever starts the service, a container platform for one, may set others of this prefix.
    """
    known = {_variable(name) for name in (*_FIELDS, *_OPTIONS)}
    unknown = sorted(name for name in os.environ if name.startswith(_PREFIX) and name not in known)
    if unknown:
        _log.warning("%s: ignored, as no setting has that name", ", ".join(unknown))


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _variable(name: str) -> str:
    return _PREFIX + name.upper()


def _refuse_renamed(names: Iterable[str], form: Callable[[str], str], where: str = "") -> None:
    """Raises Misconfigured for a name of before. `form` writes a name as it is written there."""
    for name in RENAMED.keys() & names:
        raise Misconfigured(f"{where}{form(name)} is now called {form(RENAMED[name])}")


def _read_file(path: Path) -> dict[str, Any]:
    try:
        stated = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{path} is not TOML: {error}") from None
    _refuse_renamed(stated, str, f"{path}: ")
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
