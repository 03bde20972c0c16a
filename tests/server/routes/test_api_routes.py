"""Which documents a service has of itself."""

from pathlib import Path

from aiohttp.test_utils import TestClient, TestServer

from openpositions.server.app import public_app
from openpositions.server.service import running
from openpositions.server.settings import Settings


async def test_service_describes_no_path_of_a_sandbox(tmp_path: Path) -> None:
    """The document is of what is served: without `--sandbox` there are no faults in it."""
    async with (
        running(Settings(data=tmp_path / "data")) as service,
        TestClient(TestServer(public_app(service))) as client,
    ):
        document = await (await client.get("/openapi.json")).json()

    assert "/v1/events" in document["paths"]
    assert "/v1/faults" not in document["paths"]
