"""Does the rewriting of follow-ups find what the conversation is about?

    python bench/answering/followups.py EVAL_DIR [WORK_DIR]

Ingests EVAL_DIR/conversations and searches every answerable and partial question with the last turn alone, with our
rewriting and, where there is one, with the human rewriting: recall@5 over distinct documents, by the product's own
hybrid search and by its words alone (BM25). WORK_DIR keeps the index for the next run.
"""

import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from ingest.run import ingest
from ragchat.answering.followup import rewritten
from ragchat.answering.request import Turn
from ragchat.index.home import IndexHome
from ragchat.models.minilm import MiniLMEmbedder
from ragchat.retrieval.search import Retriever, SearchOptions


def recall(keys: Sequence[str], evidence: set[str]) -> float:
    found = {key.partition("#")[2] for key in list(dict.fromkeys(keys))[:5]}
    return len(found & evidence) / len(evidence)


def measure(eval_dir: Path, work: Path) -> None:
    embedder = MiniLMEmbedder(threads=2)
    home = IndexHome(work / "conversations")
    if not home.exists():
        ingest([eval_dir / "conversations" / "corpus.jsonl"], home, embedder)
    rows = [
        json.loads(line) for line in (eval_dir / "conversations" / "questions.jsonl").open(encoding="utf-8")
    ]
    rows = [row for row in rows if row["kind"] in ("answerable", "partial")]
    with home.open(embedder=embedder.spec) as generation:
        retriever = Retriever(generation, embedder)

        def ours(row: dict) -> str:
            turns = [Turn(turn["role"], turn["content"]) for turn in row["history"]]
            return rewritten(row["question"], turns, generation.idf, generation.language)

        def hybrid(query: str) -> list[str]:
            return [p.document.key for p in retriever.search(query, SearchOptions(top_k=15))]

        def words(query: str) -> list[str]:
            hits = generation.match(query, 60)
            return [chunk.document.key for chunk in generation.chunks([hit.chunk_id for hit in hits])]

        wordings: dict[str, Callable[[dict], str]] = {
            "last turn": lambda row: row["question"],
            "ours": ours,
            "human": lambda row: row.get("rewrite") or row["question"],
        }
        human = [row for row in rows if row.get("rewrite")]
        for name, wording in wordings.items():
            for label, search in (("hybrid", hybrid), ("BM25", words)):
                shares = []
                for chosen in (rows, human):
                    scores = [
                        recall(search(wording(row)), {e["document_id"] for e in row["evidence"]})
                        for row in chosen
                    ]
                    shares.append(sum(scores) / len(scores))
                print(
                    f"{name:10} {label:7} all {len(rows)}: {shares[0]:.3f}   with rewrite {len(human)}: {shares[1]:.3f}"
                )


if __name__ == "__main__":
    if len(sys.argv) > 2:
        measure(Path(sys.argv[1]), Path(sys.argv[2]))
    else:
        with tempfile.TemporaryDirectory() as scratch:
            measure(Path(sys.argv[1]), Path(scratch))
