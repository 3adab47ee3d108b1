"""The difference between two runs over the questions they share, with a paired bootstrap interval.

Questions are resampled together with both their results (Efron & Tibshirani 1993, percentile interval; Sakai 2006
for its use on retrieval measures), so what makes a question hard or easy cancels out. The seed is fixed: the same two
files always give the same interval.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from ragchat.errors import UsageError
from ragchat.evaluation.result import FIGURES, MEASURES, Columns, Figure, Row
from ragchat.evaluation.scoring import Verdict

RESAMPLES = 2_000
SEED = 20_240_601


@dataclass(frozen=True, slots=True)
class Difference:
    """New minus old of one figure over the shared questions; `low`, `high` are its 95 % interval."""

    figure: str
    old: float
    new: float
    low: float
    high: float
    better: int

    @property
    def change(self) -> float:
        return self.new - self.old

    @property
    def verdict(self) -> str:
        """Same when no question differs; better or worse only when the interval leaves zero out."""
        if self.change == self.low == self.high == 0:
            return "same"
        if self.low <= 0 <= self.high:
            return "unclear"
        return "better" if (self.change > 0) == (self.better > 0) else "worse"

    def as_json(self) -> dict[str, object]:
        numbers = {
            "old": self.old,
            "new": self.new,
            "change": self.change,
            "low": self.low,
            "high": self.high,
        }
        return {name: round(value, 6) for name, value in numbers.items()} | {"verdict": self.verdict}


@dataclass(frozen=True, slots=True)
class Comparison:
    """`paired` questions are in both runs, `only_old` and `only_new` in one."""

    paired: int
    only_old: int
    only_new: int
    differences: tuple[Difference, ...]

    def as_json(self) -> dict[str, object]:
        return {
            "paired": self.paired,
            "only_old": self.only_old,
            "only_new": self.only_new,
            "differences": {difference.figure: difference.as_json() for difference in self.differences},
        }


def load_rows(path: Path) -> tuple[Row, ...]:
    """The per-question rows of an older `ragchat eval --json`. UsageError when the file does not hold them."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"Cannot read {path}: {error.strerror or type(error).__name__}.") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(
            f"{path} is not JSON.", hint="Compare with the output of `ragchat eval --json`."
        ) from error
    results = value.get("results") if isinstance(value, dict) else None
    if not isinstance(results, list) or not results:
        raise UsageError(
            f"{path} holds no per-question results.", hint="Compare with the output of `ragchat eval --json`."
        )
    return tuple(_row(path, position, entry) for position, entry in enumerate(results))


class _RowLine(BaseModel):
    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, object]

    id: str
    answerable: bool
    verdict: str


def _row(path: Path, position: int, entry: object) -> Row:
    try:
        line = _RowLine.model_validate(entry)
    except ValidationError as error:
        raise UsageError(f"{path}: results[{position}] is not a row of `ragchat eval --json`.") from error
    values = {
        name: float(value)
        for name, value in line.__pydantic_extra__.items()
        if name in MEASURES and isinstance(value, int | float) and abs(value) <= sys.float_info.max  # nor NaN
    }
    known: Mapping[str, Verdict] = {name: name for name in get_args(Verdict)}
    return Row(line.id, line.answerable, known.get(line.verdict, "unscored"), values)


def compare(
    new: Sequence[Row], old: Sequence[Row], *, resamples: int = RESAMPLES, seed: int = SEED
) -> Comparison:
    """Every figure that both runs have, over the questions in both. UsageError when they share none."""
    new_by_id, old_by_id = ({row.id: row for row in rows} for rows in (new, old))
    shared = [name for name in new_by_id if name in old_by_id]
    if not shared:
        raise UsageError("The two runs share no question ids, so there is nothing to compare.")
    new_columns = Columns.of([new_by_id[name] for name in shared])
    old_columns = Columns.of([old_by_id[name] for name in shared])
    return Comparison(
        paired=len(shared),
        only_old=len(old_by_id) - len(shared),
        only_new=len(new_by_id) - len(shared),
        differences=_differences(new_columns, old_columns, resamples, seed),
    )


def _differences(new: Columns, old: Columns, resamples: int, seed: int) -> tuple[Difference, ...]:
    points = {
        figure: (before, now)
        for figure in FIGURES
        if figure.better
        and (now := figure.statistic(new)) is not None
        and (before := figure.statistic(old)) is not None
    }
    changes: dict[Figure, list[float]] = {figure: [] for figure in points}
    generator = np.random.default_rng(seed)
    count = len(new.answerable)
    for _ in range(resamples):
        draw = generator.integers(0, count, count)
        drawn_new, drawn_old = new.taken(draw), old.taken(draw)
        for figure, sampled in changes.items():
            now, before = figure.statistic(drawn_new), figure.statistic(drawn_old)
            if now is not None and before is not None:
                sampled.append(now - before)
    return tuple(
        Difference(figure.path, before, now, *_interval(changes[figure], now - before), figure.better)
        for figure, (before, now) in points.items()
    )


def _interval(changes: Sequence[float], point: float) -> tuple[float, float]:
    low, high = np.percentile(changes or [point], [2.5, 97.5])
    return float(low), float(high)
