"""The order flow that benchmarks feed."""

from openpositions.bench.flow import Flow
from openpositions.core.book import Batch, Book
from openpositions.core.outcomes import Verdict
from openpositions.wire.ingest.events import parse_body


def test_bodies_say_what_the_fills_are() -> None:
    """A body of the flow parses to the fills that the same flow gives."""
    (batch,) = Flow(["alice", "bob"], 3).batches(50, 50)

    assert parse_body(batch.body, 0).events == Flow(["alice", "bob"], 3).fills(50)


def test_every_fill_is_new_and_good() -> None:
    """A book accepts every fill of a flow, over several calls."""
    flow = Flow(["alice", "bob"], 3)

    _, (outcomes,) = Book().decide([Batch([*flow.fills(500), *flow.fills(500)])])

    assert outcomes == [Verdict.ACCEPTED] * 1000


def test_the_last_batch_takes_what_is_left() -> None:
    """Batches hold as many fills as were asked for, in all."""
    batches = Flow(["alice"], 1).batches(10, 4)

    assert [len(batch.users) for batch in batches] == [4, 4, 2]
