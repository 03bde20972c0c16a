"""`POST /v1/events`: what is taken of a body, and what is not."""

from pathlib import Path

from openpositions.server.auth import Caller
from openpositions.server.routes import ingest
from openpositions.server.service import Service, running
from openpositions.server.settings import Settings
from tests.server.conftest import serving

FEEDER = Caller("key", "feeder", frozenset({"ingest"}), None)
GOOD = b'{"type":"cash","msg":{"cash_id":"c%d","user_id":"alice","amount_dollars":"1.00"}}\n'


async def post(service: Service, body: bytes, query: str = "") -> tuple[int, dict[str, object]]:
    """Status and answer of a post by a feeder."""
    routes = ingest.routes(service.pipeline, service.settings, service.now_ms)
    async with serving(routes, FEEDER) as client, client.post(f"/v1/events{query}", data=body) as response:
        return response.status, await response.json()


async def test_good_lines_are_taken_although_others_are_bad(tmp_path: Path) -> None:
    """A bad line costs only itself, and is named by its number."""
    async with running(Settings(data=tmp_path / "data")) as service:
        status, answer = await post(service, GOOD % 1 + b"x\n" + GOOD % 2)
    rejected = answer.pop("rejected")
    assert (status, answer) == (200, {"accepted": 2, "duplicates": 0, "sequence": 2})
    assert [(one["line"], one["code"]) for one in rejected] == [(2, "invalid_json")]  # type: ignore[attr-defined]


async def test_nothing_of_an_atomic_batch_is_taken_when_a_line_is_bad(tmp_path: Path) -> None:
    """All or none."""
    async with running(Settings(data=tmp_path / "data")) as service:
        _, answer = await post(service, GOOD % 1 + b"x\n", "?atomic=true")
    assert (answer["accepted"], answer["sequence"]) == (0, 0)


async def test_body_of_bad_lines_is_refused_as_a_whole(tmp_path: Path) -> None:
    """Ten thousand lines are explained one by one; beyond that the body is of another kind."""
    async with running(Settings(data=tmp_path / "data")) as service:
        status, answer = await post(service, GOOD % 1 + b"x\n" * 10_001)
        assert service.book.sequence == 0
    assert status == 400
    assert answer["error"]["code"] == "invalid_body"  # type: ignore[index]
