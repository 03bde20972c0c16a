"""Signatures as a page states them, held against those of the code."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple


class Parameter(NamedTuple):
    """One of them; a page leaves out a default of None."""

    name: str
    is_named: bool
    default: object


def stated(page: str) -> Iterator[tuple[str, list[Parameter]]]:
    """Every `name(parameters)` in the first column of a table of the page; some rows have several."""
    for cell in re.findall(r"^\| (`\w+\(.*?`) \|", page, re.MULTILINE):
        for name, inside in re.findall(r"`(\w+)\((.*?)\)`", cell):
            if "…" not in inside and "{" not in inside:
                yield name, _parse(inside)


def of_code(function: Callable[..., Any]) -> list[Parameter]:
    """Those of a function, `self` left out."""
    return [
        Parameter(
            one.name,
            one.kind is inspect.Parameter.KEYWORD_ONLY,
            None if one.default is inspect.Parameter.empty else one.default,
        )
        for one in inspect.signature(function).parameters.values()
        if one.name != "self"
    ]


def _parse(inside: str) -> list[Parameter]:
    (function,) = ast.parse(f"def f({inside}): ...").body
    assert isinstance(function, ast.FunctionDef)
    plain, named = function.args.args, function.args.kwonlyargs
    defaults = [None] * (len(plain) - len(function.args.defaults)) + [*function.args.defaults]
    every = [*zip(plain, defaults, strict=True), *zip(named, function.args.kw_defaults, strict=True)]
    return [
        Parameter(one.arg, one in named, None if default is None else ast.literal_eval(default))
        for one, default in every
    ]
