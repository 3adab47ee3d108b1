"""What a run is for: embedder, splitter options and language of the next generation, beside its base's."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ragchat.corpus.local.catalog.live import Ranges
from ragchat.corpus.local.files.layout import now
from ragchat.corpus.local.files.manifest import Manifest
from ragchat.corpus.refusals import mixed_embedders
from ragchat.language.analysis import analysis_of
from ragchat.models.embedder import EmbedderSpec

if TYPE_CHECKING:
    from ragchat.corpus.local.searching.snapshot import LocalSnapshot
    from ragchat.corpus.local.writing.session import WriterSession


@dataclass(frozen=True, slots=True)
class Purpose:
    """What `LocalRun.begin` was told."""

    spec: EmbedderSpec
    embedder_id: int
    options_hash: str
    language: str

    def continues(self, base: "LocalSnapshot | None") -> bool:
        """Whether the base's vectors can be searched together with this run's."""
        return base is not None and base.embedder.key == self.spec.key

    def settings_of(self, base: "LocalSnapshot | None") -> dict[str, float]:
        """Settings that stay true: calibrated ones depend on the embedder."""
        return dict(base.settings) if base is not None and self.continues(base) else {}

    def require_one_embedder(self, base: "LocalSnapshot | None", staying: int, roots: list[str]) -> None:
        """Raises PublishRefused when `staying` documents would keep another embedder's vectors."""
        if base is None or self.continues(base) or not staying:
            return
        raise mixed_embedders(base.collection, staying, base.embedder, self.spec, roots)

    def manifest(self, session: "WriterSession", live: Ranges, settings: dict[str, float]) -> Manifest:
        """The manifest of the next generation but for its files."""
        return Manifest(
            collection=session.home.name,
            number=session.next_number(),
            base=session.base,
            created=now(),
            embedder=self.spec,
            options_hash=self.options_hash,
            language=self.language,
            documents=len(live),
            chunks=live.count,
            segments=(),
            files={},
            settings=settings,
            analysis=analysis_of(self.language),
        )
