"""The facts behind `ragchat status` and the admin page, read from every collection below the index folder."""

from dataclasses import asdict, dataclass
from pathlib import Path

from ingest.remote import is_address
from ingest.sources import is_loader
from ragchat.corpus.contract import Store
from ragchat.corpus.opening import open_stores
from ragchat.settings import Settings


@dataclass(frozen=True, slots=True)
class Summary:
    """One collection; `roots` maps each ingested path to whether it is missing from this machine now."""

    collection: str
    generation: int | None
    documents: int
    chunks: int
    published: str
    embedder: str
    roots: dict[str, bool]

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def summarize(settings: Settings, only: str | None = None) -> list[Summary]:
    """One summary per collection that exists, `only` one if named."""
    stores = open_stores(settings.index_dir, keep=settings.keep_generations)
    homes = (stores.store(name) for name in ([only] if only else stores.names()))
    return [_summary(home) for home in homes if home.exists()]


def _summary(home: Store) -> Summary:
    current = next((g for g in home.generations() if g.current), None)
    return Summary(
        collection=home.collection,
        generation=current.number if current else None,
        documents=current.documents if current else 0,
        chunks=current.chunks if current else 0,
        published=current.created if current else "",
        embedder=current.embedder_key if current else "",
        roots={
            root: not is_loader(root) and not is_address(root) and not Path(root).exists()
            for root in home.roots()
        },
    )
