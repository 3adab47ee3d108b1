"""The schema is true: whatever fits it or nearly fits it is answered as it says, and nothing makes a 5xx."""

from pathlib import Path

from bench.schema.run import api_over, tried

EXAMPLES = 4
"""Of each route; `python -m bench.schema.run` makes as many as wanted."""


def test_every_route_answers_as_the_schema_says(tmp_path: Path) -> None:
    with api_over(tmp_path) as api:
        operations = [found.ok() for found in api.get_all_operations()]
        wrong = [f"{one.label}: {failure}" for one in operations if (failure := tried(one, EXAMPLES))]
    assert len(operations) > 25
    assert not wrong, "\n\n".join(wrong)
