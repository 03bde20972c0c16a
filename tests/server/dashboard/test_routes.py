"""The page and its files over HTTP: anybody may have them, nobody may have anything else."""

from __future__ import annotations

import gzip
from http.client import HTTPConnection
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestClient, TestServer

from openpositions.server.app import control_app
from openpositions.server.dashboard.files import PageFiles, find_chart_library
from openpositions.server.dashboard.routes import routes
from openpositions.server.service import running
from openpositions.server.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from openpositions.testing.sandbox_server import SandboxServer


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    """Somebody without a key, who takes bodies as they come."""
    async with ClientSession(auto_decompress=False) as session:
        yield session


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/", "text/html"),
        ("/dashboard/main.js", "text/javascript"),
        ("/dashboard/page.css", "text/css"),
        ("/dashboard/icon.svg", "image/svg+xml"),
        ("/dashboard/about.json", "application/json"),
        ("/dashboard/plotly.min.js", "text/javascript"),
    ],
)
async def test_files_are_served_to_anybody(
    openpositions_server: SandboxServer, session: ClientSession, path: str, media_type: str
) -> None:
    """Without a signature, and as what they are: a browser may not take them for anything else."""
    async with session.get(openpositions_server.url + path) as response:
        assert response.status == 200
        assert response.content_type == media_type
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"


async def test_policy_lets_the_page_talk_to_its_service_only(
    openpositions_server: SandboxServer, session: ClientSession
) -> None:
    """No inline script or style, nothing from or to elsewhere, and within no other page."""
    async with session.get(openpositions_server.url) as response:
        policy = response.headers["Content-Security-Policy"].split("; ")

    assert policy == [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]


async def test_unchanged_file_is_not_sent_again(openpositions_server: SandboxServer, session: ClientSession) -> None:
    """The browser keeps it, and asks each time whether it is still the same: a new version is seen at once."""
    address = f"{openpositions_server.url}/dashboard/main.js"
    async with session.get(address) as first:
        etag = first.headers["ETag"]
        assert first.headers["Cache-Control"] == "no-cache"

    async with session.get(address, headers={"If-None-Match": etag}) as again:
        assert (again.status, await again.read(), again.headers["ETag"]) == (304, b"", etag)
    async with session.get(address, headers={"If-None-Match": '"of another version"'}) as changed:
        assert changed.status == 200


async def test_compressed_for_whoever_takes_it(openpositions_server: SandboxServer, session: ClientSession) -> None:
    """The same bytes, under a tag of their own."""
    address = f"{openpositions_server.url}/dashboard/table.js"
    async with session.get(address, headers={"Accept-Encoding": "identity"}) as whole:
        plain, plain_tag = await whole.read(), whole.headers["ETag"]
        assert "Content-Encoding" not in whole.headers
    async with session.get(address, headers={"Accept-Encoding": "gzip, br"}) as compressed:
        assert compressed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(await compressed.read()) == plain
        assert compressed.headers["ETag"] != plain_tag


@pytest.mark.parametrize("path", ["/", "/dashboard/main.js"])
async def test_head_is_answered_and_nothing_else(
    openpositions_server: SandboxServer, session: ClientSession, path: str
) -> None:
    """HEAD has the headers of GET; other methods are told so."""
    address = openpositions_server.url + path
    async with session.get(address) as got, session.head(address) as response:
        assert (response.status, await response.read()) == (200, b"")
        assert response.headers["ETag"] == got.headers["ETag"]
    for method in ("POST", "PUT", "DELETE"):
        async with session.request(method, address) as refused:
            assert (refused.status, refused.headers["Allow"]) == (405, "GET,HEAD")


@pytest.mark.parametrize(
    "path",
    [
        "/dashboard/",
        "/dashboard/nothing.js",
        "/dashboard/index.html/",
        "/dashboard/page/main.js",
        "/dashboard/__init__.py",
        "/dashboard/../files.py",
        "/dashboard/..%2ffiles.py",
        "/dashboard/%2e%2e/files.py",
        "/dashboard/..%5cfiles.py",
        "/dashboard//etc/passwd",
        "/dashboard/%2fetc%2fpasswd",
        "/dashboard/main.js%00",
        "/dashboard/../v1/keys",
        "/dashboard/%2e%2e/v1/keys",
    ],
)
def test_nothing_else_is_found(openpositions_server: SandboxServer, path: str) -> None:
    """Only names of the table are: a path is never put together from what was asked for."""
    parts = urlsplit(openpositions_server.url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    connection.request("GET", path)  # as it stands: libraries tidy paths up
    response = connection.getresponse()
    body = response.read()
    connection.close()

    assert response.status == 404
    assert body == b'{"error":{"code":"not_found","message":"404: Not Found"}}'


async def test_other_paths_want_a_signature_as_before(
    openpositions_server: SandboxServer, session: ClientSession
) -> None:
    """That the page is free does not make its neighbours so."""
    for path in ("/v1/keys", "/dashboard", "/dashboards/main.js", "//", "/index.html"):
        async with session.get(openpositions_server.url + path) as response:
            assert response.status == 401, path


async def test_without_the_extra_there_is_a_page_and_no_library() -> None:
    """And the page is told so before it asks for the library."""
    app = web.Application()
    app.add_routes(routes(PageFiles(None)))
    async with TestClient(TestServer(app)) as client:
        statuses = [(await client.get(path)).status for path in ("/", "/dashboard/main.js", "/dashboard/plotly.min.js")]
        about = await (await client.get("/dashboard/about.json")).json()

    assert statuses == [200, 200, 404]
    assert (about["charts"], about["chart_style_ids"]) == (False, [])


def test_extra_is_found() -> None:
    """It is installed here: the wheel of plotly ships the library."""
    library = find_chart_library()

    assert library is not None
    assert library.read_bytes().startswith(b"/**\n* plotly.js v")


async def test_owner_of_the_directory_is_served_none(tmp_path: Path) -> None:
    """The control socket is for the command line."""
    async with (
        running(Settings(data=tmp_path / "data")) as service,
        TestClient(TestServer(control_app(service))) as client,
    ):
        assert (await client.get("/")).status == 404
