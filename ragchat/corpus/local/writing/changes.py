"""What a run has done so far to the documents of its base: staged, removed, withdrawn, and what follows from it.

Staging and removing speak of different things, so that their order does not matter: `remove` ends the base's version of
a document, `stage` gives it a new one, which is never taken back but by `withdraw`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from ragchat.corpus.local.catalog.live import Ranges
from ragchat.corpus.local.writing.staging import StagedVersion


@dataclass(slots=True)
class Changes:
    """Versions by document id; `superseded` were staged and then replaced or withdrawn."""

    staged: dict[str, StagedVersion] = field(default_factory=dict)
    superseded: list[StagedVersion] = field(default_factory=list)
    removed: dict[str, int] = field(default_factory=dict)
    replaced: dict[str, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.staged or self.removed)

    @property
    def added(self) -> tuple[int, ...]:
        """Versions that begin to live."""
        return tuple(version.version_id for version in self.staged.values())

    @property
    def dropped(self) -> tuple[int, ...]:
        """The base's versions that end, each once."""
        return tuple({**self.removed, **self.replaced}.values())

    @property
    def gone(self) -> tuple[int, ...]:
        """Every version whose words and vectors must not be found: ended ones, and staged ones that were replaced."""
        return (*self.dropped, *(version.version_id for version in self.superseded))

    def stage(self, document_id: str, version: StagedVersion, living: int | None) -> None:
        """`living` is the base's version, which the new one replaces."""
        self.withdraw(document_id)
        self.staged[document_id] = version
        if living is not None:
            self.replaced[document_id] = living

    def withdraw(self, document_id: str) -> bool:
        """As if it had not been staged in this run; whether it was."""
        version = self.staged.pop(document_id, None)
        if version is not None:
            self.superseded.append(version)
        self.replaced.pop(document_id, None)
        return version is not None

    def applied(self, live: Ranges, number: int) -> Ranges:
        """What lives in generation `number`, made of `live`."""
        ended = np.asarray(self.dropped, dtype=np.int64)
        return live.without(ended).plus(Ranges.from_rows(list(self._rows(number))))

    def _rows(self, number: int) -> Iterator[tuple[int, int, int, int]]:
        for version in self.staged.values():
            yield version.version_id, version.first_chunk, version.chunk_count, number
