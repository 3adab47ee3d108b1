"""From what a run has staged to the next generation, and the one moment in which it becomes the current one."""

from collections.abc import Collection as AnyOf
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from ragchat.corpus.contract import Observe
from ragchat.corpus.memory.state import Collection, Content, Generation, Version
from ragchat.corpus.refusals import base_moved
from ragchat.corpus.values import GenerationInfo
from ragchat.models.embedder import EmbedderSpec


@dataclass(frozen=True, slots=True)
class Purpose:
    """What `Run.begin` was told."""

    spec: EmbedderSpec
    options_hash: str
    language: str

    def settings_of(self, base: Generation | None) -> dict[str, float]:
        """Settings that stay true: fitted ones depend on the embedder."""
        return dict(base.settings) if base is not None and base.embedder.key == self.spec.key else {}


@dataclass(frozen=True, slots=True)
class Draft:
    """The next generation before it is published."""

    number: int
    base: int | None
    purpose: Purpose
    inherited: Mapping[str, float]
    content: Content

    def generation(self, settings: Mapping[str, float]) -> Generation:
        """As it is with `settings` laid over the base's."""
        return Generation(
            number=self.number,
            base=self.base,
            created=moment(),
            embedder=self.purpose.spec,
            options_hash=self.purpose.options_hash,
            settings={**self.inherited, **settings},
            whole=self.content,
        )


def draft_of(
    collection: Collection,
    purpose: Purpose,
    base: Generation | None,
    staged: Mapping[str, Version],
    removed: AnyOf[str],
) -> Draft:
    """The base's documents without those that end, and the staged ones."""
    number = collection.next_generation
    old = base.whole if base is not None else None
    staying = {
        document_id: version
        for document_id, version in (old.versions.items() if old else ())
        if document_id not in removed and document_id not in staged
    }
    added = {document_id: old.added[document_id] if old else number for document_id in staying}
    content = Content(
        versions={**staying, **staged},
        added={**added, **dict.fromkeys(staged, number)},
        dimension=purpose.spec.dimension,
        language=purpose.language,
    )
    return Draft(number, base.number if base else None, purpose, purpose.settings_of(base), content)


def publish(
    collection: Collection, draft: Draft, settings: Mapping[str, float], observe: Observe
) -> GenerationInfo:
    """Compare and swap: PublishRefused when somebody else has published or rolled back since the run began."""
    generation = draft.generation(settings)
    generation.whole.words  # noqa: B018 - what a search needs is there before it is current
    observe("committing")
    with collection.changing:
        if (collection.current, collection.next_generation) != (draft.base, draft.number):
            raise base_moved(collection.name, draft.base, collection.current)
        collection.generations[draft.number] = generation
        collection.current = draft.number
        collection.next_generation += 1
    observe("published")
    return generation.info(draft.number)


def moment() -> str:
    """ISO 8601, UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
