"""kill -9 at random moments of `documents remove --purge`.

Afterwards the document answers still, or it is gone: then none of its words is on the disk, or `verify` names it as
due; and the same command, given again, takes all of them off.
"""

import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

WORD = "glabrovexuntil"
"""Is in one document only, and in no dictionary."""
_RAGCHAT = (sys.executable, "-m", "ragchat")
_LONGEST_RUN = 300.0


@dataclass(frozen=True, slots=True)
class PurgeKill:
    """One purge: whether it was killed, what was there after it, and what is wrong with that (empty: nothing)."""

    delay: float
    killed: bool
    answers: bool
    words_left: bool
    admitted: bool
    problem: str


def campaign(*, kills: int, seed: int, documents: int = 60) -> dict[str, object]:
    """The figures of so many kills."""
    with tempfile.TemporaryDirectory() as place:
        good, folder = Path(place) / "good", Path(place) / "docs"
        folder.mkdir()
        for number in range(documents):
            (folder / f"n{number}.md").write_text(
                f"# Note {number}\n\nPump {number} weighs {number * 7} kilograms.\n"
            )
        parts = "\n\n".join(
            f"The {WORD} valve number {number} opens at {number} bar." for number in range(80)
        )
        (folder / "secret.md").write_text(f"# Secret\n\n{parts}\n")
        _ragchat(good, "ingest", str(folder)).check_returncode()
        whole = _undisturbed(good, Path(place) / "index")
        chance = random.Random(seed)  # noqa: S311
        tried = [_kill(good, Path(place) / "index", chance.uniform(0.2, 1.0) * whole) for _ in range(kills)]
    return {
        "subject": "purge",
        "seed": seed,
        "kills": sum(one.killed for one in tried),
        "killed after the publish, words left and told": sum(
            one.killed and one.words_left and one.admitted for one in tried
        ),
        "failures": [asdict(one) for one in tried if one.problem],
    }


def _undisturbed(good: Path, index: Path) -> float:
    """Seconds of a purge that nobody kills."""
    shutil.copytree(good, index)
    began = time.monotonic()
    _ragchat(index, "documents", "remove", "secret.md", "--purge").check_returncode()
    return time.monotonic() - began


def _kill(good: Path, index: Path, delay: float) -> PurgeKill:
    shutil.rmtree(index)
    shutil.copytree(good, index)
    purge = ("documents", "remove", "secret.md", "--purge", "--index-dir", str(index))
    process = subprocess.Popen([*_RAGCHAT, *purge], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        process.wait(delay)
    except subprocess.TimeoutExpired:
        process.kill()
    killed = process.wait() < 0
    answers = '"secret.md"' in _ragchat(index, "documents", "list", "--json").stdout
    left = _words_left(index)
    report = json.loads(_ragchat(index, "verify", "--json").stdout)
    admitted = any("secret.md" in kept["what"] for kept in report["on_disk"])
    problem = "verify finds damage" if report["problems"] else ""
    if not answers and left and not admitted:
        problem = "words are left and verify does not say so"
    if answers or left:
        again = _ragchat(index, *purge[:4])
        if again.returncode or _words_left(index):
            problem = problem or f"the same command does not end it: {again.stderr.strip()}"
    return PurgeKill(round(delay, 3), killed, answers, left and not answers, admitted, problem)


def _words_left(index: Path) -> bool:
    return any(WORD.encode() in path.read_bytes().lower() for path in index.rglob("*") if path.is_file())


def _ragchat(index: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [*_RAGCHAT, *arguments, "--index-dir", str(index)]
    return subprocess.run(command, capture_output=True, text=True, timeout=_LONGEST_RUN, check=False)
