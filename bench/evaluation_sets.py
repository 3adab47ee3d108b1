"""The shared evaluation sets as benchmarks take them: where they are, their index, their questions as the product asks.

EVAL_DIR holds `<set>/corpus.jsonl` and `<set>/questions.jsonl` in the form of `ragchat eval`; it is RAGCHAT_EVAL_DIR,
or `../shared/eval` beside the repository.
"""

import os
import random
from collections.abc import Sequence
from pathlib import Path

from ingest.run import ingest
from ragchat.answering.question.question import understood
from ragchat.answering.request import Turn
from ragchat.corpus.contract import Snapshot, Store
from ragchat.corpus.opening import open_stores
from ragchat.evaluation.questions import Question, load_questions
from ragchat.models.embedder import Embedder
from ragchat.retrieval.search import RetrievedPassage

ROOT = Path(__file__).resolve().parents[1]
EVAL_DIR = Path(os.environ.get("RAGCHAT_EVAL_DIR", ROOT.parent / "shared" / "eval"))


def index_of(directory: Path, indexes: Path, embedder: Embedder) -> Store:
    """The set's collection below `indexes`, built unless it is there."""
    store = open_stores(indexes).store(directory.name)
    if store.current() is None:
        ingest([directory / "corpus.jsonl"], store, embedder)
    return store


def questions_of(directory: Path, most: int | None = None) -> list[Question]:
    """Those whose evidence is known, in their order; `most` of them drawn, the same every time."""
    known = [q for q in load_questions(directory / "questions.jsonl") if q.answerable and q.evidence]
    if most is None or most >= len(known):
        return known
    drawn = random.Random(7).sample(range(len(known)), most)  # noqa: S311 - a sample, not a secret
    return [known[i] for i in sorted(drawn)]


def as_searched(question: Question, snapshot: Snapshot, *, in_context: bool = True) -> tuple[str, str]:
    """The words searched for, and those of the conversation that go along; or the last turn alone."""
    if not in_context:
        return question.question, ""
    turns = [Turn(turn.role, turn.content) for turn in question.history]
    asked = understood(question.question, turns, snapshot).search
    return asked.question, asked.context


def document_names(passages: Sequence[RetrievedPassage]) -> list[str]:
    """Names of the documents as the evidence has them, best first, without repetition."""
    return list(dict.fromkeys(map(document_name, passages)))


def document_name(passage: RetrievedPassage) -> str:
    return passage.document.key.split(".jsonl#", 1)[-1]
