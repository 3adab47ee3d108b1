"""Draws bench/scale/results.json into docs/img/scale.svg and prints it as a table: `python -m bench.scale.plot`.

Needs matplotlib, which nothing else in the repository does.
"""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

RESULTS = Path(__file__).with_name("results.json")
IMAGE = Path(__file__).parents[2] / "docs" / "img" / "scale.svg"
Measured = Mapping[str, Any]


def line(axes: Axes, sizes: Sequence[int], values: Sequence[float], label: str) -> None:
    axes.plot(sizes, values, marker="o", label=label)


def latency(axes: Axes, sizes: Sequence[int], rows: Sequence[Measured]) -> None:
    for percentile in ("p50", "p99"):
        values = [row["hybrid"][f"{percentile}_ms"] for row in rows]
        line(axes, sizes, values, f"hybrid search, {percentile}")
    line(axes, sizes, [row["vectors_only"]["p50_ms"] for row in rows], "vectors alone, p50")
    line(axes, sizes, [row["words_only"]["p50_ms"] for row in rows], "words alone, p50")
    axes.set(title="Search", ylabel="milliseconds", yscale="log")


def memory(axes: Axes, sizes: Sequence[int], rows: Sequence[Measured]) -> None:
    line(axes, sizes, [row["memory"]["rss_mb"] for row in rows], "one process, resident")
    line(axes, sizes, [row["memory"]["private_mb"] for row in rows], "of it private")
    line(axes, sizes, [row["two_workers"]["pss_sum_mb"] for row in rows], "two workers together")
    line(axes, sizes, [row["peak_mb"] for row in rows], "ingest, peak")
    axes.set(title="Memory", ylabel="MB", ylim=(0, None))


def ingest(axes: Axes, sizes: Sequence[int], rows: Sequence[Measured]) -> None:
    line(axes, sizes, [row["seconds"] for row in rows], "growing to this size, without embedding")
    line(axes, sizes, [row["publish_seconds"] for row in rows], "of it publishing")
    line(axes, sizes, [row["add_one_s"] for row in rows], "adding one document")
    line(axes, sizes, [row["open_s"] for row in rows], "opening")
    axes.set(title="Ingest and opening", ylabel="seconds", yscale="log")


def table(results: Mapping[str, Measured]) -> str:
    """The results as the Markdown table of docs/performance.md, a column for each size."""
    sizes = sorted(results, key=int)
    rows = [
        ("", *(f"{int(size):,} chunks" for size in sizes)),
        ("---", *("--:" for _ in sizes)),
        *((name, *(str(read(results[size])) for size in sizes)) for name, read in ROWS.items()),
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _ms(row: Mapping[str, float]) -> str:
    return f"{row['p50_ms']:.1f} / {row['p99_ms']:.1f} ({row['cpu_p50_ms']:.1f})"


def _filtered(name: str) -> Callable[[Measured], str]:
    return lambda row: f"{row['filtered'][name]['recall_at_10']:.3f}, {row['filtered'][name]['p50_ms']:.1f}"


ROWS: Mapping[str, Callable[[Measured], object]] = {
    "opening, s": lambda row: row["open_s"],
    "hybrid search, ms, p50 / p99 (CPU p50)": lambda row: _ms(row["hybrid"]),
    "hybrid search, half filtered away": lambda row: _ms(row["hybrid_half_kept"]),
    "vectors alone": lambda row: _ms(row["vectors_only"]),
    "words alone": lambda row: _ms(row["words_only"]),
    "recall@10 of vectors, ms: no filter": _filtered("all"),
    "… 50 % kept": _filtered("half"),
    "… 5 % kept": _filtered("twentieth"),
    "… 0.5 % kept": _filtered("two_hundredth"),
    "resident memory, MB (private)": lambda row: (
        f"{row['memory']['rss_mb']:.0f} ({row['memory']['private_mb']:.0f})"
    ),
    "two workers together, MB": lambda row: f"{row['two_workers']['pss_sum_mb']:.0f}",
    "ingest without embedding, chunks/s": lambda row: f"{row['chunks_per_s']:,.0f}",
    "ingest, peak MB": lambda row: f"{row['peak_mb']:.0f}",
    "publishing, s": lambda row: row["publish_seconds"],
    "adding one document, s": lambda row: row["add_one_s"],
    "removing one document, s": lambda row: row["remove_one_s"],
    "index on disk, MB": lambda row: f"{row['index_mb']:,.0f}",
    "load of the machine before": lambda row: row["machine"]["load_before"],
}


def main() -> None:
    results: dict[str, Measured] = json.loads(RESULTS.read_text())
    sizes = sorted(int(size) for size in results)
    rows = [results[str(size)] for size in sizes]
    # The same results give the same file.
    mpl.rcParams["svg.hashsalt"] = "ragchat"
    figure, all_axes = plt.subplots(1, 3, figsize=(13, 4.2), layout="constrained")
    for axes, draw in zip(all_axes, (latency, memory, ingest), strict=True):
        draw(axes, sizes, rows)
        axes.set(xscale="log", xlabel="chunks in the index")
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8)
    IMAGE.parent.mkdir(exist_ok=True)
    figure.savefig(IMAGE, metadata={"Date": None})
    sys.stdout.write(table(results) + "\n")


if __name__ == "__main__":
    main()
