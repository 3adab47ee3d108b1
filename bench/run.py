"""`make bench`: the benchmarks that tell whether a change made things better or worse, one after the other.

Each is a program of its own with its method at the top and its results beside it. The ones that take an hour or other
people's packages (bench/peers, bench/scale at a million chunks, the full bench/kills) are started by hand.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PARTS = {
    "embedding": ["-m", "bench.embedding.bench"],
    "main path": ["-m", "bench.main_path.bench"],
    "retrieval": ["-m", "bench.retrieval.run"],
    "second reader": ["-m", "bench.reader.run"],
    "scale to 10,000 chunks": [
        "-m",
        "bench.scale.run",
        "--sizes",
        "10000",
        "--home",
        "{}",
        "--output",
        "{}/scale.json",
    ],
}
"""`{}` is a directory that lives as long as the program: bench/scale keeps figures up to a million chunks."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("only", nargs="*", help=f"of: {', '.join(PARTS)} (default: all)")
    only = parser.parse_args().only
    with tempfile.TemporaryDirectory() as scratch:
        failed = [
            name
            for name, arguments in PARTS.items()
            if (not only or name in only) and not _ran(name, [one.format(scratch) for one in arguments])
        ]
    sys.stdout.write(
        f"\n{len(only or PARTS) - len(failed)} of {len(only or PARTS)} benchmarks ran; failed: {failed or 'none'}\n"
    )
    return 1 if failed else 0


def _ran(name: str, arguments: list[str]) -> bool:
    sys.stdout.write(f"\n== {name}\n")
    sys.stdout.flush()
    return subprocess.run([sys.executable, *arguments], cwd=ROOT).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
