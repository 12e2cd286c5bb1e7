"""schemathesis against the OpenAPI document: no 500, and no answer that the document does not name."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest

schemathesis = pytest.importorskip("schemathesis")

from hypothesis import HealthCheck, given, settings  # noqa: E402
from hypothesis.errors import Unsatisfiable  # noqa: E402

PATIENT = settings(
    max_examples=12, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
ROUTES = 10


def operations(client: Any) -> Iterator[Any]:
    for found in schemathesis.openapi.from_asgi("/openapi.json", client.app).get_all_operations():
        yield found.ok()


def test_every_answer_is_one_the_document_names(client: Any) -> None:
    from schemathesis.specs.openapi import checks as documented

    checks = [
        schemathesis.checks.not_a_server_error,
        documented.status_code_conformance,
        documented.content_type_conformance,
        documented.response_schema_conformance,
    ]
    seen = []
    for operation in operations(client):
        for mode in schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE:

            @PATIENT
            @given(case=operation.as_strategy(generation_mode=mode))
            def look(case: Any) -> None:
                case.call_and_validate(checks=checks)

            with contextlib.suppress(Unsatisfiable):  # nothing can be wrong about a route that takes nothing
                look()
        seen.append(operation.label)
    assert len(seen) >= ROUTES
