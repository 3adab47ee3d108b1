"""`make bench`: the benchmarks that tell whether a change made things better or worse, one after the other.

Each is a program of its own with its method at the top and its results beside it. The ones that take an hour or other
people's packages (bench/peers, bench/scale at a million chunks, the full bench/kills) are started by hand.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PARTS = {
    "embedding": ["-m", "bench.embedding.bench"],
    "main path": ["-m", "bench.main_path.bench"],
    "retrieval": ["-m", "bench.retrieval.run"],
    "scale to 10,000 chunks": ["-m", "bench.scale.run", "--sizes", "10000"],
}


def main() -> int:
    failed = [name for name, arguments in PARTS.items() if not _ran(name, arguments)]
    sys.stdout.write(
        f"\n{len(PARTS) - len(failed)} of {len(PARTS)} benchmarks ran; failed: {failed or 'none'}\n"
    )
    return 1 if failed else 0


def _ran(name: str, arguments: list[str]) -> bool:
    sys.stdout.write(f"\n== {name}\n")
    sys.stdout.flush()
    return subprocess.run([sys.executable, *arguments], cwd=ROOT).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
