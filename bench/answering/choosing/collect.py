"""Every candidate of every question with its features and the judge's verdict: what the choice is learned from.

    python -m bench.answering.choosing.collect OUT.npz [SET.jsonl …] --corpus NAME=FOLDER[,FOLDER] …
        [--golden FOLDER:MOST …] [--reranker none]

With each candidate goes what a reader sees of it and what the second reader read of its unit, with each question what
was asked of it and its words with meaning, the rarest first: what doubt is measured by.

Sets and judge are those of the shared questions (score.py beside them); each corpus is ingested once into a scratch
index below --index-dir. `--golden` takes MOST questions of a set for `ragchat eval` (corpus.jsonl, questions.jsonl): an
answer is right when it holds a reference wording. Candidates are judged as they would be said.
"""

import argparse
import importlib.util
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from ingest.options import IngestOptions
from ingest.run import ingest
from ragchat.answering.question.question import Question, understood
from ragchat.answering.quoting.candidates import Candidate, candidates_of
from ragchat.answering.quoting.choosing import by_grade
from ragchat.answering.quoting.features import table_of
from ragchat.answering.quoting.quotes import quotes_of
from ragchat.answering.refusing.doubting import rarest_first
from ragchat.answering.request import Turn
from ragchat.answering.sources import found_of
from ragchat.corpus.opening import open_stores
from ragchat.models import load_embedder
from ragchat.models.reranker import load_reranker
from ragchat.retrieval.search import Retriever, SearchOptions

VERDICTS = {"right": 2, "partly": 1}


@dataclass
class Rows:
    """What is collected: a row for each candidate, `group` the number of its question."""

    names: list[str] = field(default_factory=list)
    features: list[np.ndarray] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)
    holds: list[bool] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    quoted: list[str] = field(default_factory=list)
    readings: list[str] = field(default_factory=list)
    questions: list[dict[str, Any]] = field(default_factory=list)

    def add(
        self,
        row: dict[str, Any],
        names: list[str],
        table: np.ndarray,
        candidates: Sequence[Candidate],
        judge: Any,
    ) -> None:
        number = len(self.questions)
        self.questions.append(row)
        self.names = names or self.names
        for values, candidate in zip(table, candidates, strict=True):
            text = said(candidate)
            self.features.append(values)
            self.quoted.append(candidate.reading)
            self.readings.append(candidate.unit.reading)
            judged = {**row, "expect": "answer", "must": row.get("must") or [["\0"]]}
            answerable = row["expect"] == "answer"
            verdict, _ = judge({"max_words": 0, **judged}, text, "answered")
            whole, _ = judge({**judged, "max_words": 10**6}, text, "answered")
            self.labels.append(VERDICTS.get(verdict, 0) if answerable else 0)
            self.holds.append(whole == "right" and answerable)
            self.groups.append(number)
            self.texts.append(text)

    def save(self, path: Path) -> None:
        np.savez_compressed(
            path,
            names=np.array(self.names),
            features=np.array(self.features, np.float32),
            labels=np.array(self.labels),
            holds=np.array(self.holds),
            groups=np.array(self.groups),
            texts=np.array(self.texts),
            quoted=np.array(self.quoted),
            readings=np.array(self.readings),
            questions=np.array([json.dumps(row, ensure_ascii=False) for row in self.questions]),
        )


def judge_module(path: Path) -> ModuleType:
    """score.py as a module."""
    spec = importlib.util.spec_from_file_location("score", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def said(candidate: Candidate) -> str:
    """The answer that a candidate makes."""
    return "".join(quote.joint + quote.text for quote in quotes_of(candidate))


def asked(row: dict[str, Any], retriever: Retriever) -> Question:
    history = [Turn("user", turn) for turn in row.get("history") or []]
    return understood(row["question"], history, retriever.snapshot)


def golden(folder: Path, most: int) -> list[dict[str, Any]]:
    """Questions of an eval set in the form of the judge's; half of them unanswerable where there are enough."""
    file = folder if folder.suffix == ".jsonl" else folder / "questions.jsonl"
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    usable = [
        q
        for q in lines
        if q.get("kind") not in ("adversarial", "partial", "underspecified", "unanswerable")
        and not q.get("history")
    ]
    known = [q for q in usable if q["answerable"] and all(len(a.split()) <= 12 for a in q["answers"])]
    unknown = [q for q in usable if not q["answerable"]]
    draw = random.Random(7)  # noqa: S311 - a sample, not a secret
    taken = draw.sample(known, min(most, len(known))) + draw.sample(unknown, min(most // 2, len(unknown)))
    return [
        {
            "id": f"{folder.stem}-{q['id']}",
            "corpus": folder.stem,
            "kind": "fact" if q["answerable"] else "nearmiss" if folder.suffix else "outside",
            "question": q["question"],
            "expect": "answer" if q["answerable"] else "refuse",
            "must": [[a for a in q["answers"] if any(map(str.isalnum, a))]] if q["answerable"] else [],
            "max_words": 90,
        }
        for q in taken
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("sets", type=Path, nargs="*")
    parser.add_argument("--golden", action="append", default=[], metavar="FOLDER:MOST")
    parser.add_argument("--corpus", action="append", default=[], metavar="NAME=FOLDER[,FOLDER]")
    parser.add_argument("--judge", type=Path, default=Path("../shared/questions/score.py"))
    parser.add_argument("--index-dir", type=Path, default=Path("/tmp/ragchat-choosing"))
    parser.add_argument("--reranker", default="local:minilm-l12")
    options = parser.parse_args()
    judge = judge_module(options.judge)
    folders = {name: paths.split(",") for name, _, paths in (one.partition("=") for one in options.corpus)}
    rows = [row for path in options.sets for row in judge.load(path)]
    for one in options.golden:
        folder, _, most = one.rpartition(":")
        folders.setdefault(Path(folder).stem, [f"{folder}/corpus.jsonl"])
        rows += golden(Path(folder), int(most))
    embedder = load_embedder("local:minilm")
    reranker = None if options.reranker == "none" else load_reranker(options.reranker)
    collected = Rows()
    for name in sorted({row["corpus"] for row in rows}):
        store = open_stores(options.index_dir).store(name)
        ingest([Path(folder) for folder in folders[name]], store, embedder, IngestOptions(allow_deletes=True))
        with store.open() as snapshot:
            retriever = Retriever(snapshot, embedder, reranker)
            for row in (row for row in rows if row["corpus"] == name):
                question = asked(row, retriever)
                found = found_of(question, retriever, SearchOptions()).retrieval
                units = by_grade(found.units)
                candidates = candidates_of(units)
                names, table = table_of(question, candidates, units, found.rarity)
                told = {
                    "asked": found.asked,
                    "topic": rarest_first(question.asked.topic, found.rarity),
                    "language": question.language,
                }
                collected.add({**row, **told}, names, table, candidates, judge.judge)
    collected.save(options.out)
    answerable = [i for i, row in enumerate(collected.questions) if row["expect"] == "answer"]
    labels, groups = np.array(collected.labels), np.array(collected.groups)
    reachable = sum(bool((labels[groups == i] == 2).any()) for i in answerable)
    print(f"{len(collected.questions)} questions, {len(labels)} candidates;", end=" ")
    print(f"a right one among them for {reachable} of {len(answerable)}")


if __name__ == "__main__":
    main()
