"""Fits how paraphrase is judged, and says what the whole check reaches on claims that it never saw.

    python -m bench.answering.checking collect ROWS.jsonl --corpus sample=corpus [--corpus backup=FOLDER …]
[--claims EVAL_DIR]
    python -m bench.answering.checking fit ROWS.jsonl [--write]

Claims are those of pairs/ (right and wrong ones over the same places) and, where there is a folder of evaluation
sets, support/claims.jsonl. A third of the places (by a hash) is the unseen fold: nothing is fitted or chosen on
it, and what ships is fitted on the other two thirds alone.
"""

import argparse
import hashlib
import json
import math
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import numpy as np

from bench.answering.pairs import Pair, listed_pairs
from ingest.run import ingest
from ragchat.answering.grounding.evidence import contradicted
from ragchat.answering.grounding.grounder import Grounder
from ragchat.answering.grounding.judging import FEATURES, Judge
from ragchat.answering.grounding.overlap import Idf, terms
from ragchat.corpus.contract import Snapshot
from ragchat.corpus.opening import open_stores
from ragchat.corpus.values import Filters, StoredDocument
from ragchat.documents import Span
from ragchat.models.cross_encoder import CrossEncoder
from ragchat.models.embedder import Passage
from ragchat.models.minilm import MiniLMEmbedder
from ragchat.retrieval.search import RetrievedPassage, RetrievedSentence, Retriever, SearchOptions
from ragchat.retrieval.windows import Window

TARGET = Path("ragchat/answering/grounding/checking.json")
PENALTY = 2.0
RECALL = 0.66
"""Share of the right pairs of the fitted folds that must be kept; above it the threshold is as high as it can be."""
SIGNS = {
    "meaning": 1, "coverage": 1, "own_coverage": 1, "loose_coverage": 1, "foreign": -1, "foreign_share": -1,
    "heaviest_foreign": -1, "replaced": -1, "in_order": 1, "unsaid": -1, "grade": 1,
}  # fmt: skip
"""Which way each number may speak: one that would speak the other way is left out, for it has learnt these claims."""
DOCUMENT = StoredDocument("d", "d", "", "", "text/plain", "", 0, 1, "", {}, (), 1)


@dataclass(frozen=True, slots=True)
class Row:
    """One claim: `set` and `kind`, whether its place supports it (None: partly), which check held it back, and the
    features that the judge is told."""

    set: str
    kind: str
    place: str
    supported: bool | None
    held_back: str | None
    features: tuple[float, ...]

    @property
    def fold(self) -> int:
        """0, 1, or 2 (unseen); 3 for claims written when everything was fitted."""
        if self.set == "last":
            return 3
        return int(hashlib.sha256(self.place.encode()).hexdigest(), 16) % 3


def collected(corpora: Mapping[str, Path], eval_dir: Path | None) -> Iterator[Row]:
    """Every claim whose place is found."""
    embedder, reader = MiniLMEmbedder(threads=1), CrossEncoder(threads=2)
    for name, folder in corpora.items():
        with tempfile.TemporaryDirectory() as scratch:
            home = open_stores(scratch).store(name)
            ingest([folder], home, embedder)
            with home.open(embedder=embedder.spec) as snapshot:
                for pair in listed_pairs(name):
                    yield from _of_pair(pair, Retriever(snapshot, embedder), reader)
    if eval_dir is not None:
        yield from _of_claims(eval_dir, embedder, reader)


def _of_pair(pair: Pair, retriever: Retriever, reader: CrossEncoder) -> Iterator[Row]:
    found = _place(pair, retriever)
    if found is None:
        print(f"not found: {pair.file}: {pair.words}")
        return
    snapshot = retriever.snapshot
    grounder = Grounder(retriever.embedder, snapshot.language, idf_of(snapshot), None, reader)
    name = "last" if pair.unseen else pair.corpus
    yield _row(grounder, pair.claim, *found, name, pair.kind, pair.place, pair.supported)


def idf_of(snapshot: Snapshot) -> Idf:
    """How rare a word is in the snapshot."""
    return cache(lambda term: snapshot.idf([term])[term])


def _place(pair: Pair, retriever: Retriever) -> tuple[RetrievedPassage, Window] | None:
    """The passage with the words of the pair, as a search would bring it."""
    ids = [one.id for one in retriever.snapshot.documents() if one.key.split("#")[0] == pair.file]
    for query in (f"{pair.words} {pair.claim}", pair.words, pair.claim):
        found = retriever.retrieve(query, SearchOptions(top_k=8, filters=Filters(document_ids=tuple(ids))))
        for passage in found.passages:
            window = found.windows.around(passage.document.id, passage.whole)
            if _plain(pair.words) in _plain(window.of(passage.whole)):
                return passage, window
    return None


