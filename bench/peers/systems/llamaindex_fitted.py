"""LlamaIndex with chunks that fit the embedder: SentenceSplitter 256/20 tokens instead of the default 1024/200.

Of a longer chunk MiniLM reads the first 256 tokens only."""

from pathlib import Path

from llamaindex_store import index_of, load
from shared import Search, run


def build(embedding: object, directory: Path, folder: Path) -> tuple[int, dict[str, Search]]:
    from llama_index.core.node_parser import SentenceSplitter

    return index_of(embedding, directory, folder, [SentenceSplitter(chunk_size=256, chunk_overlap=20)])


if __name__ == "__main__":
    run(load, build)
