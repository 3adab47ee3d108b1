"""Fits the ensembles of the choice of quotes and the thresholds, and says what they reach on questions they
never saw.

    python -m bench.answering.choosing.fit graded ROWS.npz … [--unfitted ROWS.npz …] [--write]

A third of the questions (by a hash of their ids) is the unseen fold: nothing is fitted or chosen on it. What ships is
fitted on the other two thirds alone, so that the figures told are those of what ships. `--unfitted` are sets of which
nothing is fitted on; each is told apart.
"""

import argparse
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np

from bench.answering.choosing.collect import judge_module
from ragchat.answering.quoting.choosing import MARGINS, margins_of
from ragchat.answering.quoting.features import UNREAD
from ragchat.answering.quoting.together import picked
from ragchat.answering.refusing.doubting import SURE_ANYWAY, Asked, Read, doubt_of
from ragchat.models.cross_encoder import CrossEncoder

TARGET = Path("ragchat/answering/quoting/fitted")
THRESHOLDS = Path("ragchat/answering/refusing/thresholds.json")
DOUBTING = Path("ragchat/answering/refusing/doubting.json")
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
"""Of a near miss in `sure` and in the weight of doubt: there are few of them, and they are what is hardest to tell."""
INNER = 5
NEAR_MISSES_KEPT = 0.75
"""Share of the questions about something that the documents do not say, though they speak of it, that must end without
an answer on the fitted folds: a threshold chosen on some fifty of them keeps about a tenth fewer of others."""
GOLDEN = ("squad-", "sample_questions-")
UNGRADED_LEFT_OUT = ("grade", "grade_gap", "top_grade", "top_gap", "good_units", "in_units", "in_best",
                     "in_mean", "out_best", "out_gap", "key_grade", "missed_grade", "graded_sentences")  # fmt: skip


@dataclass
class Data:
    """Rows of all candidates with what each says, what a reader sees of it and what was read of its unit; `group[i]` is
    the question of row i, `fold` of each question 0, 1, 2 (unseen) or, of a set that is not fitted on, 3."""

    names: list[str]
    rows: np.ndarray
    labels: np.ndarray
    holds: np.ndarray
    texts: np.ndarray
    quoted: np.ndarray
    readings: np.ndarray
    group: np.ndarray
    questions: list[dict[str, Any]]
    fold: np.ndarray
    judge: Any

    @property
    def casual(self) -> np.ndarray:
        """Questions of the sets that are judged by score.py; the others are golden ones of eval sets."""
        return np.array([not q["id"].startswith(GOLDEN) for q in self.questions])

    @property
    def answerable(self) -> np.ndarray:
        return np.array([q["expect"] == "answer" for q in self.questions])

    @property
    def near(self) -> np.ndarray:
        """Questions about something that the documents do not say, though they speak of it."""
        return np.array([q["kind"] == "nearmiss" for q in self.questions])

    def of(self, questions: np.ndarray) -> np.ndarray:
        """A mask of the rows of some questions (a mask over questions)."""
        return questions[self.group]

    def parts(self, name: str) -> np.ndarray:
        """For each question which of INNER parts it is in, by a hash of its id; other names part them otherwise."""
        hashes = [hashlib.sha256(f"{name} {q['id']}".encode()).hexdigest() for q in self.questions]
        return np.array([int(one, 16) % INNER for one in hashes])

    def right(self, question: int, rows: list[int]) -> bool:
        """Whether these candidates, said one after the other, answer the question rightly."""
        if len(rows) == 1 or not self.answerable[question]:
            return bool(self.labels[rows[0]] == 2)
        row = self.questions[question]
        text = "\n\n".join(self.texts[rows])
        verdict, _ = self.judge(
            {"max_words": 0, **row, "must": row.get("must") or [["\0"]]}, text, "answered"
        )
        return bool(verdict == "right")


