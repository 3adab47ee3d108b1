"""What the chooser knows of a candidate: numbers from the search, the second reader, the question and the layout.

One row of floats for each candidate, in the order of `NAMES`. Everything comes from values in hand: no call to a
store or a model. What each is worth is learned (bench/answering/choosing), so that nothing here weighs anything.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log1p
from typing import Final, Self, get_args

import numpy as np
from numpy.typing import NDArray

from ragchat.answering.question.asked import of_another, other_year
from ragchat.answering.question.kinds import QuestionKind
from ragchat.answering.question.question import Question
from ragchat.answering.question.wording import Weights, Wordings
from ragchat.answering.quoting.candidates import Candidate, Form
from ragchat.documents import BlockKind, Span
from ragchat.language.analysis import analyze
from ragchat.language.phrases import beginning
from ragchat.language.tables import language_named
from ragchat.retrieval.scoring.rarity import Rarity
from ragchat.retrieval.units import Unit

Row = dict[str, float]
Table = NDArray[np.float32]

UNREAD: Final = -12.0
"""Grade of a unit that the second reader did not read: below every grade that it gives."""

_MARKS: Final[Mapping[str, re.Pattern[str]]] = {
    "number": re.compile(r"\d"),
    "money": re.compile(r"[$€£¥]\s?\d|\d\s?(?:[$€£¥]|EUR\b|USD\b|GBP\b|CHF\b)"),
    "clock": re.compile(r"\d(?<=\b\d)\d?(?::\d{2}\b|\s?[ap]m\b)", re.I),
    "year": re.compile(r"[12](?<=\b[12])(?:(?<=1)9|(?<=2)0)\d\d\b"),
    "address": re.compile(r"https?://|w(?<=\bw)ww\.|@(?<=[\w.]@)\w"),
    "code": re.compile(r"`|^\s{4}\S|[{};=]\s*$|--\w", re.M),
    "name": re.compile(r"[A-Z](?<=\b[A-Z])(?<!^[A-Z])(?<![.!?:|\n]\s[A-Z])[a-z]{2,}"),
}
"""They begin with what they look for and look back from there: a third of the time of looking at every place."""
FORMS: Final[tuple[Form, ...]] = get_args(Form)
KINDS: Final[tuple[BlockKind, ...]] = get_args(BlockKind)
ASKED_FOR: Final[tuple[QuestionKind, ...]] = get_args(QuestionKind)


@dataclass(frozen=True, slots=True)
class Around:
    """What stands above a unit: the words of its title and headings, of its own heading, and its layers for siblings,
    nearest first."""

    above: frozenset[str]
    heading: frozenset[str]
    text: str
    layers: tuple[str, ...]

    @classmethod
    def of(cls, unit: Unit, language: str) -> Self:
        text = " ".join((unit.document.title, *unit.heading_path))
        return cls(
            frozenset(analyze(text, language)),
            frozenset(analyze(unit.heading_path[-1] if unit.heading_path else "", language)),
            text,
            (*reversed(unit.heading_path), unit.document.title),
        )


@dataclass(frozen=True, slots=True)
class Scale:
    """What is the same for all candidates of one question."""

    question: Question
    rarity: Rarity
    wanted: Weights
    topic: Weights
    best_grade: float
    second_grade: float
    best_first: float
    units: Sequence[Unit]
    about: Row


def table_of(
    question: Question, candidates: Sequence[Candidate], units: Sequence[Unit], rarity: Rarity
) -> tuple[list[str], Table]:
    """Names of the columns and float32 (len(candidates), columns)."""
    scale = _scale(question, units, rarity)
    pointers = beginning(language_named(question.language).follow_up.pointers)
    places = {id(unit): place for place, unit in enumerate(units)}
    language = question.language
    around = {
        id(one.unit): Around.of(one.unit, language) for one in {id(c.unit): c for c in candidates}.values()
    }
    texts = [frozenset(analyze(candidate.text, language)) for candidate in candidates]
    words = frozenset[str]().union(*texts, *(one.above for one in around.values()))
    wordings = Wordings.of(question.asked.wanted, words, rarity)
    rows = [
        _of_unit(candidate, places[id(candidate.unit)], scale)
        | _of_grades(candidate, scale)
        | _of_words(candidate, own, around[id(candidate.unit)], wordings, scale)
        | _of_layout(candidate, pointers)
        | scale.about
        for candidate, own in zip(candidates, texts, strict=True)
    ]
    names = list(rows[0]) if rows else []
    return names, np.array([[row[name] for name in names] for row in rows], dtype=np.float32)


def _scale(question: Question, units: Sequence[Unit], rarity: Rarity) -> Scale:
    grades = sorted((_grade(unit) for unit in units), reverse=True)
    best, second = (*grades, UNREAD, UNREAD)[:2]
    kinds = question.kinds
    words = question.said.split()
    about: Row = {f"asks_{kind}": float(kind in kinds) for kind in ASKED_FOR}
    about |= {
        "q_words": float(len(words)),
        "q_terms": float(len(question.asked.topic)),
        "q_names": float(len(question.asked.names)),
        "q_figures": float(len(question.asked.figures)),
        "q_followup": float(bool(question.search.telling)),
        "q_unknown": float(question.asked.unknown(rarity)),
        "q_unheard": sum(rarity.unheard(term) for term in question.asked.topic)
        / max(1, len(question.asked.topic)),
        "top_grade": best,
        "top_gap": best - second,
        "good_units": float(sum(grade > 0 for grade in grades)),
    }
    first = max((unit.first for unit in units), default=0.0)
    return Scale(
        question,
        rarity,
        Weights.of(question.asked.wanted, rarity),
        Weights.of(question.asked.topic, rarity),
        best,
        second,
        first,
        [unit for unit in units if unit.grade is not None],
        about,
    )


def _grade(unit: Unit) -> float:
    return UNREAD if unit.grade is None else unit.grade


def _of_unit(candidate: Candidate, place: int, scale: Scale) -> Row:
    unit = candidate.unit
    key = next((one for one in unit.sentences if one.span == candidate.key), None)
    return {
        "grade": _grade(unit),
        "grade_gap": scale.best_grade - _grade(unit),
        "unit_place": float(place),
        "first": unit.first,
        "first_gap": scale.best_first - unit.first,
        "chunk_score": unit.chunk_score,
        "chunk_rank": float(unit.rank),
        "cosine": max((one.cosine for one in unit.sentences), default=0.0),
        "overlap": max((one.overlap for one in unit.sentences), default=0.0),
        "key_cosine": key.cosine if key else 0.0,
        "key_overlap": key.overlap if key else 0.0,
        "key_grade": max((one.grade for one in unit.graded), default=_grade(unit)),
        "missed_grade": max(
            (one.grade for one in unit.graded if not _covers(candidate, unit, one.span)), default=UNREAD
        ),
        "graded_sentences": float(len(unit.graded)),
        "part_of_unit": len(unit.window.of(candidate.key).split()) / max(1, candidate.words),
    }


def _of_grades(candidate: Candidate, scale: Scale) -> Row:
    """What the second reader said of the units inside the candidate, and of those that it leaves out."""
    inside: list[float] = []
    outside = [UNREAD]
    for unit in scale.units:
        (inside if _holds(candidate, unit) else outside).append(_grade(unit))
    return {
        "in_units": float(len(inside)),
        "in_best": max(inside, default=UNREAD),
        "in_mean": sum(inside) / len(inside) if inside else UNREAD,
        "out_best": max(outside),
        "out_gap": max(outside) - max(inside, default=UNREAD),
    }


def _holds(candidate: Candidate, unit: Unit) -> bool:
    return _covers(candidate, unit, unit.span)


def _covers(candidate: Candidate, unit: Unit, span: Span) -> bool:
    """Whether the candidate quotes a span of the unit's document."""
    return any(
        piece.window.document.id == unit.document.id
        and piece.span.start <= span.start
        and span.end <= piece.span.end
        for piece in candidate.pieces
    )


