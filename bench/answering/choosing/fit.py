"""Fits the ensembles of the choice of quotes and the thresholds, and says what they reach on questions they
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
CONTAIN = {
    "objective": "binary", "learning_rate": 0.05, "num_leaves": 8, "min_data_in_leaf": 30, "bagging_fraction": 0.8,
    "bagging_freq": 1, "feature_fraction": 0.3, "lambda_l2": 5.0, "extra_trees": True, "verbose": -1, "num_threads": 2,
    "deterministic": True, "force_row_wise": True, "seed": 1,
}  # fmt: skip
CONTAIN_ROUNDS = 250
LENGTH = {
    "objective": "binary", "learning_rate": 0.05, "num_leaves": 6, "min_data_in_leaf": 40, "feature_fraction": 0.8,
    "lambda_l2": 5.0, "verbose": -1, "num_threads": 2, "deterministic": True, "force_row_wise": True, "seed": 1,
}  # fmt: skip
LENGTH_ROUNDS = 100
LENGTHS = (20, 30, 40, 50, 55, 60, 65, 70, 75, 80, 85, 90, 100, 110, 120, 130, 150, 180, 220, 250)
GOLDEN_WEIGHT = 0.4
"""Of a question of an eval set beside 1 for one asked casually: there are more of them, and they ask for names
alone."""
SURE = {
    "objective": "binary", "learning_rate": 0.05, "num_leaves": 4, "min_data_in_leaf": 15, "bagging_fraction": 0.8,
    "bagging_freq": 1, "feature_fraction": 0.4, "lambda_l2": 10.0, "extra_trees": True, "verbose": -1, "num_threads": 2,
    "deterministic": True, "force_row_wise": True, "seed": 1,
}  # fmt: skip
SURE_ROUNDS = 120
NEAR_MISS_WEIGHT = 2.0
"""Of a near miss in `sure`: there are few of them, and they are what is hardest to tell."""
INNER = 5
NEAR_MISSES_KEPT = 0.75
"""Share of the questions about something that the documents do not say, though they speak of it, that must end without
an answer on the fitted folds: a threshold chosen on some fifty of them keeps about a tenth fewer of others."""
GOLDEN = ("squad-", "sample_questions-")
UNGRADED_LEFT_OUT = ("grade", "grade_gap", "other_grade", "top_grade", "top_gap", "good_units", "in_units", "in_best",
                     "in_mean", "out_best", "out_gap", "key_grade", "missed_grade", "graded_sentences")  # fmt: skip


@dataclass
class Data:
    """Rows of all candidates; `group[i]` is the question of row i, `fold` of each question 0, 1 or 2 (unseen)."""

    names: list[str]
    rows: np.ndarray
    labels: np.ndarray
    holds: np.ndarray
    group: np.ndarray
    questions: list[dict[str, Any]]
    fold: np.ndarray

    @property
    def casual(self) -> np.ndarray:
        """Questions of the sets that are judged by score.py; the others are golden ones of eval sets."""
        return np.array([not q["id"].startswith(GOLDEN) for q in self.questions])

    @property
    def answerable(self) -> np.ndarray:
        return np.array([q["expect"] == "answer" for q in self.questions])

    def of(self, questions: np.ndarray) -> np.ndarray:
        """A mask of the rows of some questions (a mask over questions)."""
        return questions[self.group]


def load(paths: list[Path], left_out: tuple[str, ...]) -> Data:
    names: list[str] = []
    rows, labels, holds, groups, questions = [], [], [], [], []
    for path in paths:
        data = np.load(path, allow_pickle=False)
        names = [str(name) for name in data["names"]]
        rows.append(data["features"])
        labels.append(data["labels"])
        holds.append(data["holds"])
        groups.append(data["groups"] + len(questions))
        questions += [json.loads(str(text)) for text in data["questions"]]
    kept = [i for i, name in enumerate(names) if name not in left_out]
    fold = np.array([int(hashlib.sha256(q["id"].encode()).hexdigest(), 16) % 3 for q in questions])
    return Data(
        [names[i] for i in kept],
        np.concatenate(rows)[:, kept],
        np.concatenate(labels),
        np.concatenate(holds),
        np.concatenate(groups),
        questions,
        fold,
    )


def fit_contain(data: Data, questions: np.ndarray) -> lightgbm.Booster:
    """Whether a candidate holds the answer, over the candidates of the answerable ones among `questions`."""
    mask = data.of(questions & data.answerable)
    weights = np.where(data.casual, 1.0, GOLDEN_WEIGHT)[data.group[mask]]
    train = lightgbm.Dataset(data.rows[mask], data.holds[mask], weight=weights, feature_name=data.names)
    return lightgbm.train(CONTAIN, train, num_boost_round=CONTAIN_ROUNDS)


def fit_length(data: Data, questions: np.ndarray) -> lightgbm.Booster:
    """Whether an answer of so many words is wanted, from what the question asks for; falls with the number of words."""
    about = [name for name in data.names if name.startswith(("asks_", "q_"))]
    columns = [data.names.index(name) for name in about]
    rows, wanted = [], []
    for question in np.flatnonzero(questions & data.answerable & data.casual):
        own = np.flatnonzero(data.group == question)
        if len(own):
            rows += [[*data.rows[own[0], columns], words] for words in LENGTHS]
            wanted += [data.questions[question]["max_words"] >= words for words in LENGTHS]
    falling = {"monotone_constraints": [0] * len(about) + [-1]}
    train = lightgbm.Dataset(np.array(rows), np.array(wanted), feature_name=[*about, "words"])
    return lightgbm.train(LENGTH | falling, train, num_boost_round=LENGTH_ROUNDS)


def worth_of(data: Data, contain: lightgbm.Booster, length: lightgbm.Booster) -> np.ndarray:
    """As ragchat.answering.quoting.choosing.worth, for every row."""
    columns = [data.names.index(name) for name in length.feature_name()]
    return contain.predict(data.rows) * length.predict(data.rows[:, columns])


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
        second = scores[order[1]] if len(order) > 1 else 0.0
        told[question] = [*data.rows[order[0]], scores[order[0]], scores[order[0]] - second]
    return best, right, told


def inner_scores(data: Data, seen: np.ndarray) -> np.ndarray:
    """Worth of the seen questions' candidates by models that did not see them; of the others by one that saw all."""
    scores = worth_of(data, fit_contain(data, seen), fit_length(data, seen))
    parts = np.array(
        [int(hashlib.sha256(f"inner {q['id']}".encode()).hexdigest(), 16) % INNER for q in data.questions]
    )
    for part in range(INNER):
        others = seen & (parts != part)
        mask = data.of(seen & (parts == part))
        scores[mask] = worth_of(data, fit_contain(data, others), fit_length(data, others))[mask]
    return scores


