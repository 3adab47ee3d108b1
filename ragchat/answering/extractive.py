"""The answerer without a model: one to three sentences of the documents, word for word, in reading order.

A sentence is scored by its meaning (cosine of its vector with the question's), by the question's words that it holds
(weighted by rarity, those of its neighbours and of its passage for less), by the passage's rank and by the kind of
thing that the question asks for. The weights are general: they were chosen once and are the same for every corpus; what
each is worth stands in bench/answering/README.md. The same numbers, of the best sentence, are its support.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ragchat.answering.antecedents import whole_table, with_antecedent
from ragchat.answering.asked import Asked, asked, of_another, other_year
from ragchat.answering.cues import cue
from ragchat.answering.overlap import terms
from ragchat.answering.searching import Corpus
from ragchat.answering.support import Surroundings
from ragchat.answering.units import has_rule, is_byline, is_question, is_row, quotable, speaker
from ragchat.answering.wording import Held, share, together
from ragchat.documents import Span
from ragchat.retrieval.search import RetrievedPassage, RetrievedSentence

MEANING, OVERLAP, BEFORE, AFTER, COVERAGE, PASSAGE, CUE = 0.9, 0.6, 0.3, 0.2, 0.2, 0.15, 0.1
POINTS_BACK = 0.2
"""Added to BEFORE for a sentence with "this", "such" or "another" near its start: it goes on about the one before."""
MOST_SENTENCES, MOST_WORDS, MARGIN = 3, 110, 0.268
"""Sentences within MARGIN of the best one are quoted too: many words only where it is unclear which one answers."""
ANSWERS, HEADER, HEADED, TITLED = 0.3, 0.3, 0.3, 0.1
"""For a unit right after a question; for what of the question a row's header, the heading, the title add to it."""
OTHER_YEAR, ASKER, BYLINE = 0.15, 0.6, 0.2
"""Against the text of another year's document, the words of one who asks ("Customer: …"), a line about the document."""
MOST_ROWS, MOST_TABLE_WORDS = 8, 90
ALIKE = 0.85
"""Share of words from which two quotes say the same, as long as their figures agree."""

_POINTS_BACK = re.compile(r".{0,60}\b(?:these|this|such|another|others?|those)\b", re.IGNORECASE | re.DOTALL)
_FIGURE = re.compile(r"\d[\d.,:]*")
_WORD = re.compile(r"\w+")


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
    """The quotable sentences of the passages with their scores, best first; none about a sibling of what is asked."""
    wanted = asked(question, corpus.language)
    found = [
        candidate
        for n, passage in enumerate(passages, 1)
        for candidate in _of_passage(wanted, n, passage, corpus)
    ]
    return sorted(found, key=lambda one: -one.score)


def _of_passage(wanted: Asked, n: int, passage: RetrievedPassage, corpus: Corpus) -> Iterator[Candidate]:
    context = " ".join((passage.document.title, *passage.heading_path))
    around = Surroundings.of(wanted, f"{context} {passage.text}", corpus)
    wording = around.wording
    units = [_shown(one, passage, corpus) for one in passage.sentences]
    held = [wording.held(terms(one.text, corpus.language)) for one in units]
    title = wording.held(terms(passage.document.title, corpus.language))
    layouts = _layouts(passage)
    for place, (sentence, layout) in enumerate(zip(units, layouts, strict=True)):
        layers = (sentence.text, layout.header, *reversed(passage.heading_path), passage.document.title)
        if not _may_answer(wanted, sentence, layers, passage.heading_path):
            continue
        own = held[place]
        overlap = share(wanted.wanted, own, corpus.idf)
        before = _gained(wanted, own, held[place - 1], corpus) if place else 0.0
        after = _gained(wanted, own, held[place + 1], corpus) if place + 1 < len(held) else 0.0
        header = _gained(wanted, own, wording.held(terms(layout.header, corpus.language)), corpus)
        heading = _gained(wanted, own, wording.held(terms(layout.heading, corpus.language)), corpus)
        titled = _gained(wanted, own, title, corpus)
        meaning = passage.score if sentence.vector is None else sentence.score
        answers = place > 0 and (is_question(units[place - 1].text) or layouts[place - 1].asked)
        score = MEANING * meaning + OVERLAP * overlap + AFTER * after + COVERAGE * around.coverage
        score += HEADER * header + HEADED * heading + TITLED * titled
        score += (BEFORE + ANSWERS * answers + POINTS_BACK * bool(_POINTS_BACK.match(sentence.text))) * before
        kind = cue(wanted.question, sentence.text)
        score += PASSAGE * passage.score + CUE * kind
        score -= OTHER_YEAR * other_year(wanted, sentence.text, context) + ASKER * layout.asked
        score -= BYLINE * is_byline(sentence.text)
        yield Candidate(
            n, sentence.span, sentence.text, score, around.support(meaning, overlap, min(1.0, kind))
        )


@dataclass(frozen=True, slots=True)
class _Layout:
    """What a unit stands under: its table's header and the nearest heading, "" without one; and whether somebody
    asks there."""

    header: str
    heading: str
    asked: bool


def _layouts(passage: RetrievedPassage) -> list[_Layout]:
    layouts: list[_Layout] = []
    header, heading, asked = "", _heading(passage), False
    for unit in (sentence.text for sentence in passage.sentences):
        above = "" if has_rule(unit) or not is_row(unit) else header
        header = unit if has_rule(unit) else above
        said = speaker(unit)
        asked = said == "asker" if said else asked and not unit.startswith("#")
        layouts.append(_Layout(above, heading, asked))
        heading = unit if unit.startswith("#") else heading
    return layouts


def _heading(passage: RetrievedPassage) -> str:
    """The nearest heading above the passage's start; the title of the document says nothing of this part of it."""
    return next((one for one in passage.heading_path[-1:] if one != passage.document.title), "")


def _shown(sentence: RetrievedSentence, passage: RetrievedPassage, corpus: Corpus) -> RetrievedSentence:
    """A header stands for its small table; every other sentence for itself."""
    if not has_rule(sentence.text):
        return sentence
    span = whole_table(corpus, passage.document.id, sentence.span, MOST_ROWS, MOST_TABLE_WORDS)
    if span is None:
        return sentence
    return replace(sentence, span=span, text=corpus.text(passage.document.id, span.start, span.end))


def _may_answer(
    wanted: Asked, sentence: RetrievedSentence, layers: Sequence[str], headings: Sequence[str]
) -> bool:
    return quotable(sentence.text, headings) and not of_another(wanted, layers)


def _gained(wanted: Asked, own: Held, beside: Held, corpus: Corpus) -> float:
    """How much more of the question a sentence holds together with what stands beside it."""
    if not beside:
        return 0.0
    return share(wanted.wanted, together(own, beside), corpus.idf) - share(wanted.wanted, own, corpus.idf)


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
    """Two documents often hold the same sentence, or nearly; once is enough."""
    mine, theirs = (frozenset(_WORD.findall(text.casefold())) for text in (one.text, other.text))
    alike = len(mine & theirs) >= ALIKE * len(mine | theirs)
    return alike and sorted(_FIGURE.findall(one.text)) == sorted(_FIGURE.findall(other.text))


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
