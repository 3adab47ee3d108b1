"""The default configuration's figures on the shared evaluation sets, through the product: ingest, index, Retriever.

    python -m bench.retrieval.run [EVAL_DIR] [--sets squad,cranfield] [--keep INDEX_DIR] [--without PART]
                                  [--reranker local:minilm-l12] [--most QUESTIONS] [--json FILE]

Conversations are searched with the last turn alone, and with what the product takes from the turns before it. Times
are of a whole search, the embedding of the question included (they depend on what else the machine does). `--keep`
reuses indexes built before; `--without` leaves out one part of the ranking, to see what it brings; `--reranker` lets
the second reader read along, as answers do (bench/reader).
"""

import argparse
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from types import ModuleType

import numpy as np

import ragchat.corpus.first_stage
import ragchat.retrieval.passages
import ragchat.retrieval.ranking
import ragchat.retrieval.scoring.feedback
from bench.evaluation_sets import (
    EVAL_DIR,
    as_searched,
    document_name,
    document_names,
    index_of,
    questions_of,
)
from ragchat.evaluation.metrics import Stretch, ndcg_at, recall_at, reciprocal_rank_at, span_scores
from ragchat.evaluation.questions import Question
from ragchat.models import load_embedder
from ragchat.models.reranker import NONE, load_reranker
from ragchat.retrieval.search import RetrievedPassage, Retriever, SearchOptions

SETS = ("chunking", "squad", "productdocs", "cranfield", "conversations")
K, DEPTH = 5, 40
FLOORS = {
    "chunking": {"span_recall": 0.93, "span_precision": 0.08},
    "squad": {"recall_at_5": 0.97},
    "productdocs": {"recall_at_3": 0.74, "mrr": 0.86},
    "cranfield": {"ndcg_at_10": 0.45},
    "conversations": {"recall_at_5": 0.80},
    "conversations in context": {"recall_at_5": 0.80},
}
PARTS: dict[str, tuple[ModuleType, str, float]] = {
    "meaning": (ragchat.corpus.first_stage, "DENSE_WEIGHT", 0.0),
    "words": (ragchat.corpus.first_stage, "DENSE_WEIGHT", 1.0),
    "neighbours": (ragchat.retrieval.ranking, "NEIGHBOUR_WORDS", 0.0),
    "overlap": (ragchat.retrieval.ranking, "SENTENCE_WORDS", 0.0),
    "feedback": (ragchat.retrieval.scoring.feedback, "SHARE", 0.0),
    "joining": (ragchat.retrieval.passages, "MOST_CHUNKS", 1),
    "trimming": (ragchat.retrieval.passages, "KEPT", -9.0),
    "crowding": (ragchat.retrieval.passages, "CROWDED", 1.0),
    "copies": (ragchat.retrieval.passages, "ALIKE", 2.0),
}
"""What can be left out: where its weight stands, and the value at which it does nothing."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Means over the questions of one set; seconds of each search."""

    measures: dict[str, float]
    seconds: list[float]


def main() -> None:
    arguments = _arguments()
    if arguments.without:
        module, name, nothing = PARTS[arguments.without]
        setattr(module, name, nothing)
    results: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as temporary:
        for name in arguments.sets.split(","):
            directory = arguments.eval_dir / name
            for label, outcome in _measure(directory, arguments.keep or Path(temporary), arguments):
                results[label] = outcome.measures | _times(outcome.seconds)
                _print(label, results[label])
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=1) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("eval_dir", type=Path, nargs="?", default=EVAL_DIR)
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--without", choices=sorted(PARTS))
    parser.add_argument("--reranker", default=NONE)
    parser.add_argument("--most", type=int)
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


def _measure(directory: Path, indexes: Path, arguments: argparse.Namespace) -> Iterator[tuple[str, Outcome]]:
    embedder = load_embedder("local:minilm")
    reranker = None if arguments.reranker == NONE else load_reranker(arguments.reranker)
    questions = questions_of(directory, arguments.most)
    with index_of(directory, indexes, embedder).open(embedder=embedder.spec) as snapshot:
        retriever = Retriever(snapshot, embedder, reranker)
        yield directory.name, _outcome(retriever, questions, in_context=False)
        if any(question.history for question in questions):
            yield f"{directory.name} in context", _outcome(retriever, questions, in_context=True)


def _outcome(retriever: Retriever, questions: Sequence[Question], *, in_context: bool) -> Outcome:
    rows: list[dict[str, float]] = []
    seconds: list[float] = []
    for question in questions:
        began = perf_counter()
        wording, context = as_searched(question, retriever.snapshot, in_context=in_context)
        options = SearchOptions(top_k=K, context=context)
        shown = retriever.search(wording, options)
        seconds.append(perf_counter() - began)
        deep = retriever.search(wording, replace(options, top_k=DEPTH))
        rows.append(_row(question, shown, [*shown, *deep]))
    names = sorted({name for row in rows for name in row})
    means = {name: float(np.mean([row[name] for row in rows if name in row])) for name in names}
    return Outcome(means, seconds)


def _row(
    question: Question, shown: Sequence[RetrievedPassage], deep: Sequence[RetrievedPassage]
) -> dict[str, float]:
    relevant = {evidence.document_id for evidence in question.evidence}
    ranking = document_names(deep)
    row = {f"recall_at_{k}": recall_at(k, ranking, relevant) for k in (1, 3, 5, 10)}
    row |= {"mrr": reciprocal_rank_at(10, ranking, relevant), "ndcg_at_10": ndcg_at(10, ranking, relevant)}
    evidence = [
        Stretch(e.document_id, e.start, e.end) for e in question.evidence if e.start is not None and e.end
    ]
    if len(evidence) == len(question.evidence):
        scores = span_scores([Stretch(document_name(p), p.start, p.end) for p in shown], evidence)
        row |= {"span_recall": scores.recall, "span_precision": scores.precision, "span_iou": scores.iou}
    return row


def _times(seconds: Sequence[float]) -> dict[str, float]:
    p50, p95 = np.percentile(np.array(seconds) * 1000, [50, 95])
    return {"questions": len(seconds), "p50_ms": float(p50), "p95_ms": float(p95)}


def _print(label: str, measures: dict[str, float]) -> None:
    floors = FLOORS.get(label, {})
    missed = [name for name, floor in floors.items() if measures[name] < floor]
    figures = "  ".join(f"{name} {value:.4g}" for name, value in measures.items())
    print(
        f"{label}: {figures}\n    floors {floors}: {'missed ' + ', '.join(missed) if missed else 'reached'}",
        flush=True,
    )


if __name__ == "__main__":
    main()
