"""The address of the dashboard that `openpositions demo` prints. A browser follows it in tests/server/dashboard."""

from pathlib import Path

from openpositions.cli.demo_link import dashboard_link
from openpositions.server.keys import KeyStore


def test_no_key_leaves_this_machine(tmp_path: Path) -> None:
    """Where others can connect the address has none: whoever opens it signs in with a key of theirs."""
    keys = KeyStore(tmp_path / "keys.db", lambda: 0)
    links = [
        dashboard_link(f"http://{host}:8080", keys, "alice")
        for host in ("0.0.0.0", "192.0.2.7", "desk.example", "[::]", "127.0.0.1", "[::1]")  # noqa: S104 - nothing is bound
    ]
    keys.close()

    assert links[:4] == [
        "http://0.0.0.0:8080/",
        "http://192.0.2.7:8080/",
        "http://desk.example:8080/",
        "http://[::]:8080/",
    ]
    assert links[4].startswith("http://127.0.0.1:8080/#key_id=")
    assert links[5].startswith("http://[::1]:8080/#key_id=")
    assert all(len(link) < 200 for link in links)
