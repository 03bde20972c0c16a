"""Refusals over HTTP."""

import pytest

from openpositions.wire.rest.errors import code_of_status


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "bad_request"),
        (405, "method_not_allowed"),
        (413, "content_too_large"),
        (414, "uri_too_long"),
        (416, "range_not_satisfiable"),
        (422, "unprocessable_content"),
        (431, "request_header_fields_too_large"),
        (503, "service_unavailable"),
        (599, "rejected"),
    ],
)
def test_code_is_the_name_of_the_status(status: int, code: str) -> None:
    """The same on every Python, some of which have older names."""
    assert code_of_status(status) == code
