"""What the second reader brings to the order of passages, and what it costs.

    python -m bench.reader.run [EVAL_DIR] [--sets squad:300,productdocs,conversations] [--keep INDEX_DIR]
                               [--reranker local:minilm-l12] [--threads N] [--json FILE]

MRR at 10 over distinct documents, questions as the product searches for them (with the conversation's telling words),
for each share that the reader's grade has beside the search's own score: 0 is the search alone, 1 the reader alone. One
reading serves all shares. `SET:N` draws N questions, the same every time. Times are of the reader alone: 12 pairs of
question and unit as the search puts them, wall and CPU, p50 over the questions, and how many words a pair had.
"""

import argparse
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter, process_time

import numpy as np

import ragchat.retrieval.second_reader
from bench.evaluation_sets import EVAL_DIR, as_searched, document_names, index_of, questions_of
from ragchat.evaluation.metrics import reciprocal_rank_at
from ragchat.models import load_embedder
from ragchat.models.reranker import LOCAL, Reranker, load_reranker
from ragchat.retrieval.search import Retriever, SearchOptions

SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
DEPTH, PAIRS = 10, 12


class Remembering:
    """A reader that reads nothing twice, and keeps the seconds of one reading of PAIRS texts for each question."""

    def __init__(self, reader: Reranker) -> None:
        self.reader = reader
        self.name = reader.name
        self.seconds: list[float] = []
        self.cpu: list[float] = []
        self.words: list[float] = []
        self._known: dict[tuple[str, str], float] = {}

    def scores(self, query: str, texts: Sequence[str]) -> Sequence[float]:
        missing = [text for text in dict.fromkeys(texts) if (query, text) not in self._known]
        if missing:
            self._known |= {
                (query, text): float(score)
                for text, score in zip(missing, self._timed(query, missing), strict=True)
            }
        return [self._known[query, text] for text in texts]

    def _timed(self, query: str, texts: Sequence[str]) -> Sequence[float]:
        first, rest = texts[:PAIRS], texts[PAIRS:]
        began, worked = perf_counter(), process_time()
        scores = list(self.reader.scores(query, first))
        if len(first) == PAIRS:
            self.seconds.append(perf_counter() - began)
            self.cpu.append(process_time() - worked)
            self.words.append(float(np.mean([len(text.split()) for text in first])))
        return [*scores, *(self.reader.scores(query, rest) if rest else ())]


def measure(directory: Path, most: int | None, indexes: Path, reader: Remembering) -> dict[str, float]:
    """Mean reciprocal ranks by share, and the reader's times."""
    embedder = load_embedder("local:minilm")
    questions = questions_of(directory, most)
    ranks: dict[float, list[float]] = {share: [] for share in SHARES}
    with index_of(directory, indexes, embedder).open(embedder=embedder.spec) as snapshot:
        retriever = Retriever(snapshot, embedder, reader)
        for question in questions:
            wording, context = as_searched(question, snapshot)
            relevant = {evidence.document_id for evidence in question.evidence}
            for share in SHARES:
                ragchat.retrieval.second_reader.GRADE_WEIGHT = share  # type: ignore[misc]
                found = retriever.search(wording, SearchOptions(top_k=DEPTH, context=context))
                ranks[share].append(reciprocal_rank_at(DEPTH, document_names(found), relevant))
    return {
        "questions": len(questions),
        **{f"mrr_{share:g}": float(np.mean(found)) for share, found in ranks.items()},
        f"ms_p50_{PAIRS}_pairs": float(np.median(reader.seconds or [0])) * 1000,
        f"cpu_ms_p50_{PAIRS}_pairs": float(np.median(reader.cpu or [0])) * 1000,
        "words_a_pair": float(np.mean(reader.words or [0])),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("eval_dir", type=Path, nargs="?", default=EVAL_DIR)
    parser.add_argument("--sets", default="squad:300,productdocs,conversations")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--reranker", default=LOCAL)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    results: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for one in options.sets.split(","):
            name, _, most = one.partition(":")
            reader = Remembering(load_reranker(options.reranker, threads=options.threads))
            directory, indexes = options.eval_dir / name, options.keep or Path(scratch)
            results[name] = measure(directory, int(most) if most else None, indexes, reader)
            print(name, "  ".join(f"{key} {value:.4g}" for key, value in results[name].items()), flush=True)
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
