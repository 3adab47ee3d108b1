"""The sample knowledge base as ragchat reads it."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tools"))  # the builders are scripts, not part of the package


@pytest.fixture(scope="session")
def corpus() -> Path:
    return ROOT / "corpus"


@pytest.fixture(scope="session")
def texts(corpus: Path) -> dict[str, str]:
    """Canonical text by document id."""
    from build_sample_questions import corpus_texts

    return corpus_texts(corpus)
