"""Draws bench/scale/results.json into docs/img/scale.svg: `python -m bench.scale.plot`. It alone needs matplotlib."""

import json
from collections.abc import Mapping, Sequence
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


if __name__ == "__main__":
    main()
