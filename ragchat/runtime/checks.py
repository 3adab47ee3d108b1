"""What looks at a built generation before it is published: the refusal calibration and the quality gate."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ragchat.models.embedder import Embedder

if TYPE_CHECKING:
    from ingest.options import Check
    from ragchat.index.generation import Generation

CALIBRATED_CHUNKS = "calibrated_chunks"
RECALIBRATE_SHARE = 0.2


def calibration(embedder: Embedder) -> "Check":
    """Fits the threshold between answering and refusing from the corpus itself; stored with the generation.

    A threshold moves slowly with the corpus: it is fitted again only when the number of chunks has changed by
    RECALIBRATE_SHARE since it was, so that adding one document stays cheap.
    """

    def check(generation: "Generation") -> Mapping[str, float]:
        from ragchat.answering.refusal import calibrate

        fitted_on = generation.settings.get(CALIBRATED_CHUNKS)
        if fitted_on and abs(generation.chunk_count - fitted_on) <= RECALIBRATE_SHARE * fitted_on:
            return {}
        return {**calibrate(generation, embedder), CALIBRATED_CHUNKS: float(generation.chunk_count)}

    return check


def quality_gate(embedder: Embedder, questions: Path, require: Sequence[str]) -> "Check":
    """Asks golden questions of the built generation. UsageError at once for a bad requirement or a missing file."""
    from ragchat.evaluation.gate import gate, gate_requirements
    from ragchat.evaluation.questions import load_questions

    requirements = gate_requirements(require)
    load_questions(questions)

    def check(generation: "Generation") -> Mapping[str, float]:
        from ragchat.evaluation.product import ProductRespondent, ProductSearcher
        from ragchat.retrieval.search import Retriever

        retriever = Retriever(generation, embedder)
        gate(questions, requirements, ProductSearcher(retriever), ProductRespondent(retriever))
        return {}

    return check
