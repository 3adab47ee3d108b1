"""The figures of a set of questions, made from per-question measures alone, and their JSON contract.

Every figure is a `Figure`: a section, a name and a statistic over columns. `compare` resamples the same columns and
`require` looks figures up by name, so a figure is defined once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ragchat.evaluation.metrics import auroc
from ragchat.evaluation.questions import Question
from ragchat.evaluation.scoring import RECALL_DEPTHS, FoundPassage, GivenAnswer, Verdict

Column: TypeAlias = NDArray[np.float64]
"""One measure of every question, in order; NaN where it does not apply."""
Statistic: TypeAlias = Callable[["Columns"], float | None]

MEASURES = (
    *(f"recall_at_{k}" for k in RECALL_DEPTHS),
    *("hit_at_5", "mrr_at_10", "ndcg_at_10", "span_recall", "span_precision", "span_iou"),
    *("contained", "words", "false_refusal", "false_answer", "support"),
    *("sentences", "cited", "verified", "latency_ms"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """What one question adds to the figures; `measures` holds those of MEASURES that apply to it."""

    id: str
    answerable: bool
    verdict: Verdict
    measures: Mapping[str, float]

    def as_json(self) -> dict[str, object]:
        """`measures` as they are: rounding here would show as a change when compared with a run in memory."""
        return {"id": self.id, "answerable": self.answerable, "verdict": self.verdict, **self.measures}


@dataclass(frozen=True, slots=True)
class Columns:
    """The rows of a run turned into arrays of equal length."""

    answerable: NDArray[np.bool_]
    measures: Mapping[str, Column]

    @classmethod
    def of(cls, rows: Sequence[Row]) -> "Columns":
        return cls(
            np.array([row.answerable for row in rows], dtype=bool),
            {name: np.array([row.measures.get(name, np.nan) for row in rows]) for name in MEASURES},
        )

    def taken(self, indices: NDArray[np.intp]) -> "Columns":
        """The rows at `indices`, repeated ones repeated."""
        return Columns(
            self.answerable[indices], {name: column[indices] for name, column in self.measures.items()}
        )

    def present(self, measure: str) -> Column:
        """The values of the questions that the measure applies to."""
        column = self.measures[measure]
        return column[~np.isnan(column)]


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of the report. `better` is +1 when more is better, -1 when less is, 0 when neither (counts)."""

    section: str
    name: str
    better: int
    statistic: Statistic

    @property
    def path(self) -> str:
        return f"{self.section}.{self.name}" if self.section else self.name


def _mean(measure: str) -> Statistic:
    def statistic(columns: Columns) -> float | None:
        values = columns.present(measure)
        return float(values.mean()) if len(values) else None

    return statistic


def _share_of_sentences(measure: str) -> Statistic:
    def statistic(columns: Columns) -> float | None:
        sentences = columns.present("sentences").sum()
        return float(columns.present(measure).sum() / sentences) if sentences else None

    return statistic


def _percentile(percent: float) -> Statistic:
    def statistic(columns: Columns) -> float | None:
        values = columns.present("latency_ms")
        return float(np.percentile(values, percent)) if len(values) else None

    return statistic


def _support_auroc(columns: Columns) -> float | None:
    support, answerable = columns.measures["support"], columns.answerable
    known = ~np.isnan(support)
    return auroc(list(support[known & answerable]), list(support[known & ~answerable]))


FIGURES: tuple[Figure, ...] = (
    Figure("", "questions", 0, lambda columns: len(columns.answerable)),
    *(Figure("retrieval", name, +1, _mean(name)) for name in MEASURES[: MEASURES.index("contained")]),
    Figure("answers", "answerable", 0, lambda columns: int(columns.answerable.sum())),
    Figure("answers", "contained", +1, _mean("contained")),
    Figure("answers", "mean_words", -1, _mean("words")),
    Figure("answers", "false_refusals", -1, _mean("false_refusal")),
    Figure("refusal", "unanswerable", 0, lambda columns: int((~columns.answerable).sum())),
    Figure("refusal", "false_answers", -1, _mean("false_answer")),
    Figure("refusal", "auroc", +1, _support_auroc),
    Figure("citations", "sentences", 0, lambda columns: int(columns.present("sentences").sum())),
    Figure("citations", "cited", +1, _share_of_sentences("cited")),
    Figure("citations", "verified", +1, _share_of_sentences("verified")),
    Figure("latency_ms", "p50", -1, _percentile(50)),
    Figure("latency_ms", "p95", -1, _percentile(95)),
)


@dataclass(frozen=True, slots=True)
class Judged:
    """One question with what it brought back: the first k passages, the answer (None: retrieval only), its row."""

    question: Question
    passages: tuple[FoundPassage, ...]
    answer: GivenAnswer | None
    row: Row


@dataclass(frozen=True, slots=True)
class EvalResult:
    """A finished run; `k` passages were shown per question, `warnings` are for people."""

    judged: tuple[Judged, ...]
    k: int
    warnings: tuple[str, ...] = ()
    figures: Mapping[str, float | None] = field(init=False)
    """By dotted path, in the order of FIGURES; None where there is nothing to measure."""

    def __post_init__(self) -> None:
        columns = Columns.of(self.rows)
        object.__setattr__(self, "figures", {figure.path: figure.statistic(columns) for figure in FIGURES})

    @property
    def rows(self) -> tuple[Row, ...]:
        return tuple(one.row for one in self.judged)

    @property
    def told(self) -> tuple[Figure, ...]:
        """The figures worth showing to people: without sections that hold nothing but counts (answers never asked)."""
        measured = {f.section for f in FIGURES if f.better and self.figures[f.path] is not None}
        return tuple(f for f in FIGURES if not f.section or f.section in measured)

    def as_json(self) -> dict[str, object]:
        """The contract of `ragchat eval --json`; `results` (one row per question) is what `--compare` pairs."""
        output: dict[str, object] = {}
        sections: dict[str, dict[str, float | None]] = {}
        for figure in FIGURES:
            value = self.figures[figure.path]
            rounded = round(value, 6) if isinstance(value, float) else value
            if figure.section:
                output[figure.section] = sections.setdefault(figure.section, {})
                sections[figure.section][figure.name] = rounded
            else:
                output[figure.name] = rounded
        return output | {"results": [row.as_json() for row in self.rows]}
