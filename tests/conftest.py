"""Fixtures that every test may use; each skips with a visible reason where its ground is absent."""

import os
from pathlib import Path

import pytest

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