def _plain(text: str) -> str:
    return " ".join(text.replace("*", "").split()).lower()


def _row(
    grounder: Grounder,
    text: str,
    passage: RetrievedPassage,
    window: Window | None,
    name: str,
    kind: str,
    place: str,
    supported: bool | None,
) -> Row:
    claim, evidence = grounder.nearest(text, passage, window)
    held_back = contradicted(claim, evidence, grounder.language, grounder.idf)
    return Row(name, kind, place, supported, held_back, grounder.features(claim, evidence))


class Rarity:
    """The claims' evidence as a corpus: how rare words are in it."""

    def __init__(self, sentences: Sequence[str]) -> None:
        self.frequency = Counter(term for sentence in sentences for term in terms(sentence))
        self.size = len(sentences)

    def idf(self, term: str) -> float:
        found = self.frequency[term]
        return math.log(1 + (self.size - found + 0.5) / (found + 0.5))


def _of_claims(eval_dir: Path, embedder: MiniLMEmbedder, reader: CrossEncoder) -> Iterator[Row]:
    lines = (eval_dir / "support" / "claims.jsonl").read_text("utf-8").splitlines()
    claims = [json.loads(line) for line in lines]
    rarity = Rarity([sentence for claim in claims for sentence in claim["evidence_sentences"]])
    grounder = Grounder(embedder, "en", rarity.idf, None, reader)
    for claim in claims:
        passage = evidence_passage(claim["evidence_sentences"], embedder)
        known = {"supported": True, "partially_supported": None}.get(claim["label"], False)
        yield _row(
            grounder, claim["claim"], passage, None, claim["source"], claim["label"], claim["id"], known
        )


def evidence_passage(sentences: Sequence[str], embedder: MiniLMEmbedder) -> RetrievedPassage:
    """All evidence of a claim as one passage, its sentences embedded in their neighbourhood as ingest does."""
    text, spans = "", []
    for sentence in sentences:
        spans.append(Span(len(text), len(text) + len(sentence)))
        text += sentence + "\n"
    vectors = []
    for first in range(0, len(spans), 6):
        part = spans[first : first + 6]
        words = text[part[0].start : part[-1].end]
        passage = Passage("", words, tuple(span.shifted(-part[0].start) for span in part))
        vectors.extend(next(iter(embedder.embed_passages([passage]))).sentences)
    found = tuple(
        RetrievedSentence(span, span.of(text), 0.0, vector)
        for span, vector in zip(spans, vectors, strict=True)
    )
    whole = Span(0, len(text))
    return RetrievedPassage(DOCUMENT, (1,), 0, len(text), whole, text, (), None, 1.0, found, {})


def fitted(rows: Sequence[Row], *, graded: bool) -> Judge:
    """Weights by penalised maximum likelihood over what no check held back, and the threshold of PRECISION on
    pairs and on claims. Partly supported claims count as wrong."""
    used = [row for row in rows if row.held_back is None]
    x = np.array([row.features for row in used])
    left_out = set() if graded else {"grade"}
    while True:
        for name in left_out:
            x[:, FEATURES.index(name)] = 0.0
        bias, weights = _weights(used, x)
        wrong = {name for name, w in zip(FEATURES, weights, strict=True) if w * SIGNS.get(name, 0) < -1e-9}
        if not wrong:
            judge = Judge(bias, weights, 0.5)
            return Judge(bias, weights, _threshold(judge, rows))
        left_out.add(min(wrong, key=lambda name: weights[FEATURES.index(name)] * SIGNS[name]))


def _weights(used: Sequence[Row], x: np.ndarray) -> tuple[float, tuple[float, ...]]:
    """Both sets weigh the same, and right and wrong in each do."""
    y = np.array([row.supported is True for row in used], float)
    mean, spread = x.mean(0), np.where(x.std(0) > 1e-9, x.std(0), 1.0)
    z = np.column_stack([np.ones(len(x)), (x - mean) / spread])
    weights = np.zeros(z.shape[1])
    groups = [(_is_claim(row), row.supported is True) for row in used]
    sizes = Counter(groups)
    share = np.array([len(used) / len(sizes) / sizes[group] for group in groups])
    penalty = PENALTY * np.diag([0.0, *[1.0] * x.shape[1]])
    for _ in range(100):
        likely = 1 / (1 + np.exp(-z @ weights))
        slope = z.T @ (share * (likely - y)) + penalty @ weights
        curve = (z * (share * likely * (1 - likely))[:, None]).T @ z + penalty
        weights -= np.linalg.solve(curve, slope)
    plain = weights[1:] / spread
    return float(weights[0] - plain @ mean), tuple(plain.tolist())