def load(paths: list[Path], unfitted: list[Path], left_out: tuple[str, ...], judge: Any) -> Data:
    names: list[str] = []
    columns = defaultdict(list)
    questions: list[dict[str, Any]] = []
    folds: list[int] = []
    for path in [*paths, *unfitted]:
        data = np.load(path, allow_pickle=False)
        names = [str(name) for name in data["names"]]
        for name in ("features", "labels", "holds", "texts", "quoted", "readings"):
            columns[name].append(data[name])
        columns["groups"].append(data["groups"] + len(questions))
        own = [json.loads(str(text)) for text in data["questions"]]
        questions += own
        hashes = [int(hashlib.sha256(q["id"].encode()).hexdigest(), 16) for q in own]
        folds += [3 if path in unfitted else one % 3 for one in hashes]
    joined = {name: np.concatenate(parts) for name, parts in columns.items()}
    kept = [i for i, name in enumerate(names) if name not in left_out]
    return Data(
        [names[i] for i in kept],
        joined["features"][:, kept],
        joined["labels"],
        joined["holds"],
        joined["texts"],
        joined["quoted"],
        joined["readings"],
        joined["groups"],
        questions,
        np.array(folds),
        judge,
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


def wanted_lengths(
    data: Data, length: lightgbm.Booster, row: np.ndarray, counts: Sequence[int]
) -> np.ndarray:
    """As ragchat.answering.quoting.choosing does it."""
    columns = [data.names.index(name) for name in length.feature_name()]
    rows = np.repeat(row[columns][None], len(counts), axis=0)
    rows[:, length.feature_name().index("words")] = counts
    return length.predict(rows)


@dataclass
class Picked:
    """For each question the rows of what is quoted (none where nothing can be), whether that is right, and what `sure`
    is told of it."""

    rows: list[list[int]]
    right: np.ndarray
    told: np.ndarray


def picks(data: Data, holds: np.ndarray, length: lightgbm.Booster) -> Picked:
    """What is quoted of each question's candidates; `holds` is their chance to hold the answer."""
    count = len(data.questions)
    found = Picked(
        [], np.zeros(count, bool), np.zeros((count, data.rows.shape[1] + len(MARGINS)), np.float32)
    )
    words = data.rows[:, data.names.index("words")].astype(int)
    for question in range(count):
        rows = np.flatnonzero(data.group == question)
        if not len(rows):
            found.rows.append([])
            continue
        wanted = partial(wanted_lengths, data, length, data.rows[rows[0]])
        pick = picked(holds[rows], words[rows].tolist(), data.texts[rows].tolist(), wanted)
        taken = [int(rows[place]) for place in (pick.first, pick.second) if place is not None]
        worth = holds[rows] * wanted(words[rows].tolist())
        found.rows.append(taken)
        found.right[question] = data.right(question, taken)
        found.told[question] = [*data.rows[taken[0]], *margins_of(pick, worth, holds[rows])]
    return found


def inner_holds(data: Data, seen: np.ndarray) -> np.ndarray:
    """The chance of each of the seen questions' candidates to hold the answer, by models that did not see them; of the
    others by one that saw all."""
    holds = fit_contain(data, seen).predict(data.rows)
    parts = data.parts("inner")
    for part in range(INNER):
        mask = data.of(seen & (parts == part))
        holds[mask] = fit_contain(data, seen & (parts != part)).predict(data.rows[mask])
    return np.asarray(holds)


def fit_sure(data: Data, found: Picked, questions: np.ndarray) -> lightgbm.Booster:
    names = [*data.names, *MARGINS]
    weights = np.where(data.near[questions], NEAR_MISS_WEIGHT, 1.0)
    train = lightgbm.Dataset(
        found.told[questions], found.right[questions].astype(int), weight=weights, feature_name=names
    )
    return lightgbm.train(SURE, train, num_boost_round=SURE_ROUNDS)


def doubts(data: Data, found: Picked, sure: np.ndarray) -> np.ndarray:
    """How much of a doubt there is about what each question is answered with."""
    reader = CrossEncoder(threads=2)
    grades = data.rows[:, data.names.index("grade")]
    gains = np.zeros(len(data.questions))
    for question, rows in enumerate(found.rows):
        row = data.questions[question]
        if rows and sure[question] <= SURE_ANYWAY and grades[rows[0]] > UNREAD:
            asked = Asked(row["asked"], row["topic"], row["language"])
            read = Read(data.readings[rows[0]], float(grades[rows[0]]))
            gains[question] = doubt_of(asked, "\n".join(data.quoted[rows]), read, reader).gain
    return gains


def fit_doubt(
    data: Data, right: np.ndarray, sure: np.ndarray, gains: np.ndarray, questions: np.ndarray
) -> float:
    """The weight of doubt: that of a logistic model of "right" by the log-odds of `sure` and the gain, beside that of
    the former (Newton's method)."""
    x = np.column_stack([np.ones(len(sure)), _log_odds(sure), gains])[questions]
    near, casual = data.near[questions], data.casual[questions]
    weights = np.where(near, NEAR_MISS_WEIGHT, 1.0) * np.where(casual, 1.0, GOLDEN_WEIGHT)
    beta = np.zeros(3)
    for _ in range(30):
        likely = 1 / (1 + np.exp(-x @ beta))
        slope = x.T @ (weights * (likely - right[questions]))
        curve = (x.T * (weights * likely * (1 - likely))) @ x
        beta -= np.linalg.solve(curve + 1e-6 * np.eye(3), slope)
    return float(max(0.0, -beta[2] / beta[1]))


def doubted(sure: np.ndarray, gains: np.ndarray, weight: float) -> np.ndarray:
    """As ragchat.answering.refusing.doubting.less_sure."""
    return np.asarray(1 / (1 + np.exp(weight * gains - _log_odds(sure))))


def _log_odds(chance: np.ndarray) -> np.ndarray:
    inside = np.clip(chance, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(inside / (1 - inside)))


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
    near = casual & data.near
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
    data: Data, found: Picked, sure: np.ndarray, answered: float, questions: np.ndarray, name: str
) -> None:
    """Shares of questions dealt with rightly, by kind."""
    right = found.right
    kinds: dict[str, list[bool]] = defaultdict(list)
    for i in np.flatnonzero(questions):
        said = sure[i] >= answered
        good = bool(said and right[i]) if data.answerable[i] else not said
        source = "" if data.casual[i] else "golden "
        kinds[source + data.questions[i]["kind"]].append(good)
    casual = [good for kind, goods in kinds.items() if not kind.startswith("golden") for good in goods]
    line = "  ".join(f"{kind} {sum(goods)}/{len(goods)}" for kind, goods in sorted(kinds.items()))
    top = right[questions & data.answerable & data.casual].mean()
    twice = np.mean(
        [len(found.rows[i]) > 1 for i in np.flatnonzero(questions & data.answerable & data.casual)]
    )
    print(f"{name}: right {np.mean(casual):.3f} of {len(casual)} casual", end="; ")
    print(f"what is picked right {top:.3f}, two of it {twice:.2f}\n   {line}")
    wrong = [i for i in np.flatnonzero(questions & data.answerable) if sure[i] < answered]
    print(f"   answerable refused {len(wrong)} of {(questions & data.answerable).sum()}")


