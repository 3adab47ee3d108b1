"""Does the service keep its schema? schemathesis tries every route with what fits it and what nearly does.

    python -m bench.schema.run --examples 200

Prints each route with what is wrong with it, and exits with 1 when anything is: a 5xx; a status, media type or body
that the schema does not describe. tests/web/test_schema.py is the same with few examples.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

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

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@contextmanager
def api_over(folder: Path) -> Iterator[schemathesis.BaseSchema]:
    """The schema of a server that answers from one small document."""
    (folder / "docs").mkdir()
    (folder / "docs" / "router.md").write_text(ROUTER, "utf-8")
    runtime = Runtime(Settings(_env_file=None, index_dir=folder / "indexes", reranker="none"))
    runtime.bring_in("default", folder / "docs", (), lambda: False)
    with served(runtime) as base:
        yield schemathesis.openapi.from_url(f"{base}/openapi.json")


def tried(operation: schemathesis.APIOperation, examples: int) -> str:
    """What is wrong with one route; empty when nothing is."""

    @given(case=operation.as_strategy())
    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def answers(case: schemathesis.Case) -> None:
        case.call_and_validate(checks=CHECKS, timeout=30)

    try:
        answers()
    except (Exception, FailureGroup) as failure:  # noqa: BLE001  # every route is looked at before any is reported
        return f"{failure} {getattr(failure, 'exceptions', '')}"
    return ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--examples", type=int, default=200, help="examples of each route")
    wanted = parser.parse_args()
    wrong = 0
    with tempfile.TemporaryDirectory() as folder, api_over(Path(folder)) as api:
        for found in api.get_all_operations():
            operation = found.ok()
            begun = perf_counter()
            failure = tried(operation, wanted.examples)
            wrong += bool(failure)
            print(
                f"{'wrong' if failure else 'ok':>5}  {perf_counter() - begun:6.1f} s  {operation.label}",
                flush=True,
            )
            if failure:
                print(failure)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
