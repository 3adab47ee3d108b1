"""Does the rewriting of follow-ups find what the conversation is about?

    python -m bench.followups.run EVAL_DIR [WORK_DIR]

Ingests EVAL_DIR/conversations and searches every answerable and partial question with the last turn alone, with our
rewriting without a model and, where there is one, with the human rewriting: recall@5 over distinct documents, by the
product's own hybrid search and by its words alone (BM25). WORK_DIR keeps the index for the next run.
"""

import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ingest.run import ingest
from ragchat.answering.question.follow_up import FollowUp, follow_up
from ragchat.answering.request import Turn
from ragchat.corpus.opening import open_stores
from ragchat.models.minilm import MiniLMEmbedder
from ragchat.retrieval.question import understood
from ragchat.retrieval.search import Retriever, SearchOptions

Row = dict[str, Any]
Search = Callable[[FollowUp], list[str]]


def searches(retriever: Retriever) -> dict[str, Search]:
    """Document keys, best first, by each way of searching."""
    generation = retriever.generation

    def hybrid(asked: FollowUp) -> list[str]:
        options = SearchOptions(top_k=15, context=asked.context)
        return [passage.document.key for passage in retriever.search(asked.question, options)]

    def words(asked: FollowUp) -> list[str]:
        weights = understood(asked.question, asked.context, retriever.embedder, generation.language).terms
        hits = generation.match_terms(weights, 60)
        return [chunk.document.key for chunk in generation.chunks([hit.chunk_id for hit in hits])]

    return {"hybrid": hybrid, "BM25": words}


def recall(keys: Sequence[str], row: Row) -> float:
    evidence = {one["document_id"] for one in row["evidence"]}
    found = {key.partition("#")[2] for key in list(dict.fromkeys(keys))[:5]}
    return len(found & evidence) / len(evidence)


def mean(rows: Sequence[Row], wording: Callable[[Row], FollowUp], search: Search) -> float:
    return sum(recall(search(wording(row)), row) for row in rows) / len(rows)


def measure(eval_dir: Path, work: Path) -> None:
    embedder = MiniLMEmbedder(threads=1)
    home = open_stores(work).store("conversations")
    if not home.exists():
        ingest([eval_dir / "conversations" / "corpus.jsonl"], home, embedder)
    lines = (eval_dir / "conversations" / "questions.jsonl").read_text("utf-8").splitlines()
    rows: list[Row] = [
        row for line in lines if (row := json.loads(line))["kind"] in ("answerable", "partial")
    ]
    human = [row for row in rows if row.get("rewrite")]
    with home.open(embedder=embedder.spec) as generation:

        def ours(row: Row) -> FollowUp:
            turns = [Turn(turn["role"], turn["content"]) for turn in row["history"]]
            return follow_up(row["question"], turns, generation.idf, generation.language)

        wordings: dict[str, Callable[[Row], FollowUp]] = {
            "last turn": lambda row: FollowUp(row["question"]),
            "ours": ours,
            "human": lambda row: FollowUp(row.get("rewrite") or row["question"]),
        }
        for label, search in searches(Retriever(generation, embedder)).items():
            for name, wording in wordings.items():
                every, rewritten = mean(rows, wording, search), mean(human, wording, search)
                print(
                    f"{label:7} {name:10} all {len(rows)}: {every:.3f}   human {len(human)}: {rewritten:.3f}"
                )


if __name__ == "__main__":
    if len(sys.argv) > 2:
        measure(Path(sys.argv[1]), Path(sys.argv[2]))
    else:
        with tempfile.TemporaryDirectory() as scratch:
            measure(Path(sys.argv[1]), Path(scratch))
