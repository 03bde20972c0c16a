"""The files that the page is made of, and the chart library where it is installed: a fixed table, read when asked."""

from __future__ import annotations

import gzip
import hashlib
import re
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

PAGE = "index.html"
CHART_LIBRARY = "plotly.min.js"
ABOUT = "about.json"

_MEDIA_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}

# The library brings the styles of its maps along, and puts each into the page unless an element has this id.
_STYLE_ID = re.compile(rb'getElementById\("([0-9a-f]{64})"\)')

# Below, a header costs about what compression saves.
_LEAST_COMPRESSED_BYTES = 1_024


class About(msgspec.Struct):
    """What the page has to know of the service before anybody signed in."""

    version: str
    charts: bool
    """Whether the chart library is there."""
    chart_style_ids: list[str]
    """Ids of the styles that it would put into the page, which no page of ours allows and no chart of ours needs."""


class PageFile(NamedTuple):
    """A file as it is served."""

    body: bytes
    compressed: bytes | None
    """By gzip; None where that gains nothing."""
    media_type: str
    digest: str
    """Changes with the content."""


class PageFiles:
    """What can be asked for, by name. Each file is read once, when it is first asked for, and kept."""

    def __init__(self, chart_library: Path | None) -> None:
        page = files(__package__).joinpath("page")
        self._sources: dict[str, Traversable] = {
            source.name: source for source in page.iterdir() if Path(source.name).suffix in _MEDIA_TYPES
        }
        if chart_library is not None:
            self._sources[CHART_LIBRARY] = chart_library
        self._chart_library = chart_library
        self._read: dict[str, PageFile] = {}

    def __contains__(self, name: str) -> bool:
        return name == ABOUT or name in self._sources

    def known(self, name: str) -> PageFile | None:
        """A file that was read before; None while it was not."""
        return self._read.get(name)

    def read(self, name: str) -> PageFile:
        """A file, read and compressed: some 0.2 s of a core for the chart library, so call it in a thread."""
        body = self._about() if name == ABOUT else self._sources[name].read_bytes()
        compressed = gzip.compress(body, compresslevel=6, mtime=0) if len(body) >= _LEAST_COMPRESSED_BYTES else None
        digest = hashlib.sha256(body).hexdigest()[:32]
        self._read[name] = PageFile(body, compressed, _MEDIA_TYPES[Path(name).suffix], digest)
        return self._read[name]

    def _about(self) -> bytes:
        library = b"" if self._chart_library is None else self._chart_library.read_bytes()
        style_ids = sorted({style_id.decode() for style_id in _STYLE_ID.findall(library)})
        return msgspec.json.encode(About(version("openpositions"), self._chart_library is not None, style_ids))


def find_chart_library() -> Path | None:
    """Plotly.js, which the wheel of `plotly` ships; None where the extra `dashboard` is not installed.

    The package is found and not imported: that would take longer than all the rest of a start.
    """
    spec = find_spec("plotly")
    for place in (spec and spec.submodule_search_locations) or ():
        library = Path(place, "package_data", CHART_LIBRARY)
        if library.is_file():
            return library
    return None


@cache
def installed_files() -> PageFiles:
    """Those of this installation, shared by every service of the process."""
    return PageFiles(find_chart_library())
