"""Fits the two ensembles of the choice of quotes and the thresholds, and says what they reach on questions they
never saw.

    python -m bench.answering.choosing.fit graded ROWS.npz … [--write]

A third of the questions (by a hash of their ids) is the unseen fold: nothing is fitted or chosen on it. What ships is
fitted on the other two thirds alone, so that the figures told are those of what ships.
"""

import argparse
import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np

from ragchat.answering.quoting.choosing import margins

TARGET = Path("ragchat/answering/quoting/fitted")
THRESHOLDS = Path("ragchat/answering/refusing/thresholds.json")
ORDER = {
    "objective": "lambdarank", "learning_rate": 0.06, "num_leaves": 8, "min_data_in_leaf": 25, "bagging_fraction": 0.8,
    "bagging_freq": 1, "feature_fraction": 0.4, "label_gain": [0, 0.3, 1], "lambdarank_truncation_level": 5,
    "lambda_l2": 5.0, "verbose": -1, "num_threads": 2, "deterministic": True, "force_row_wise": True, "seed": 1,
}  # fmt: skip
ORDER_ROUNDS = 110
SURE = {
    "objective": "binary", "learning_rate": 0.05, "num_leaves": 4, "min_data_in_leaf": 15, "bagging_fraction": 0.8,
    "bagging_freq": 1, "feature_fraction": 0.4, "lambda_l2": 10.0, "verbose": -1, "num_threads": 2,
    "deterministic": True, "force_row_wise": True, "seed": 1,
}  # fmt: skip
SURE_ROUNDS = 80
INNER = 5
UNGRADED_LEFT_OUT = ("grade", "grade_gap", "other_grade", "top_grade", "top_gap", "good_units", "in_units", "in_best",
                     "in_mean", "out_best", "out_gap", "key_grade", "missed_grade", "graded_sentences")  # fmt: skip


@dataclass
class Data:
    """Rows of all candidates; `group[i]` is the question of row i, `fold` of each question 0, 1 or 2 (unseen)."""

    names: list[str]
    rows: np.ndarray
    labels: np.ndarray
    group: np.ndarray
    questions: list[dict[str, Any]]
    fold: np.ndarray

    @property
    def answerable(self) -> np.ndarray:
        return np.array([q["expect"] == "answer" for q in self.questions])

    def of(self, questions: np.ndarray) -> np.ndarray:
        """A mask of the rows of some questions (a mask over questions)."""
        return questions[self.group]


def load(paths: list[Path], left_out: tuple[str, ...]) -> Data:
    names: list[str] = []
    rows, labels, groups, questions = [], [], [], []
    for path in paths:
        data = np.load(path, allow_pickle=False)
        names = [str(name) for name in data["names"]]
        rows.append(data["features"])
        labels.append(data["labels"])
        groups.append(data["groups"] + len(questions))
        questions += [json.loads(str(text)) for text in data["questions"]]
    kept = [i for i, name in enumerate(names) if name not in left_out]
    fold = np.array([int(hashlib.sha256(q["id"].encode()).hexdigest(), 16) % 3 for q in questions])
    return Data(
        [names[i] for i in kept], np.concatenate(rows)[:, kept], np.concatenate(labels), np.concatenate(groups),
        questions, fold,
    )  # fmt: skip


def fit_order(data: Data, questions: np.ndarray) -> lightgbm.Booster:
    """Listwise over the candidates of the answerable ones among `questions`."""
    mask = data.of(questions & data.answerable)
    _, counts = np.unique(data.group[mask], return_counts=True)
    train = lightgbm.Dataset(data.rows[mask], data.labels[mask], group=counts, feature_name=data.names)
    return lightgbm.train(ORDER, train, num_boost_round=ORDER_ROUNDS)


