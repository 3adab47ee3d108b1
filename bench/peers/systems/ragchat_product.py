"""ragchat as `ragchat ingest` and `ragchat search` do it, defaults everywhere, the refusal calibration included."""

from pathlib import Path

from shared import Search, run

from ingest.options import IngestOptions, Observer
from ingest.run import ingest
from ragchat.corpus.opening import open_stores
from ragchat.models.embedder import Embedder
from ragchat.models.loading import LOCAL_MINILM, load_embedder
from ragchat.retrieval.search import Retriever, SearchOptions
from ragchat.runtime.checks import calibration


def load() -> Embedder:
    embedder = load_embedder(LOCAL_MINILM)
    embedder.embed_query("warm up")
    return embedder


def build(embedder: Embedder, directory: Path, folder: Path) -> tuple[int, dict[str, Search]]:
    home = open_stores(folder).store("bench")
    options = IngestOptions(checks=(calibration(),))
    report = ingest([directory / "corpus.jsonl"], home, embedder, options, Observer())
    retriever = Retriever(home.open(embedder=embedder.spec), embedder)

    def hybrid(query: str, k: int) -> list[str]:
        passages = retriever.search(query, SearchOptions(top_k=k))
        return [passage.document.key.partition(".jsonl#")[2] for passage in passages]

    return report.chunks.total, {"hybrid": hybrid}


if __name__ == "__main__":
    run(load, build)
