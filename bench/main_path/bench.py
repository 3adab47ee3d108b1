"""The main job, measured as a user meets it: `make bench`, or `python -m bench.main_path.bench [--quick]`.

Method. Everything runs on this machine in one go; ratios are formed within the run, because machines are noisy.
- embedding: the Markdown sets of ../shared/eval/files are copied `COPIES` times with a word added to each file, so that
  no passage is in the cache twice. Time of a whole `ingest` in a fresh process (its own `seconds.total`) against
  `embed_passages` alone on the same passages, in turn, three times; the ratio of the medians is reported.
- memory: peak resident set of `ragchat ingest` and of its children (os.wait4), for 1x and 4x the copies.
- unchanged: 1,000 small files ingested once, then again: wall time inside the run and embeddings; then one changed.
- startup: CPU seconds (user + system of the child) of `ragchat --help` against a bare typer program, median of 11.
- sources: time from the request to the first `sources` event over HTTP on the sample corpus, 40 questions after 5.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).resolve().parents[2]
FILES = Path(os.environ.get("RAGCHAT_EVAL_DIR", ROOT.parent / "shared" / "eval")) / "files"
COPIES = 3


def ragchat(folder: Path, *arguments: str) -> tuple[dict[str, object], float, float]:
    """Runs the command: its JSON, peak resident megabytes of it and its children, CPU seconds."""
    command = [sys.executable, "-m", "ragchat", *arguments]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        out = process.stdout.read()
        _, _, usage = os.wait4(process.pid, 0)
    return (
        json.loads(out) if out.startswith("{") else {},
        usage.ru_maxrss / 1024,
        usage.ru_utime + usage.ru_stime,
    )


def markdown_copies(folder: Path, copies: int) -> Path:
    """The Markdown sets `copies` times; every passage differs from its copies by one word of its document's title."""
    target = folder / f"copies-{copies}"
    for copy in range(copies):
        for source in sorted(FILES.glob("*/**/*.md")):
            if "expected" in source.parts:
                continue
            path = target / str(copy) / source.relative_to(FILES)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(
                f"---\ntitle: {source.stem} copy{copy}\n---\n" + source.read_text("utf-8"), "utf-8"
            )
    return target


def embedding(folder: Path) -> dict[str, float]:
    """Chunks per second of a whole ingest and of the embedder alone on the same passages."""
    from ingest.extract import extract
    from ingest.split import SplitOptions, split
    from ragchat.documents import Document
    from ragchat.models.embedder import passage_of
    from ragchat.models.loading import load_embedder

    docs = markdown_copies(folder, COPIES)
    passages = []
    for path in sorted(docs.rglob("*.md")):
        found = extract(path.read_bytes(), path.name)
        document = Document("d", "c", path.name, path.name, found.title, found.media_type, "", found.text,
                            found.pages, found.headings)  # fmt: skip
        passages += [passage_of(document, chunk) for chunk in split(document, SplitOptions())]
    alone, whole = [], []
    embedder = load_embedder("local:minilm")
    embedder.embed_query("warm up")
    for turn in range(3):
        began = perf_counter()
        assert sum(1 for _ in embedder.embed_passages(passages)) == len(passages)
        alone.append(len(passages) / (perf_counter() - began))
        report, _, _ = ragchat(folder, "ingest", str(docs), "--index-dir", f"indexes-{turn}", "--json")
        chunks, seconds = report["chunks"], report["seconds"]
        assert isinstance(chunks, dict)
        assert isinstance(seconds, dict)
        assert chunks["embedded"] == len(passages), (chunks, len(passages))
        whole.append(chunks["embedded"] / seconds["total"])
    return {
        "chunks": len(passages),
        "embedder_chunks_per_second": round(statistics.median(alone), 1),
        "ingest_chunks_per_second": round(statistics.median(whole), 1),
        "share": round(statistics.median(whole) / statistics.median(alone), 3),
    }


def memory(folder: Path) -> dict[str, float]:
    """Peak resident megabytes of an ingest of the copies and of four times as many."""
    peaks: dict[str, float] = {}
    for factor in (1, 4):
        docs = markdown_copies(folder, COPIES * factor)
        _, peak, _ = ragchat(folder, "ingest", str(docs), "--index-dir", f"memory-{factor}", "--json")
        peaks[f"peak_mb_{factor}x"] = round(peak)
    return peaks


