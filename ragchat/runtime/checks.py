"""What looks at a built generation before it is published: the refusal calibration and the quality gate."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ragchat.models.embedder import Embedder

if TYPE_CHECKING:
    from ingest.run import Check
    from ragchat.index.generation import Generation


def calibration(embedder: Embedder) -> "Check":
    """Fits the threshold between answering and refusing from the corpus itself; stored with the generation."""

    def check(generation: "Generation") -> Mapping[str, float]:
        from ragchat.answering.refusal import calibrate

        return calibrate(generation, embedder)

    return check
