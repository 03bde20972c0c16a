"""Which pages may use tickets."""

import socket

import pytest
from aiohttp.test_utils import make_mocked_request

from openpositions.errors import Misconfigured
from openpositions.server.origin import Origins


@pytest.mark.parametrize(
    ("origin", "scheme", "host"),
    [
        ("http://127.0.0.1:8080", "http", "127.0.0.1:8080"),
        ("https://positions.example.com", "https", "positions.example.com"),
        ("https://positions.example.com", "https", "positions.example.com:443"),
        ("https://Positions.Example.com:443", "https", "positions.example.com"),
        ("http://[::1]:8080", "http", "[::1]:8080"),
    ],
)
def test_page_of_the_service_itself_is_let_through(origin: str, scheme: str, host: str) -> None:
    """Same scheme, host and port, however they are written."""
    assert Origins().allow(origin, scheme, host)


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "https://positions.example.com.evil.example",
        "http://positions.example.com",
        "https://positions.example.com:8443",
        "https://other.example.com",
        "null",
        "",
        "https://",
        "https://positions.example.com/",
        "https://positions.example.com@evil.example",
        "https://evil.example#positions.example.com",
        "ftp://positions.example.com",
        "https://positions.example.com:x",
        "https://positions.example.com, https://evil.example",
        "\udce9",
    ],
)
def test_page_of_another_origin_is_refused(origin: str) -> None:
    """Another scheme, host or port, and whatever is no origin."""
    assert not Origins().allow(origin, "https", "positions.example.com")


def test_page_on_the_list_is_let_through() -> None:
    """The operator's own site, say."""
    origins = Origins(["https://desk.example.com", "http://localhost:3000"])

    assert origins.allow("https://desk.example.com:443", "https", "positions.example.com")
    assert origins.allow("http://localhost:3000", "https", "positions.example.com")
    assert not origins.allow("http://localhost:3001", "https", "positions.example.com")


def test_program_that_is_no_browser_is_let_through() -> None:
    """It sends no Origin, and has nobody to be protected from."""
    assert Origins().allow(None, "https", "positions.example.com")


def test_request_without_a_usable_host_is_of_no_origin() -> None:
    """A Host header can hold anything."""
    assert not Origins().allow("https://positions.example.com", "https", "")


def test_request_without_a_host_is_judged_without_a_name_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking up what this machine is called may take seconds, in which nobody would be served."""
    monkeypatch.setattr(socket, "getfqdn", lambda: pytest.fail("the name of this machine was looked up"))
    request = make_mocked_request("GET", "/", headers={"Origin": "https://positions.example.com"})
    assert not Origins().allow_request(request)


@pytest.mark.parametrize(
    "origin", ["desk.example.com", "*", "https://*.example.com", "https://desk.example.com/app", ""]
)
def test_list_with_something_else_is_refused(origin: str) -> None:
    """At the start, not when the first page is refused. There are no wildcards."""
    with pytest.raises(Misconfigured, match=r"is not of the form https://example\.com"):
        Origins([origin])
