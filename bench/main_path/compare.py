"""Two states of the repository side by side, in turn: `python -m bench.main_path.compare BEFORE AFTER [--rounds 5]`.

BEFORE and AFTER are clones; each is run by its own `.venv` where it has one, else by the Python that runs this. Both
are asked through the command line, which they have in common. A round measures every part of one and then of the other,
the order turned round every time, so that what else the machine does meets both. Told: the least of the rounds for each
part and their ratio; least, because other work only ever adds.
- help: CPU seconds of `ragchat --help`, the least of three.
- ingest: `seconds.total` of a first `ragchat ingest` of EVAL_DIR/productdocs, and CPU seconds of the process with its
  children.
- search: p50 of `ragchat eval --retrieval-only` over its questions, without a second reader.
- answer: p50 of `ragchat eval`, extractive, as the defaults are; unread: the same without a second reader. Of 30 of the
  questions: an evaluation searches each several times.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from bench.evaluation_sets import EVAL_DIR

ANSWERED = 30
PARTS = ("help", "ingest", "search", "answer", "unread")
Figures = dict[str, float]


def ragchat(repository: Path, folder: Path, *arguments: str, **settings: str) -> tuple[dict[str, Any], float]:
    """What the command printed as JSON, and the CPU seconds of it and its children. Empty when it failed."""
    own = repository / ".venv" / "bin" / "python"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [str(own) if own.exists() else sys.executable, "-m", "ragchat", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(repository), **settings},
        capture_output=True,
        text=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if done.returncode:
        print(f"{repository}: {' '.join(arguments[:1])} ended with {done.returncode}: {done.stderr[-300:]}")
        return {}, seconds
    return json.loads(done.stdout) if done.stdout.startswith("{") else {}, seconds


def measured(repository: Path, data: Path, parts: list[str]) -> Figures:
    """One round of one state, over an index of its own."""
    figures: Figures = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        index = ("--index-dir", "indexes")
        if "help" in parts:
            figures["help cpu s"] = min(ragchat(repository, folder, "--help")[1] for _ in range(3))
        report, cpu = ragchat(repository, folder, "ingest", str(data / "corpus.jsonl"), *index, "--json")
        if "ingest" in parts:
            figures |= {"ingest s": report["seconds"]["total"], "ingest cpu s": cpu}
        lines = (data / "questions.jsonl").read_text("utf-8").splitlines(keepends=True)
        few = folder / "few.jsonl"
        few.write_text("".join(lines[:: max(1, len(lines) // ANSWERED)][:ANSWERED]), "utf-8")
        # Before there was a reader in the package, nothing read unless it was named, and "none" was no name.
        has_reader = (repository / "ragchat" / "models" / "cross_encoder.py").exists()
        unread = {"RAGCHAT_RERANKER": "none"} if has_reader else {}
        for part, questions, extra, settings in (
            ("search", data / "questions.jsonl", ["--retrieval-only"], unread),
            ("answer", few, [], {}),
            ("unread", few, [], unread),
        ):
            if part in parts:
                arguments = ("eval", str(questions), *index, "--json", *extra)
                told, _ = ragchat(repository, folder, *arguments, **settings)
                if told:
                    figures[f"{part} p50 ms"] = told["latency_ms"]["p50"]
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--data", type=Path, default=EVAL_DIR / "productdocs")
    parser.add_argument("--parts", default=",".join(PARTS))
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    states = {"before": options.before.resolve(), "after": options.after.resolve()}
    rounds: dict[str, list[Figures]] = defaultdict(list)
    for number in range(options.rounds):
        for state in sorted(states, reverse=number % 2 == 0):
            rounds[state].append(measured(states[state], options.data, options.parts.split(",")))
            print(number + 1, state, json.dumps(rounds[state][-1]), flush=True)
    least = {state: {name: min(one[name] for one in each if name in one) for name in each[0]}
             for state, each in rounds.items()}  # fmt: skip
    for name, before in least["before"].items():
        if name in least["after"]:
            after = least["after"][name]
            print(f"| {name} | {before:.3g} | {after:.3g} | {after / before:.3f} |")
    if options.json:
        options.json.write_text(json.dumps({"least": least, "rounds": rounds}, indent=1) + "\n")


if __name__ == "__main__":
    main()