def _of_words(
    candidate: Candidate, own: frozenset[str], around: Around, wordings: Wordings, scale: Scale
) -> Row:
    text, asked, rarity = candidate.text, scale.question.asked, scale.rarity
    wording = wordings.within(own | around.above)
    held, held_above = wording.held(own), wording.held(around.above)
    held_heading, everywhere = wording.held(around.heading), wording.held(own | around.above)
    return {
        "covered": scale.wanted.share(held),
        "covered_topic": scale.topic.share(everywhere),
        "covered_above": scale.wanted.share(held_above),
        "covered_heading": scale.wanted.share(held_heading),
        "heading_asked": len(held_heading) / max(1, len(around.heading)),
        "missing_names": asked.missing_names(everywhere, rarity),
        "missing_figures": asked.missing_figures(everywhere, rarity),
        "another": float(of_another(asked, (text, *around.layers))),
        "other_year": float(other_year(asked, text, around.text)),
        "new_words": len(own - asked.wanted) / max(1, len(own)),
        **{f"has_{name}": float(bool(mark.search(text))) for name, mark in _MARKS.items()},
    }


def _of_layout(candidate: Candidate, pointers: re.Pattern[str] | None) -> Row:
    text = candidate.text
    return {
        "words": float(candidate.words),
        "log_words": log1p(candidate.words),
        "lines": float(text.count("\n") + 1),
        "pieces": float(len(candidate.pieces)),
        "depth": float(len(candidate.unit.heading_path)),
        "points_back": float(pointers is not None and pointers.match(text) is not None),
        "ends_open": float(text.rstrip().endswith((":", "：", ","))),
        "ends_asking": float(text.rstrip().endswith(("?", "？"))),
        "has_lead": float(candidate.unit.lead is not None),
        "under_title": float(len(candidate.unit.heading_path) <= 1),
        **{f"form_{form}": float(candidate.form == form) for form in FORMS},
        **{f"kind_{kind}": float(candidate.unit.kind == kind) for kind in KINDS},
    }