def fit_sure(data: Data, told: np.ndarray, right: np.ndarray, questions: np.ndarray) -> lightgbm.Booster:
    names = [*data.names, *margins()]
    near = np.array([q["kind"] == "nearmiss" for q in data.questions])[questions]
    weights = np.where(near, NEAR_MISS_WEIGHT, 1.0)
    train = lightgbm.Dataset(
        told[questions], right[questions].astype(int), weight=weights, feature_name=names
    )
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
    """The one with most questions dealt with rightly, of those that leave enough near misses unanswered; a wrong answer
    costs a third of what a right one is worth.

    Counted over the casual sets alone: golden ones have longer questions and would outnumber them.
    """
    casual = questions & data.casual
    near = casual & np.array([q["kind"] == "nearmiss" for q in data.questions])
    candidates = [
        at for at in np.unique(np.round(sure[casual], 3)) if (sure[near] < at).mean() >= NEAR_MISSES_KEPT
    ]
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
        source = "" if data.casual[i] else "golden "
        kinds[source + data.questions[i]["kind"]].append(good)
    casual = [good for kind, goods in kinds.items() if not kind.startswith("golden") for good in goods]
    line = "  ".join(f"{kind} {sum(goods)}/{len(goods)}" for kind, goods in sorted(kinds.items()))
    top = right[questions & data.answerable & data.casual].mean()
    print(
        f"{name}: right {np.mean(casual):.3f} of {len(casual)} casual; best candidate right {top:.3f}\n   {line}"
    )
    wrong = [i for i in np.flatnonzero(questions & data.answerable) if sure[i] < answered]
    print(f"   answerable refused {len(wrong)} of {(questions & data.answerable).sum()}")


def curve(data: Data, right: np.ndarray, sure: np.ndarray, questions: np.ndarray) -> None:
    """What each threshold would do on the casual questions of a fold: how many of the answerable ones are answered, how
    many of the answers are right, how many of the others are left unanswered, and all that is dealt with rightly."""
    casual = questions & data.casual
    near = np.array([q["kind"] == "nearmiss" for q in data.questions])
    print("   answered from   coverage  precision  near misses not answered  dealt with rightly")
    for at in (0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8):
        said = sure >= at
        answered = said[casual & data.answerable].mean()
        precise = right[casual & said].mean() if (casual & said).any() else 1.0
        kept = 1 - said[casual & near].mean()
        dealt = np.where(data.answerable, said & right, ~said)[casual].mean()
        print(f"   {at:13.2f}   {answered:8.3f}  {precise:9.3f}  {kept:24.3f}  {dealt:18.3f}")


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
    curve(data, right, crossed, seen)
    report(data, right, sure, answered, unseen, "unseen")
    curve(data, right, sure, unseen)
    if options.write:
        TARGET.mkdir(exist_ok=True)
        models = {
            f"contain-{options.fitting}": fit_contain(data, seen),
            f"sure-{options.fitting}": sure_model,
        }
        models |= {"length": fit_length(data, seen)} if options.fitting == "graded" else {}
        for name, model in models.items():
            (TARGET / f"{name}.json").write_text(json.dumps(ensemble(model), separators=(",", ":")))
        thresholds = json.loads(THRESHOLDS.read_text())
        thresholds[options.fitting] = {"answered": round(answered, 3), "near": round(min(near, answered), 3)}
        THRESHOLDS.write_text(json.dumps(thresholds, indent=2) + "\n")


if __name__ == "__main__":
    main()