def best_rows(data: Data, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each question: the row of its best candidate, whether that is right, and what `sure` is told of it."""
    best = np.full(len(data.questions), -1)
    right = np.zeros(len(data.questions), bool)
    told = np.zeros((len(data.questions), data.rows.shape[1] + len(margins())), np.float32)
    for question in range(len(data.questions)):
        rows = np.flatnonzero(data.group == question)
        if not len(rows):
            continue
        order = rows[np.argsort(-scores[rows], kind="stable")]
        best[question], right[question] = order[0], data.labels[order[0]] == 2
        second = scores[order[1]] if len(order) > 1 else scores[order[0]] - 1
        told[question] = [*data.rows[order[0]], scores[order[0]], scores[order[0]] - second]
    return best, right, told


def inner_scores(data: Data, seen: np.ndarray) -> np.ndarray:
    """Scores of the seen questions' candidates by models that did not see them; of the others by one that saw all."""
    scores = fit_order(data, seen).predict(data.rows)
    parts = np.array(
        [int(hashlib.sha256(f"inner {q['id']}".encode()).hexdigest(), 16) % INNER for q in data.questions]
    )
    for part in range(INNER):
        model = fit_order(data, seen & (parts != part))
        mask = data.of(seen & (parts == part))
        scores[mask] = model.predict(data.rows[mask])
    return scores


def fit_sure(data: Data, told: np.ndarray, right: np.ndarray, questions: np.ndarray) -> lightgbm.Booster:
    names = [*data.names, *margins()]
    train = lightgbm.Dataset(told[questions], right[questions].astype(int), feature_name=names)
    return lightgbm.train(SURE, train, num_boost_round=SURE_ROUNDS)


def ensemble(booster: lightgbm.Booster) -> dict[str, Any]:
    """The booster in the form of ragchat.answering.quoting.trees.Ensemble; only columns that it uses."""
    dumped = booster.dump_model()
    names = dumped["feature_names"]
    used = sorted({name for tree in dumped["tree_info"] for name in _columns(tree["tree_structure"], names)})
    nodes: dict[str, list[Any]] = {key: [] for key in ("column", "threshold", "left", "right", "value")}
    roots = [_add(tree["tree_structure"], nodes, names, used) for tree in dumped["tree_info"]]
    return {"columns": used, "roots": roots, **nodes}


def _columns(node: dict[str, Any], names: list[str]) -> set[str]:
    if "leaf_value" in node:
        return set()
    below = _columns(node["left_child"], names) | _columns(node["right_child"], names)
    return below | {names[node["split_feature"]]}


def _add(node: dict[str, Any], nodes: dict[str, list[Any]], names: list[str], used: list[str]) -> int:
    place = len(nodes["column"])
    leaf = "leaf_value" in node
    nodes["column"].append(-1 if leaf else used.index(names[node["split_feature"]]))
    nodes["threshold"].append(0 if leaf else float(f"{node['threshold']:.6g}"))
    nodes["value"].append(float(f"{node['leaf_value']:.4g}") if leaf else 0)
    nodes["left"].append(0)
    nodes["right"].append(0)
    if not leaf:
        nodes["left"][place] = _add(node["left_child"], nodes, names, used)
        nodes["right"][place] = _add(node["right_child"], nodes, names, used)
    return place


def best_threshold(sure: np.ndarray, right: np.ndarray, data: Data, questions: np.ndarray) -> float:
    """The one with most questions dealt with rightly; a wrong answer costs as much as two refusals.

    Counted over the casual sets alone: golden ones have longer questions and would outnumber them.
    """
    casual = questions & np.array([not q["id"].startswith("squad") for q in data.questions])
    candidates = np.unique(np.round(sure[casual], 3))
    worth = [
        sum(_worth(sure[i] >= at, right[i], data.answerable[i]) for i in np.flatnonzero(casual))
        for at in candidates
    ]
    return float(candidates[int(np.argmax(worth))])


def _worth(answered: bool, right: bool, answerable: bool) -> float:
    if answered:
        return 1.0 if right else -0.35
    return 0.0 if answerable else 1.0


def report(
    data: Data, right: np.ndarray, sure: np.ndarray, answered: float, questions: np.ndarray, name: str
) -> None:
    """Shares of questions dealt with rightly, by kind."""
    kinds: dict[str, list[bool]] = defaultdict(list)
    for i in np.flatnonzero(questions):
        said = sure[i] >= answered
        good = bool(said and right[i]) if data.answerable[i] else not said
        source = "squad " if data.questions[i]["id"].startswith("squad") else ""
        kinds[source + data.questions[i]["kind"]].append(good)
    casual = [good for kind, goods in kinds.items() if not kind.startswith("squad") for good in goods]
    line = "  ".join(f"{kind} {sum(goods)}/{len(goods)}" for kind, goods in sorted(kinds.items()))
    top = right[questions & data.answerable].mean()
    print(
        f"{name}: right {np.mean(casual):.3f} of {len(casual)} casual; best candidate right {top:.3f}\n   {line}"
    )
    wrong = [i for i in np.flatnonzero(questions & data.answerable) if sure[i] < answered]
    print(f"   answerable refused {len(wrong)} of {(questions & data.answerable).sum()}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("fitting", choices=("graded", "ungraded"))
    parser.add_argument("rows", type=Path, nargs="+")
    parser.add_argument(
        "--write", action="store_true", help="write the ensembles and thresholds into the package"
    )
    options = parser.parse_args()
    data = load(options.rows, UNGRADED_LEFT_OUT if options.fitting == "ungraded" else ())
    seen, unseen = data.fold < 2, data.fold == 2
    scores = inner_scores(data, seen)
    _, right, told = best_rows(data, scores)
    sure_model = fit_sure(data, told, right, seen)
    sure = sure_model.predict(told)
    crossed = sure.copy()
    parts = np.array(
        [int(hashlib.sha256(f"sure {q['id']}".encode()).hexdigest(), 16) % INNER for q in data.questions]
    )
    for part in range(INNER):
        mask = seen & (parts == part)
        crossed[mask] = fit_sure(data, told, right, seen & (parts != part)).predict(told[mask])
    answered = best_threshold(crossed, right, data, seen)
    outside = np.array([q["kind"] == "outside" for q in data.questions])
    near = float(np.quantile(crossed[seen & outside], 0.8))
    print(
        f"{len(data.questions)} questions; thresholds answered {answered:.3f} near {min(near, answered):.3f}"
    )
    report(data, right, crossed, answered, seen, "fitted on (crossed)")
    report(data, right, sure, answered, unseen, "unseen")
    if options.write:
        TARGET.mkdir(exist_ok=True)
        for task, model in (("order", fit_order(data, seen)), ("sure", sure_model)):
            (TARGET / f"{task}-{options.fitting}.json").write_text(
                json.dumps(ensemble(model), separators=(",", ":"))
            )
        thresholds = json.loads(THRESHOLDS.read_text())
        thresholds[options.fitting] = {"answered": round(answered, 3), "near": round(min(near, answered), 3)}
        THRESHOLDS.write_text(json.dumps(thresholds, indent=2) + "\n")


if __name__ == "__main__":
    main()
