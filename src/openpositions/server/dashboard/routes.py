"""`GET /` and `/dashboard/NAME`: the page and its files. No signature: they are the same for everybody."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp import web

from openpositions.server.dashboard.files import PAGE, PageFile, PageFiles, installed_files

if TYPE_CHECKING:
    from collections.abc import Mapping

PAGE_PATH = "/"
FILES_PATH = "/dashboard/"

# Nothing is loaded from, sent to or shown within another origin; no inline script or style, no plug-in, no form that
# is sent anywhere.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    # Kept, but asked for again by its digest: a new version is seen at the next load.
    "Cache-Control": "no-cache",
    "Vary": "Accept-Encoding",
}


def is_page(path: str) -> bool:
    """Whether a path is one of the dashboard's, which want no signature; those that name no file of it included."""
    return path == PAGE_PATH or path.startswith(FILES_PATH)


def routes(page_files: PageFiles | None = None) -> list[web.RouteDef]:
    """The routes. They want no caller."""
    table = page_files or installed_files()

    async def page(request: web.Request) -> web.Response:
        return await _serve(table, PAGE, request)

    async def file(request: web.Request) -> web.Response:
        return await _serve(table, request.match_info["name"], request)

    return [web.get(PAGE_PATH, page), web.get(FILES_PATH + "{name}", file)]


async def _serve(table: PageFiles, name: str, request: web.Request) -> web.Response:
    if name not in table:
        raise web.HTTPNotFound
    found = table.known(name)
    if found is None:
        found = await asyncio.to_thread(table.read, name)
    return _response(found, request.headers)


def _response(found: PageFile, asked: Mapping[str, str]) -> web.Response:
    compressed = found.compressed if "gzip" in asked.get("Accept-Encoding", "") else None
    # The two forms are different bytes, so they have different tags (RFC 9110, 8.8.3).
    etag = f'"{found.digest}"' if compressed is None else f'"{found.digest}-gzip"'
    headers = {**_HEADERS, "ETag": etag}
    if etag in asked.get("If-None-Match", ""):
        return web.Response(status=304, headers=headers)
    if compressed is not None:
        headers["Content-Encoding"] = "gzip"
    body = found.body if compressed is None else compressed
    return web.Response(body=body, headers=headers, content_type=found.media_type, charset="utf-8")
