"""Fixtures that every test may use; each skips with a visible reason where its ground is absent."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.postgres import Postgres, postgres

# Machines are shared: no example is timed. CI repeats the same examples; developers look for new ones.
settings.register_profile("ragchat", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("ragchat")

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def eval_dir() -> Path:
    """The shared evaluation data beside the repository (RAGCHAT_EVAL_DIR, else ../shared/eval)."""
    directory = Path(os.environ.get("RAGCHAT_EVAL_DIR", REPOSITORY.parent / "shared" / "eval"))
    if not directory.is_dir():
        pytest.skip(f"no evaluation data at {directory} (set RAGCHAT_EVAL_DIR)")
    return directory


@pytest.fixture(scope="session")
def corpus_dir() -> Path:
    """The sample knowledge base of the repository."""
    return REPOSITORY / "corpus"


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A real PostgreSQL; skips where none can be run."""
    with postgres(tmp_path_factory.mktemp("postgres")) as running:
        yield running
