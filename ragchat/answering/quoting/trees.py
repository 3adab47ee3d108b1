"""A gradient-boosted tree ensemble (Friedman, 2001) read from data: what was learned offline, evaluated by numpy alone.

The training program writes one JSON file: column names and, for each tree, its nodes in arrays. All rows go down
all trees at once, one level at a time.
"""

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float32]
DEEPEST: Final = 64


@dataclass(frozen=True, slots=True)
class Ensemble:
    """Nodes of all trees in one array each; `roots` are where trees begin. A negative `column` marks a leaf.

    At an inner node a row goes left when its value is at most `threshold`; NaN does not occur.
    """

    columns: tuple[str, ...]
    roots: NDArray[np.int32]
    column: NDArray[np.int16]
    threshold: NDArray[np.float32]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    value: NDArray[np.float32]

    @classmethod
    def from_json(cls, content: str) -> Self:
        """The form that the training program writes. Raises ValueError, KeyError for another."""
        data = json.loads(content)
        return cls(
            columns=tuple(data["columns"]),
            roots=np.array(data["roots"], np.int32),
            column=np.array(data["column"], np.int16),
            threshold=np.array(data["threshold"], np.float32),
            left=np.array(data["left"], np.int32),
            right=np.array(data["right"], np.int32),
            value=np.array(data["value"], np.float32),
        )

    @classmethod
    def shipped(cls, name: str) -> Self:
        """A fitted ensemble of the package, by the name of its file."""
        return cls.from_json(files("ragchat.answering.quoting").joinpath("fitted", name).read_text("utf-8"))

    def scores(self, names: list[str], rows: Rows) -> NDArray[np.float64]:
        """One sum for each row of `rows`, float32 (n, len(names)); columns are found by name."""
        place = {name: number for number, name in enumerate(names)}
        inputs = rows[:, [place[name] for name in self.columns]]
        node = np.broadcast_to(self.roots, (len(rows), len(self.roots))).copy()
        each = np.arange(len(rows))[:, None]
        for _ in range(DEEPEST):
            column = self.column[node]
            if (column < 0).all():
                break
            goes_left = inputs[each, np.maximum(column, 0)] <= self.threshold[node]
            node = np.where(column < 0, node, np.where(goes_left, self.left[node], self.right[node]))
        sums: NDArray[np.float64] = self.value[node].sum(axis=1, dtype=np.float64)
        return sums