def _is_claim(row: Row) -> bool:
    return row.set in ("wice", "climate-fever")


def _threshold(judge: Judge, rows: Sequence[Row]) -> float:
    """The highest that keeps RECALL of the right pairs: a sentence that is wrongly verified is a lie."""
    pairs = [row for row in rows if not _is_claim(row)]
    steps = (step / 100 for step in range(99, 0, -1))
    kept = (
        step for step in steps if measured(Judge(judge.bias, judge.weights, step), pairs).recall >= RECALL
    )
    return next(kept, 0.5)


@dataclass(frozen=True, slots=True)
class Measured:
    """Of claims: right and wrong ones verified, and all of each; partly supported ones are told apart."""

    right: int
    wrong: int
    partly: int
    of_right: int
    of_wrong: int

    @property
    def verified(self) -> int:
        return self.right + self.wrong

    @property
    def precision(self) -> float:
        return self.right / max(1, self.verified)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.of_right)


def measured(judge: Judge, rows: Sequence[Row]) -> Measured:
    """What the whole check verifies."""
    kept = [r for r in rows if r.held_back is None and judge.supported(r.features)]
    told = Counter(row.supported for row in kept)
    every = Counter(row.supported for row in rows)
    return Measured(told[True], told[False], told[None], every[True], every[False])


def report(judge: Judge, rows: Sequence[Row]) -> None:
    """Precision and recall by set, on the fitted folds and on the unseen one; wrong ones verified by kind."""
    for name, chosen in (
        ("pairs", [r for r in rows if not _is_claim(r)]),
        ("claims", [r for r in rows if _is_claim(r)]),
    ):
        for fold, mine in (
            ("fitted", [r for r in chosen if r.fold < 2]),
            ("unseen", [r for r in chosen if r.fold == 2]),
            ("last", [r for r in chosen if r.fold == 3]),
        ):
            if not mine:
                continue
            m = measured(judge, mine)
            counted = f"{m.right} of {m.of_right} right, {m.wrong} of {m.of_wrong} wrong, {m.partly} partly"
            told = f"precision {m.precision:.3f}  recall {m.recall:.3f}  verified {counted}"
            print(f"{name:7}{fold:8} {told}")
    kinds = Counter((row.kind, row.supported) for row in rows if not _is_claim(row))
    kept = Counter(
        (row.kind, row.supported)
        for row in rows
        if not _is_claim(row) and row.held_back is None and judge.supported(row.features)
    )
    for kind, supported in sorted(kinds, key=lambda one: (not one[1], one[0])):
        print(
            f"  {'+' if supported else '-'} {kind:12} {kept[kind, supported]:3} of {kinds[kind, supported]}"
        )


def _as_json(judge: Judge) -> dict[str, object]:
    weights = {name: round(w, 5) for name, w in zip(FEATURES, judge.weights, strict=True) if w}
    return {"threshold": judge.threshold, "bias": round(judge.bias, 5), "weights": weights}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("action", choices=("collect", "fit"))
    parser.add_argument("rows", type=Path)
    parser.add_argument("--corpus", action="append", default=[], metavar="NAME=FOLDER")
    parser.add_argument("--claims", type=Path, metavar="EVAL_DIR")
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    if asked.action == "collect":
        corpora = {name: Path(folder) for name, _, folder in (one.partition("=") for one in asked.corpus)}
        lines = [json.dumps(asdict(row)) for row in collected(corpora, asked.claims)]
        asked.rows.write_text("\n".join(lines) + "\n", "utf-8")
        return
    read = [json.loads(line) for line in asked.rows.read_text("utf-8").splitlines()]
    rows = [Row(**{**row, "features": tuple(row["features"])}) for row in read]
    seen = [row for row in rows if row.fold < 2]
    judges = {"graded": fitted(seen, graded=True), "ungraded": fitted(seen, graded=False)}
    for name, judge in judges.items():
        print(f"== {name}, threshold {judge.threshold}")
        report(judge, rows)
    if asked.write:
        note = "fitted by bench/answering/checking.py on two thirds of its claims; figures of others: bench/answering"
        shipped = {"fitted": note, **{name: _as_json(judge) for name, judge in judges.items()}}
        TARGET.write_text(json.dumps(shipped, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
