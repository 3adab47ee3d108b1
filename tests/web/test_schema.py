"""The schema is true: whatever fits it or nearly fits it is answered as it says, and nothing makes a 5xx.

RAGCHAT_SCHEMA_EXAMPLES asks for more examples of each route than the default run makes.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from ragchat.runtime.runtime import Runtime
from ragchat.settings import Settings
from tests.support.serving import ROUTER, served

EXAMPLES = int(os.environ.get("RAGCHAT_SCHEMA_EXAMPLES", "4"))
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[schemathesis.BaseSchema]:
    """The schema of a server that answers from one small document."""
    folder: Path = tmp_path_factory.mktemp("schema")
    (folder / "docs").mkdir()
    (folder / "docs" / "router.md").write_text(ROUTER, "utf-8")
    runtime = Runtime(Settings(_env_file=None, index_dir=folder / "indexes", reranker="none"))
    runtime.bring_in("default", folder / "docs", (), lambda: False)
    with served(runtime) as base:
        yield schemathesis.openapi.from_url(f"{base}/openapi.json")


def test_every_route_answers_as_the_schema_says(api: schemathesis.BaseSchema) -> None:
    wrong: list[str] = []
    for found in api.get_all_operations():
        operation = found.ok()
        try:
            _tried(operation)
        except (Exception, FailureGroup) as failure:  # noqa: BLE001  # all routes are looked at before any is reported
            wrong.append(f"{operation.label}: {failure} {getattr(failure, 'exceptions', '')}")
    assert not wrong, "\n\n".join(wrong)


def _tried(operation: schemathesis.APIOperation) -> None:
    @given(case=operation.as_strategy())
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def answers(case: schemathesis.Case) -> None:
        case.call_and_validate(checks=CHECKS, timeout=30)

    answers()
