"""Growth of one index: `python -m bench.scale.run --sizes 10000,100000 --home DIRECTORY`.

Writes bench/scale/results.json, or --output.
For each size the index grows to it (one ingest and publish), then it is measured; every step is a process of its own.
An unfinished home is gone on with: sizes that results.json has already are not measured again. `python -m
bench.scale.plot` draws the plot. Sizes are chunks; a million need about 12 GB of disk below DIRECTORY.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from bench.scale.data import BLOCK_CHUNKS

RESULTS = Path(__file__).with_name("results.json")
HOME_NAME = "scale"


def child(module: str, *arguments: object) -> dict[str, object]:
    """Runs a module of the bench to its end and reads the JSON object that it prints."""
    command = [sys.executable, "-m", f"bench.scale.{module}", *map(str, arguments)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    value = json.loads(done.stdout)
    if not isinstance(value, dict):
        raise SystemExit(f"{module} printed no object")
    return value


def shared_by_two(home: Path, blocks: int) -> dict[str, object]:
    """Memory of two processes that serve the same index at once."""
    command = [sys.executable, "-m", "bench.scale.measure", "--wait", str(home), str(blocks)]
    workers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    for worker in workers:
        _line(worker)
    readings = []
    for worker in workers:
        _say(worker)
        readings.append(json.loads(_line(worker)))
    for worker in workers:
        _say(worker)
        worker.wait()
    return {
        "rss_sum_mb": round(sum(reading["rss_mb"] for reading in readings), 1),
        "pss_sum_mb": round(sum(reading["pss_mb"] for reading in readings), 1),
    }


def _line(worker: "subprocess.Popen[str]") -> str:
    if worker.stdout is None:
        raise SystemExit("a worker has no output")
    line = worker.stdout.readline()
    if not line:
        raise SystemExit("a worker ended early")
    return line


def _say(worker: "subprocess.Popen[str]") -> None:
    if worker.stdin is not None:
        worker.stdin.write("\n")
        worker.stdin.flush()


def one_size(home: Path, first_block: int, end_block: int) -> dict[str, object]:
    """Grows to a size and measures there; then one document, of a block that nobody else uses, comes and goes."""
    grown = child("grow", home, first_block, end_block)
    measured = child("measure", home, end_block)
    two = shared_by_two(home, end_block)
    extra = 900_000 + end_block
    return grown | measured | {"two_workers": two} | child("grow", home, extra, extra)


def machine() -> dict[str, object]:
    return {
        "when": datetime.now(UTC).isoformat(timespec="minutes"),
        "cores": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 2),
        "system": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="10000,100000,1000000")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--output", type=Path, default=RESULTS)
    options = parser.parse_args()
    output: Path = options.output
    home = options.home / HOME_NAME
    known: dict[str, dict[str, object]] = (
        json.loads(output.read_text()) if output.exists() and home.exists() else {}
    )
    block = max((int(size) for size in known), default=0) // BLOCK_CHUNKS
    for size in sorted(int(text) for text in options.sizes.split(",")):
        if str(size) in known:
            continue
        end_block = size // BLOCK_CHUNKS
        known[str(size)] = {"machine": machine()} | one_size(home, block, end_block)
        output.write_text(json.dumps(known, indent=1) + "\n")
        sys.stderr.write(f"{size} chunks: {json.dumps(known[str(size)])}\n")
        block = end_block


if __name__ == "__main__":
    main()
