"""Does the rewriting of follow-ups find what the conversation is about?

    python -m bench.followups.run [EVAL_DIR] [--keep INDEX_DIR] [--most QUESTIONS]

Ingests EVAL_DIR/conversations and searches every answerable and partial question with the last turn alone, with our
rewriting without a model and, where there is one, with the human rewriting: recall@5 over distinct documents, by the
product's own hybrid search and by its words alone (BM25). `--keep` keeps
the index for the next run.
"""

import argparse
import json
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bench.evaluation_sets import EVAL_DIR, document_names, index_of
from ragchat.answering.question.follow_up import FollowUp
from ragchat.answering.question.question import understood
from ragchat.answering.request import Turn
from ragchat.corpus.values import Wanted
from ragchat.models.minilm import MiniLMEmbedder
from ragchat.retrieval.query import query_of
from ragchat.retrieval.search import Retriever, SearchOptions

Row = dict[str, Any]
Search = Callable[[FollowUp], list[str]]


def searches(retriever: Retriever) -> dict[str, Search]:
    """Names of documents, best first, by each way of searching."""
    snapshot, embedder = retriever.snapshot, retriever.embedder

    def hybrid(asked: FollowUp) -> list[str]:
        return document_names(
            retriever.search(asked.question, SearchOptions(top_k=15, context=asked.context))
        )

    def words(asked: FollowUp) -> list[str]:
        terms = query_of(asked.question, asked.context, embedder, snapshot.language).terms
        anywhere = np.ones(embedder.spec.dimension, dtype=np.float32)
        hits = snapshot.find(Wanted(anywhere, terms, hits=60, read=0)).worded
        chunks = snapshot.chunks([hit.chunk_id for hit in hits], vectors=False)
        return list(dict.fromkeys(chunk.document.key.partition("#")[2] for chunk in chunks))

    return {"hybrid": hybrid, "BM25": words}


def recall(names: Sequence[str], row: Row) -> float:
    evidence = {one["document_id"] for one in row["evidence"]}
    return len(set(names[:5]) & evidence) / len(evidence)


def mean(rows: Sequence[Row], wording: Callable[[Row], FollowUp], search: Search) -> float:
    return sum(recall(search(wording(row)), row) for row in rows) / max(1, len(rows))


def measure(eval_dir: Path, indexes: Path, most: int | None) -> None:
    embedder = MiniLMEmbedder(threads=1)
    lines = (eval_dir / "conversations" / "questions.jsonl").read_text("utf-8").splitlines()
    known = [row for line in lines if (row := json.loads(line))["kind"] in ("answerable", "partial")]
    rows: list[Row] = known[:most]
    human = [row for row in rows if row.get("rewrite")]
    with index_of(eval_dir / "conversations", indexes, embedder).open(embedder=embedder.spec) as snapshot:

        def ours(row: Row) -> FollowUp:
            turns = [Turn(turn["role"], turn["content"]) for turn in row["history"]]
            return understood(row["question"], turns, snapshot).search

        wordings: dict[str, Callable[[Row], FollowUp]] = {
            "last turn": lambda row: FollowUp(row["question"]),
            "ours": ours,
            "human": lambda row: FollowUp(row.get("rewrite") or row["question"]),
        }
        for label, search in searches(Retriever(snapshot, embedder)).items():
            for name, wording in wordings.items():
                every, rewritten = mean(rows, wording, search), mean(human, wording, search)
                print(
                    f"{label:7} {name:10} all {len(rows)}: {every:.3f}   human {len(human)}: {rewritten:.3f}"
                )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("eval_dir", type=Path, nargs="?", default=EVAL_DIR)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--most", type=int)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        measure(options.eval_dir, options.keep or Path(scratch), options.most)


if __name__ == "__main__":
    main()
