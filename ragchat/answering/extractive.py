"""The answerer without a model: one to three sentences of the documents, word for word, in reading order.

A sentence is scored by its meaning (cosine of its vector with the question's), by the question's words that it holds
(weighted by rarity, those of its neighbours and of its passage for less), by the passage's rank and by the kind of
thing that the question asks for. The weights are general: they were chosen once and are the same for every corpus; what
each is worth stands in bench/answering/README.md. The same numbers, of the best sentence, are its support.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ragchat.answering.antecedents import is_row, with_antecedent
from ragchat.answering.cues import cue
from ragchat.answering.overlap import covered, terms
from ragchat.answering.searching import Corpus
from ragchat.documents import Span
from ragchat.retrieval.search import RetrievedPassage

OVERLAP, BEFORE, AFTER, COVERAGE, PASSAGE, CUE = 0.6, 0.3, 0.2, 0.2, 0.15, 0.1
"""Weights beside the cosine's 1."""
MOST_SENTENCES, MOST_WORDS, MARGIN = 3, 115, 0.26
"""Sentences within MARGIN of the best one are quoted too: many words only where it is unclear which one answers."""
SUPPORT_OVERLAP, SUPPORT_COVERAGE = 0.3, 0.3

_WORDLESS = re.compile(r"[\W_]*")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of a passage: `n` is the passage's 1-based number, `support` how well it answers, about [0, 1]."""

    n: int
    span: Span
    text: str
    score: float
    support: float


@dataclass(frozen=True, slots=True)
class Extract:
    """What is quoted as one piece: one span of the document of passage `n`; `text` is how it reads in an answer."""

    n: int
    span: Span
    text: str


def candidates(question: str, passages: Sequence[RetrievedPassage], corpus: Corpus) -> list[Candidate]:
    """All sentences of the passages with their scores, best first."""
    wanted = terms(question, corpus.language)
    found = [
        candidate
        for n, passage in enumerate(passages, 1)
        for candidate in _of_passage(question, wanted, n, passage, corpus)
    ]
    return sorted(found, key=lambda one: -one.score)


def _of_passage(
    question: str, wanted: frozenset[str], n: int, passage: RetrievedPassage, corpus: Corpus
) -> Iterator[Candidate]:
    context = " ".join((passage.document.title, *passage.heading_path))
    around = terms(f"{context} {passage.text}", corpus.language)
    coverage = covered(wanted, around, corpus.idf)
    words = [terms(sentence.text, corpus.language) for sentence in passage.sentences]
    for place, sentence in enumerate(passage.sentences):
        if _WORDLESS.fullmatch(sentence.text) or sentence.text.startswith("#"):
            continue
        own = words[place]
        overlap = covered(wanted, own, corpus.idf)
        before = covered(wanted, own | words[place - 1], corpus.idf) - overlap if place else 0.0
        after = covered(wanted, own.union(*words[place + 1 : place + 2]), corpus.idf) - overlap
        meaning = passage.score if sentence.vector is None else sentence.score
        score = meaning + OVERLAP * overlap + BEFORE * before + AFTER * after + COVERAGE * coverage
        score += PASSAGE * passage.score + CUE * cue(question, sentence.text)
        strength = _support(meaning, overlap, coverage)
        yield Candidate(n, sentence.span, sentence.text, score, strength)


def _support(meaning: float, overlap: float, coverage: float) -> float:
    weighted = meaning + SUPPORT_OVERLAP * overlap + SUPPORT_COVERAGE * coverage
    return weighted / (1 + SUPPORT_OVERLAP + SUPPORT_COVERAGE)


def support(question: str, sentence: str, passage: str, meaning: float, corpus: Corpus) -> float:
    """How well a sentence answers: `meaning` is its cosine with the question, `passage` the text around it."""
    wanted = terms(question, corpus.language)
    overlap = covered(wanted, terms(sentence, corpus.language), corpus.idf)
    return _support(meaning, overlap, covered(wanted, terms(passage, corpus.language), corpus.idf))


def support_of(found: Sequence[Candidate]) -> float:
    """How sure it is that the corpus holds the answer: the greatest support of a sentence, 0 without any."""
    return max((candidate.support for candidate in found), default=0.0)


def extracts(
    found: Sequence[Candidate], passages: Sequence[RetrievedPassage], corpus: Corpus
) -> list[Extract]:
    """The sentences to quote, in reading order: passages by rank, sentences by place; none twice."""
    pieces: list[tuple[int, Span]] = []
    for chosen in sorted(chosen_among(found), key=lambda one: (one.n, one.span)):
        document = passages[chosen.n - 1].document
        pieces.extend((chosen.n, span) for span in with_antecedent(corpus, document.id, chosen.span))
    return list(_readable(_merged(pieces, passages), passages, corpus))


def chosen_among(found: Sequence[Candidate]) -> list[Candidate]:
    """One to three of the best, as long as they are nearly as good as the best and the answer stays short."""
    chosen: list[Candidate] = []
    words = 0
    for candidate in found:
        length = len(candidate.text.split())
        if chosen and (candidate.score < chosen[0].score - MARGIN or words + length > MOST_WORDS):
            continue
        if any(_same(candidate, other) for other in chosen):
            continue
        chosen.append(candidate)
        words += length
        if len(chosen) == MOST_SENTENCES:
            break
    return chosen


def _same(one: Candidate, other: Candidate) -> bool:
    """Two documents often hold the same sentence; once is enough."""
    return one.text.split() == other.text.split()


def _merged(pieces: list[tuple[int, Span]], passages: Sequence[RetrievedPassage]) -> list[tuple[int, Span]]:
    """Pieces of one document that overlap or repeat become one; a header is quoted once."""
    merged: list[tuple[int, Span]] = []
    for n, span in pieces:
        for place, (other, taken) in enumerate(merged):
            same = passages[other - 1].document.id == passages[n - 1].document.id
            if same and span.start < taken.end and taken.start < span.end:
                merged[place] = (other, Span(min(span.start, taken.start), max(span.end, taken.end)))
                break
        else:
            merged.append((n, span))
    return merged


def _readable(
    pieces: list[tuple[int, Span]], passages: Sequence[RetrievedPassage], corpus: Corpus
) -> Iterator[Extract]:
    for n, span in pieces:
        words = corpus.text(passages[n - 1].document.id, span.start, span.end)
        yield Extract(n, span, _as_answer(words))


def _as_answer(words: str) -> str:
    """Hard-wrapped prose on one line; tables, lists and code keep theirs."""
    lines = words.splitlines()
    laid_out = any(
        is_row(line) or line[:1] in " -*#`\t" or re.match(r"\s|\(?\w{1,3}[.)]\s", line) for line in lines
    )
    return words if laid_out else " ".join(words.split())
