"""One collection in memory: opening generations, changing which one is current."""

from collections.abc import Callable, Mapping, Sequence

from ragchat.corpus.contract import Observe, Phase
from ragchat.corpus.memory.run import MemoryRun
from ragchat.corpus.memory.snapshot import MemorySnapshot
from ragchat.corpus.memory.state import Collection, Generation
from ragchat.corpus.refusals import no_index, nothing_before, nothing_stored
from ragchat.corpus.scrubbing import scrubbed_report
from ragchat.corpus.values import GenerationInfo
from ragchat.corpus.verification import Progress, VerifyReport
from ragchat.models.embedder import EmbedderSpec


class MemoryStore:
    """Made by `MemoryStores.store`; every store of one name shares the collection."""

    def __init__(self, collection: Collection, keep: int) -> None:
        self.shared = collection
        self._keep = keep

    @property
    def collection(self) -> str:
        return self.shared.name

    def exists(self) -> bool:
        return self.shared.touched

    def close(self) -> None:
        """There is nothing to let go of."""

    def current(self) -> int | None:
        return self.shared.current

    def open(self, number: int | None = None, *, embedder: EmbedderSpec | None = None) -> MemorySnapshot:
        with self.shared.changing:
            generation = self._current() if number is None else self._generation(number)
            snapshot = MemorySnapshot(self.collection, generation, self.shared.changing)
        if embedder is not None:
            try:
                snapshot.require_embedder(embedder)
            except BaseException:
                snapshot.close()
                raise
        return snapshot

    def run(self, *, wait: bool = False, observe: Observe | None = None) -> MemoryRun:
        return MemoryRun(self.shared, self._keep, wait=wait, observe=observe or _unobserved)

    def generations(self) -> list[GenerationInfo]:
        self._require_exists()
        with self.shared.changing:
            return [each.info(self.current()) for _, each in sorted(self.shared.generations.items())]

    def roots(self) -> list[str]:
        self._require_exists()
        with self.shared.changing:
            if self.shared.current is None:
                return []
            return sorted({version.root for version in self._current().whole.versions.values()})

    def reports(self, limit: int = 20) -> list[Mapping[str, object]]:
        self._require_exists()
        newest: list[Mapping[str, object]] = [*reversed(self.shared.reports)]
        return newest[:limit]

    def remove(self, document_ids: Sequence[str]) -> GenerationInfo:
        with self._run() as run:
            run.begin_as_base()
            for document_id in document_ids:
                run.remove(document_id)
            return run.publish() or self._current().info(self.current())

    def purge(self, document_ids: Sequence[str]) -> GenerationInfo:
        with self._run() as run:
            run.begin_as_base()
            living = self._current().whole.versions
            names = self._names(document_ids)
            for document_id in document_ids:
                if document_id in living:
                    run.remove(document_id)
            run.build(force=True, everything=True)
            run.flip({})
        self._drop(document_ids, names)
        return self._current().info(self.current())

    def due_purges(self) -> list[str]:
        self._require_exists()
        return []

    def rebuild(self, *, lost: Callable[[str], None] | None = None) -> GenerationInfo:
        with self._run() as run:
            run.begin_as_base()
            run.build(force=True)
            return run.publish() or self._current().info(self.current())

    def rollback(self, to: int | None = None) -> GenerationInfo:
        with self._run(), self.shared.changing:
            generation = self._generation(self._before() if to is None else to)
            self.shared.current = generation.number
            return generation.info(generation.number)

    def prune(self, keep: int = 2) -> list[int]:
        with self._run():
            return self.shared.prune(keep)

    def verify(self, progress: Progress | None = None) -> VerifyReport:
        """Nothing can be damaged here; what is kept is counted."""
        infos = self.generations()
        current = next((info for info in infos if info.current), None)
        return VerifyReport(
            collection=self.collection,
            generations=tuple(info.number for info in infos),
            documents=current.documents if current else 0,
            chunks=current.chunks if current else 0,
            files=0,
            bytes=0,
            problems=(),
            on_disk=(),
        )

    def _require_exists(self) -> None:
        if not self.exists():
            raise no_index(self.collection)

    def _run(self) -> MemoryRun:
        self._require_exists()
        return self.run()

    def _current(self) -> Generation:
        if self.shared.current is None:
            raise no_index(self.collection)
        return self.shared.generation(self.shared.current)

    def _generation(self, number: int) -> Generation:
        self._require_exists()
        return self.shared.generation(number)

    def _before(self) -> int:
        current = self._current()
        older = [number for number in sorted(self.shared.generations) if number < current.number]
        if current.base in older:
            return current.base or older[-1]
        if not older:
            raise nothing_before(current.number)
        return older[-1]

    def _names(self, document_ids: Sequence[str]) -> set[str]:
        """Ids, keys and URIs of all versions that are kept. Raises NotFound where nothing is."""
        names: set[str] = set()
        for document_id in document_ids:
            found = [
                generation.whole.versions[document_id].document
                for generation in self.shared.generations.values()
                if document_id in generation.whole.versions
            ]
            if not found:
                raise nothing_stored(document_id)
            names |= {document_id, *(each.key for each in found), *(each.uri for each in found)}
        return names - {""}

    def _drop(self, document_ids: Sequence[str], names: set[str]) -> None:
        """Every generation that held one of the documents, with all that only they used."""
        shared = self.shared
        with shared.changing:
            doomed = set(document_ids)
            holding = [each for each in shared.generations.values() if not doomed.isdisjoint(each.whole.versions)]
            for generation in holding:
                del shared.generations[generation.number]
            for generation in holding:
                generation.whole = generation.whole.only(shared.stored())
            shared.forget()
            shared.reports = [scrubbed_report(report, names) for report in shared.reports]


def _unobserved(phase: Phase) -> None:
    """Nobody wants to know."""