def unchanged(folder: Path) -> dict[str, float]:
    """1,000 files, nothing changed; then one changed."""
    docs = folder / "thousand"
    docs.mkdir()
    for number in range(1000):
        text = f"# Note {number}\n\nThis is what note {number} says about topic {number % 37}.\n"
        (docs / f"note-{number}.md").write_text(text, encoding="utf-8")
    ragchat(folder, "ingest", str(docs), "--index-dir", "thousand-index", "--json")
    again, _, cpu = ragchat(folder, "ingest", str(docs), "--index-dir", "thousand-index", "--json")
    began = perf_counter()
    ragchat(folder, "ingest", str(docs), "--index-dir", "thousand-index", "--json")
    process = perf_counter() - began
    (docs / "note-500.md").write_text("# Note 500\n\nNow it says something else.\n", encoding="utf-8")
    changed, _, _ = ragchat(folder, "ingest", str(docs), "--index-dir", "thousand-index", "--json")
    return {
        "unchanged_seconds": again["seconds"]["total"],  # type: ignore[index]
        "unchanged_process_seconds": round(process, 2),
        "unchanged_cpu_seconds": round(cpu, 2),
        "unchanged_embedded": again["chunks"]["embedded"],  # type: ignore[index]
        "one_changed_embedded": changed["chunks"]["embedded"],  # type: ignore[index]
        "one_changed_seconds": changed["seconds"]["total"],  # type: ignore[index]
    }


BARE = """
import typer
app = typer.Typer(rich_markup_mode=None, add_completion=False)
@app.command()
def one(): ...
@app.command()
def two(): ...
app(["--help"])
"""


def startup() -> dict[str, float]:
    """CPU seconds of `ragchat --help` and of a bare typer program."""

    def cpu(*command: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    ours, bare = [], []
    for _ in range(11):
        ours.append(cpu(str(Path(sys.executable).with_name("ragchat")), "--help"))
        bare.append(cpu(sys.executable, "-c", BARE))
    return {
        "help_cpu_seconds": round(statistics.median(ours), 3),
        "bare_typer_cpu_seconds": round(statistics.median(bare), 3),
        "ratio": round(statistics.median(ours) / statistics.median(bare), 2),
    }


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """A running `ragchat serve` over the sample corpus, and its address."""
    import httpx

    ragchat(folder, "ingest", str(ROOT / "corpus"), "--index-dir", "sample", "--json")
    command = [sys.executable, "-m", "ragchat", "serve", "--index-dir", "sample", "--port", "8977"]
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.DEVNULL) as process:
        address = "http://127.0.0.1:8977"
        try:
            for _ in range(200):
                try:
                    if httpx.get(f"{address}/health/ready").status_code == 200:
                        break
                except httpx.TransportError:
                    pass
                import time

                time.sleep(0.05)
            yield address
        finally:
            process.terminate()


def sources(folder: Path) -> dict[str, float]:
    """Milliseconds from request to the first `sources` event."""
    import httpx

    lines = (ROOT / "bench" / "sample_questions.jsonl").read_text("utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines][:45]
    taken, server_side = [], []
    with server(folder) as address, httpx.Client(base_url=address) as client:
        for question in questions:
            began = perf_counter()
            with client.stream("POST", "/v1/chat/stream", json={"message": question}) as response:
                for line in response.iter_lines():
                    if line == "event: sources":
                        taken.append((perf_counter() - began) * 1000)
                    if line.startswith("data:") and '"timings"' in line:
                        server_side.append(json.loads(line[5:])["timings"].get("retrieve", 0.0))
    taken, server_side = taken[5:], server_side[5:]
    return {
        "questions": len(taken),
        "first_sources_ms_p50": round(statistics.median(taken), 1),
        "first_sources_ms_p95": round(statistics.quantiles(taken, n=20)[-1], 1),
        "retrieve_ms_p50": round(statistics.median(server_side), 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "only", nargs="*", help="embedding, memory, unchanged, startup, sources (default: all)"
    )
    only = parser.parse_args().only
    results: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        parts = {
            "embedding": lambda: embedding(folder),
            "memory": lambda: memory(folder),
            "unchanged": lambda: unchanged(folder),
            "startup": startup,
            "sources": lambda: sources(folder),
        }
        for part, measure in parts.items():
            if only and part not in only:
                continue
            if part in ("embedding", "memory") and not FILES.is_dir():
                print(f"{part}: skipped, no files at {FILES}")
                continue
            results[part] = measure()
            print(part, json.dumps(results[part]), flush=True)
    if not only:
        (Path(__file__).parent / "results.json").write_text(
            json.dumps(results, indent=2) + "\n", encoding="utf-8"
        )


if __name__ == "__main__":
    main()
