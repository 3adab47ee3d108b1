"""A collection that is opened on first use answers everybody who asked meanwhile."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event

from ingest.run import ingest
from ragchat.corpus.local.store import LocalStore
from ragchat.models.loading import load_embedder
from ragchat.retrieval.search import Retriever
from ragchat.runtime.runtime import Runtime
from ragchat.runtime.serving import ServedCollection
from ragchat.settings import Settings


def ingested(folder: Path, home: LocalStore) -> None:
    folder.mkdir()
    (folder / "a.md").write_text("# Lamp\n\nThe lamp costs 4 euros.\n", encoding="utf-8")
    ingest([folder], home, load_embedder("local:minilm", threads=1))


def test_who_asks_while_the_collection_is_being_opened_waits_for_it(tmp_path: Path) -> None:
    """The one who opens it is held until the other has asked: a 503 "no index yet" was its answer before."""
    embedder = load_embedder("local:minilm", threads=1)
    home = LocalStore(tmp_path / "index")
    ingested(tmp_path / "docs", home)
    opening, asked = Event(), Event()

    def slowly(snapshot: object) -> Retriever:
        opening.set()
        assert asked.wait(10)
        return Retriever(home.open(), embedder)

    served = ServedCollection(home, lambda: embedder.spec, slowly)

    def ask(before: Callable[[], object]) -> int:
        before()
        with served.opened().lease() as retriever:
            return retriever.snapshot.number

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(ask, lambda: None)
        assert opening.wait(10)
        second = pool.submit(ask, asked.set)
        assert (first.result(20), second.result(20)) == (1, 1)
    served.close()


async def test_many_who_ask_a_new_collection_at_once_all_get_it(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, index_dir=tmp_path / "indexes")
    together = Barrier(8)
    async with Runtime(settings) as runtime:
        ingested(tmp_path / "docs", LocalStore(settings.index_dir / "gardens"))

        def ask() -> int:
            together.wait(10)
            with runtime.snapshot("gardens") as snapshot:
                return snapshot.document_count

        with ThreadPoolExecutor(8) as pool:
            counts = [waiting.result(30) for waiting in [pool.submit(ask) for _ in range(8)]]
    assert counts == [1] * 8
