"""Requests made up from our own document: no 500, and every answer is one the document names."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from backoffice.wsgi import application
from tests.api.conftest import Api

CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
EXAMPLES_PER_OPERATION = 15
DOCUMENT: Any = schemathesis.openapi.from_wsgi("/api/schema/?format=json", application)
OPERATIONS = [found.ok() for found in DOCUMENT.get_all_operations()]


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_made_up_requests_are_answered_as_the_document_says(api: Api, wsgi: Any, operation: Any, mode: Any) -> None:
    """Send right requests and wrong ones (mode) to one operation."""

    @settings(
        max_examples=EXAMPLES_PER_OPERATION,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def answers(case: Any) -> None:
        answer = case.call(headers={"Authorization": f"Bearer {api.key}"})
        case.validate_response(answer, checks=CHECKS)

    answers()
