"""Does the grounding check keep what is supported and nothing else? Two measurements, both without a model.

    python bench/answering/grounding.py EVAL_DIR          # precision and recall on claims with known labels
    python bench/answering/grounding.py --sample CORPUS   # share of generated corruptions that are caught

Claims (EVAL_DIR/support/claims.jsonl): each claim is checked against its evidence sentences as one source. Accepted =
verified. Precision counts supported against not supported and refuted; partially supported ones are told apart.
Corruptions: 500 true sentences of the indexed sample with one number, date, name or negation changed.
"""

import argparse
import json
import math
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from corruptions import corruptions

from ingest.run import ingest
from ragchat.answering.grounding.grounder import Grounder
from ragchat.answering.grounding.overlap import terms
from ragchat.corpus.contract import Snapshot
from ragchat.corpus.opening import open_stores
from ragchat.corpus.values import StoredDocument
from ragchat.documents import Span
from ragchat.models.embedder import Passage
from ragchat.models.minilm import MiniLMEmbedder
from ragchat.retrieval.search import RetrievedPassage, RetrievedSentence


class Evidence:
    """The claims' evidence as a corpus: how rare words are in it."""

    def __init__(self, sentences: Sequence[str]) -> None:
        self.frequency = Counter(term for sentence in sentences for term in terms(sentence))
        self.size = len(sentences)

    def idf(self, term: str) -> float:
        found = self.frequency[term]
        return math.log(1 + (self.size - found + 0.5) / (found + 0.5))


DOCUMENT = StoredDocument("d", "d", "", "", "text/plain", "", 0, 1, "", {}, (), 1)


def grounder_of(snapshot: Snapshot, embedder: MiniLMEmbedder) -> Grounder:
    """A grounder that asks the snapshot how rare each word is."""
    return Grounder(embedder, snapshot.language, cache(lambda term: snapshot.idf([term])[term]))


def evidence_passage(
    sentences: Sequence[str], corpus: Evidence, embedder: MiniLMEmbedder
) -> RetrievedPassage:
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


def claims(eval_dir: Path) -> None:
    lines = (eval_dir / "support" / "claims.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    corpus = Evidence([sentence for row in rows for sentence in row["evidence_sentences"]])
    embedder = MiniLMEmbedder(threads=1)
    grounder = Grounder(embedder, "en", corpus.idf)
    counts: Counter[tuple[str, str, bool]] = Counter()
    for row in rows:
        passage = evidence_passage(row["evidence_sentences"], corpus, embedder)
        verdicts = grounder.verdicts(row["claim"], {1: passage})
        accepted = bool(verdicts and verdicts[0].support.verified)
        for source in (row["source"], "all"):
            counts[source, row["label"], accepted] += 1
    for source in ("wice", "climate-fever", "all"):
        right = counts[source, "supported", True]
        wrong = counts[source, "not_supported", True] + counts[source, "refuted", True]
        partly = counts[source, "partially_supported", True]
        every = right + counts[source, "supported", False]
        print(
            f"{source:14} precision {right / max(1, right + wrong):.3f}  recall {right / every:.3f}  "
            f"accepted: {right} supported, {wrong} not, {partly} partially"
        )


def passages_of(generation: Snapshot, count: int) -> Iterator[RetrievedPassage]:
    """Sampled chunks as passages."""
    for chunk in generation.sample(count, 3):
        sentences = tuple(
            RetrievedSentence(
                span, chunk.text[span.start - chunk.start : span.end - chunk.start], 0.0, vector
            )
            for span, vector in zip(chunk.sentences, chunk.sentence_vectors, strict=True)
        )
        yield RetrievedPassage(
            chunk.document, (chunk.chunk_id,), chunk.start, chunk.end, Span(chunk.start, chunk.end), chunk.text,
            chunk.heading_path, chunk.page, 1.0, sentences, {},
        )  # fmt: skip


def true_sentences(passages: Sequence[RetrievedPassage]) -> list[tuple[RetrievedPassage, str]]:
    """Prose sentences of 8 to 45 words."""
    return [
        (passage, sentence.text)
        for passage in passages
        for sentence in passage.sentences
        if 8 <= len(sentence.text.split()) <= 45 and sentence.text[0].isalpha() and sentence.text[-1] in ".!?"
    ]


def sample(corpus_dir: Path) -> None:
    embedder = MiniLMEmbedder(threads=2)
    with tempfile.TemporaryDirectory() as scratch:
        home = open_stores(scratch).store("sample")
        ingest([corpus_dir], home, embedder)
        with home.open(embedder=embedder.spec) as generation:
            grounder = grounder_of(generation, embedder)
            pairs = true_sentences(list(passages_of(generation, 400)))
            kept = sum(
                grounder.verdicts(text, {1: passage})[0].support.verified for passage, text in pairs[:300]
            )
            print(f"true sentences verified: {kept / 300:.3f} of 300")
            passed: Counter[str] = Counter()
            lies = corruptions([text for _, text in pairs], 500)
            for lie in lies:
                if grounder.verdicts(lie.false, {1: pairs[lie.place][0]})[0].support.verified:
                    passed[lie.kind] += 1
            kinds = Counter(lie.kind for lie in lies)
            for kind, count in sorted(kinds.items()):
                print(f"{kind:9} caught {count - passed[kind]} of {count}")
            print(f"all       caught {1 - passed.total() / len(lies):.3f} of {len(lies)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("eval_dir", type=Path, nargs="?")
    parser.add_argument("--sample", type=Path)
    arguments = parser.parse_args()
    if arguments.sample:
        sample(arguments.sample)
    if arguments.eval_dir:
        claims(arguments.eval_dir)