def curve(data: Data, right: np.ndarray, sure: np.ndarray, questions: np.ndarray) -> None:
    """What each threshold would do on the casual questions of a fold: how many of the answerable ones are answered, how
    many of the answers are right, how many of the others are left unanswered, and all that is dealt with rightly."""
    casual = questions & data.casual
    print("   answered from   coverage  precision  near misses not answered  dealt with rightly")
    for at in (0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8):
        said = sure >= at
        answered = said[casual & data.answerable].mean()
        precise = right[casual & said].mean() if (casual & said).any() else 1.0
        kept = 1 - said[casual & data.near].mean()
        dealt = np.where(data.answerable, said & right, ~said)[casual].mean()
        print(f"   {at:13.2f}   {answered:8.3f}  {precise:9.3f}  {kept:24.3f}  {dealt:18.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("fitting", choices=("graded", "ungraded"))
    parser.add_argument("rows", type=Path, nargs="+")
    parser.add_argument("--unfitted", type=Path, nargs="*", default=[])
    parser.add_argument("--judge", type=Path, default=Path("../shared/questions/score.py"))
    parser.add_argument(
        "--write", action="store_true", help="write the ensembles and thresholds into the package"
    )
    options = parser.parse_args()
    left_out = UNGRADED_LEFT_OUT if options.fitting == "ungraded" else ()
    data = load(options.rows, options.unfitted, left_out, judge_module(options.judge).judge)
    seen = data.fold < 2
    length = fit_length(data, seen)
    found = picks(data, inner_holds(data, seen), length)
    sure_model = fit_sure(data, found, seen)
    sure = np.asarray(sure_model.predict(found.told))
    parts = data.parts("sure")
    for part in range(INNER):
        mask = seen & (parts == part)
        sure[mask] = fit_sure(data, found, seen & (parts != part)).predict(found.told[mask])
    weight = 0.0
    if options.fitting == "graded":
        gains = doubts(data, found, sure)
        weight = fit_doubt(data, found.right, sure, gains, seen)
        sure = doubted(sure, gains, weight)
    answered = best_threshold(sure, found.right, data, seen)
    outside = np.array([q["kind"] == "outside" for q in data.questions])
    near = min(answered, float(np.quantile(sure[seen & outside], 0.8)))
    print(f"{len(data.questions)} questions; thresholds answered {answered:.3f} near {near:.3f}")
    print(f"weight of doubt {weight:.3f}")
    for name, questions in told_apart(data, options.unfitted):
        report(data, found, sure, answered, questions, name)
        curve(data, found.right, sure, questions)
    if options.write:
        write(options.fitting, fit_contain(data, seen), sure_model, length, (answered, near), weight)


def told_apart(data: Data, unfitted: list[Path]) -> Iterator[tuple[str, np.ndarray]]:
    """Folds, and sets that are not fitted on."""
    yield "fitted on (crossed)", data.fold < 2
    yield "unseen", data.fold == 2
    at = int((data.fold < 3).sum())
    for path in unfitted:
        count = len(np.load(path)["questions"])
        mask = np.zeros(len(data.questions), bool)
        mask[at : at + count] = True
        at += count
        yield path.stem, mask


def write(
    fitting: str,
    contain: lightgbm.Booster,
    sure: lightgbm.Booster,
    length: lightgbm.Booster,
    thresholds: tuple[float, float],
    weight: float,
) -> None:
    """Into the package; the ensemble of lengths and the weight of doubt are the graded fitting's."""
    TARGET.mkdir(exist_ok=True)
    models = {f"contain-{fitting}": contain, f"sure-{fitting}": sure}
    if fitting == "graded":
        models["length"] = length
        DOUBTING.write_text(json.dumps({"weight": round(weight, 3)}) + "\n")
    for name, model in models.items():
        (TARGET / f"{name}.json").write_text(json.dumps(ensemble(model), separators=(",", ":")))
    shipped = json.loads(THRESHOLDS.read_text())
    shipped[fitting] = {"answered": round(thresholds[0], 3), "near": round(thresholds[1], 3)}
    THRESHOLDS.write_text(json.dumps(shipped, indent=2) + "\n")


if __name__ == "__main__":
    main()
