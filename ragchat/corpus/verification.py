"""What `Store.verify` reports: problems, and what of deleted documents is still stored, and why. No I/O here."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TypeAlias

Progress: TypeAlias = Callable[[str], None]
"""Is told what is read next."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something is not what it should be. `code` is stable: "file", "rows", "vectors", "words", "stranger", …"""

    code: str
    thing: str
    detail: str


@dataclass(frozen=True, slots=True)
class StillOnDisk:
    """`what` is still there, `why`."""

    what: str
    why: str

    def __str__(self) -> str:
        return f"{self.what}: {self.why}"


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """`problems` is empty when all is well; `on_disk` tells what of deleted documents is still stored, and why.

    `documents` and `chunks` are those of the current generation; `files` and `bytes` 0 where a store has none.
    """

    collection: str
    generations: tuple[int, ...]
    documents: int
    chunks: int
    files: int
    bytes: int
    problems: tuple[Problem, ...]
    on_disk: tuple[StillOnDisk, ...]

    @property
    def summary(self) -> str:
        """One sentence for a person."""
        checked = (
            f"{len(self.generations)} generation(s), {self.documents} documents, {self.chunks} chunks,"
            f" {self.files} files"
        )
        if self.problems:
            return f"{len(self.problems)} problem(s) in {checked}."
        return f"Checked {checked}: all is well."

    def as_json(self) -> dict[str, object]:
        return {"ok": not self.problems, **asdict(self)}
