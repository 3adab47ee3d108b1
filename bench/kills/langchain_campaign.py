"""The same kills against LangChain's `FAISS.save_local`: how often is what is on disk unloadable, mixed or lost?"""

import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

from bench.kills.running import REPOSITORY


def campaign(*, kills: int, seed: int, texts: int = 5_000) -> dict[str, object]:
    """Half of the kills wait for a "saving" line, half for a "saved" line; then up to one save's time passes."""
    random_ = random.Random(seed)  # noqa: S311
    outcomes: dict[str, int] = {"whole": 0, "unloadable": 0, "mixed": 0, "acknowledged lost": 0}
    examples: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="ragchat-kills-langchain-") as name:
        directory = Path(name) / "store"
        for number in range(kills):
            shutil.rmtree(directory, ignore_errors=True)
            saved = _run_and_kill(directory, texts, random_, word=("saving", "saved")[number % 2])
            outcome, detail = _load(directory, saved)
            outcomes[outcome] += 1
            examples.setdefault(outcome, detail)
    return {
        "subject": "langchain_community FAISS.save_local",
        "seed": seed,
        "kills": kills,
        "texts": texts,
        "outcomes": outcomes,
        "examples": examples,
    }


def _run_and_kill(directory: Path, texts: int, random_: random.Random, word: str) -> int:
    """Lets the store be saved at least once, then kills during a later save; number of texts acknowledged."""
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "bench.kills.langchain_child",
        str(directory),
        str(texts),
    ]
    saved, rounds, began, pause = 0, random_.randint(2, 4), 0.0, 0.0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY) as process:
        assert process.stdout is not None
        for line in process.stdout:
            said, count = line.split()
            if said == "saving":
                began = time.perf_counter()
            else:
                saved, pause = int(count), time.perf_counter() - began
            if rounds == 0 and said == word:
                break
            rounds -= said == "saved" and rounds > 0
        time.sleep(random_.uniform(0, pause))
        process.send_signal(signal.SIGKILL)
        for line in process.stdout:  # said before it died
            if line.startswith("saved") and line.endswith("\n"):
                saved = int(line.split()[1])
    return saved


def _load(directory: Path, saved: int) -> tuple[str, str]:
    from langchain_community.vectorstores import FAISS

    from bench.kills.langchain_child import NumberedEmbeddings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            store = FAISS.load_local(
                str(directory), NumberedEmbeddings(), allow_dangerous_deserialization=True
            )
    except Exception as error:  # noqa: BLE001 - whatever it raises is the finding
        return "unloadable", f"{type(error).__name__}: {str(error)[:120]}"
    vectors, rows = store.index.ntotal, len(store.index_to_docstore_id)
    if vectors != rows:
        return "mixed", f"{vectors} vectors, {rows} texts"
    if rows < saved:
        return "acknowledged lost", f"{rows} of {saved} texts"
    return "whole", f"{rows} texts, {saved} acknowledged"
