"""Two states of the repository side by side, in turn: `python -m bench.main_path.compare BEFORE AFTER [--rounds 5]`.

BEFORE and AFTER are clones; each is run by its own `.venv` where it has one, else by the Python that runs this. Both
are asked through what they have in common. A round measures every part of one and then of the other,
the order turned round every time, so that what else the machine does meets both. Told: the least of the rounds for each
part and their ratio; least, because other work only ever adds.
- help: CPU seconds of `ragchat --help`, the least of three.
- ingest: `seconds.total` of a first `ragchat ingest` of EVAL_DIR/productdocs, and CPU seconds of the process with its
  children.
- search, answer, unread: asked.py in each state, over the questions: the search without a second reader; the extractive
  answer as the defaults are (30 questions); the answer without a second reader.
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
ASKED = ("search", "answer", "unread")
PARTS = ("help", "ingest", *ASKED)
ASKING = Path(__file__).with_name("asked.py")
RAGCHAT = ("-m", "ragchat")
Figures = dict[str, float]


def run(repository: Path, folder: Path, *arguments: str) -> tuple[dict[str, Any], float]:
    """What a program of that state printed as JSON, and the CPU seconds of it and its children."""
    own = repository / ".venv" / "bin" / "python"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [str(own) if own.exists() else sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(repository)},
        capture_output=True,
        text=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(
            f"{repository}: {' '.join(arguments)} ended with {done.returncode}: {done.stderr[-900:]}"
        )
    told = json.loads(done.stdout) if done.stdout.startswith("{") else {}
    return told, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measured(repository: Path, data: Path, parts: list[str]) -> Figures:
    """One round of one state, over an index of its own."""
    figures: Figures = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if "help" in parts:
            figures["help cpu s"] = min(run(repository, folder, *RAGCHAT, "--help")[1] for _ in range(3))
        if set(parts) == {"help"}:
            return figures
        ingest = ("ingest", str(data / "corpus.jsonl"), "--index-dir", "indexes", "--json")
        report, cpu = run(repository, folder, *RAGCHAT, *ingest)
        if "ingest" in parts:
            figures |= {"ingest s": report["seconds"]["total"], "ingest cpu s": cpu}
        lines = (data / "questions.jsonl").read_text("utf-8").splitlines(keepends=True)
        few = folder / "few.jsonl"
        few.write_text("".join(lines[:: max(1, len(lines) // ANSWERED)][:ANSWERED]), "utf-8")
        for part in ASKED:
            if part in parts:
                questions = few if part == "answer" else data / "questions.jsonl"
                told, _ = run(repository, folder, str(ASKING), str(questions), "indexes", part)
                figures |= {f"{part} {name}": value for name, value in told.items()}
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
