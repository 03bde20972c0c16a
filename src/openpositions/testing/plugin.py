"""The pytest plugin: the fixture `openpositions_server`, and the frames of a failed test in its report.

pytest imports this module at every start, in projects that never use the fixture too: all else is imported when needed.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openpositions.testing.sandbox_server import SandboxServer

_MARKER = (
    "openpositions(**settings): settings of the service that the fixture openpositions_server starts, "
    'by the names of its flags, as in openpositions(wire="2025")'
)


def pytest_configure(config: pytest.Config) -> None:
    """Makes the marker known."""
    config.addinivalue_line("markers", _MARKER)


@pytest.fixture
def openpositions_server(request: pytest.FixtureRequest) -> Iterator[SandboxServer]:
    """The real service, on a free port and a new journal that goes away after the test."""
    from openpositions.testing.sandbox_server import SandboxServer  # noqa: PLC0415 - see above

    marker = request.node.get_closest_marker("openpositions")
    if marker and marker.args:
        raise pytest.UsageError(
            f"the marker openpositions takes settings by name, as in wire='2025', not {marker.args}"
        )
    with SandboxServer(**(marker.kwargs if marker else {})) as server:
        yield server


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    """Adds what was sent and received to the report of a test that fails, whoever started the server."""
    servers = sys.modules.get("openpositions.testing.sandbox_server")
    if servers is not None:
        transcripts = servers.take_transcripts()
        if call.excinfo is not None:
            for url, transcript in transcripts.items():
                of = f" of {url}" if len(transcripts) > 1 else ""
                item.add_report_section(call.when, f"openpositions frames{of}", transcript)
