"""What looks at a built generation before it is published: the refusal calibration and the quality gate.

Both are given the models that will serve it, so that what is measured is what people get.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ragchat.models.embedder import Embedder
from ragchat.runtime.models import Models

if TYPE_CHECKING:
    from ingest.options import Check
    from ragchat.corpus.local.searching.generation import Generation
    from ragchat.evaluation.product import AnswerChoices
    from ragchat.evaluation.run import Progress

CALIBRATED_CHUNKS = "calibrated_chunks"
RECALIBRATE_SHARE = 0.2


def answer_choices(models: Models, *, answering: bool) -> "AnswerChoices":
    """How the settings answer; the chat model is loaded only where questions are to be answered."""
    from ragchat.evaluation.product import AnswerChoices

    settings = models.settings
    return AnswerChoices(
        model=models.chat_model() if answering else None,
        model_name=settings.chat_model,
        top_k=settings.top_k,
        grounding=settings.grounding,
        deadline=settings.upstream_timeout,
    )


def calibration(embedder: Embedder) -> "Check":
    """Fits the threshold between answering and refusing from the corpus itself; stored with the generation.

    A threshold moves slowly with the corpus: it is fitted again only when the number of chunks has changed by
    RECALIBRATE_SHARE since it was, so that adding one document stays cheap.
    """

    def check(generation: "Generation", _: "Progress") -> Mapping[str, float]:
        from ragchat.answering.refusal import calibrate

        fitted_on = generation.settings.get(CALIBRATED_CHUNKS)
        if fitted_on and abs(generation.chunk_count - fitted_on) <= RECALIBRATE_SHARE * fitted_on:
            return {}
        return {**calibrate(generation, embedder), CALIBRATED_CHUNKS: float(generation.chunk_count)}

    return check


def quality_gate(models: Models, questions: Path, require: Sequence[str]) -> "Check":
    """Asks golden questions of the built generation, through the reranker and the chat model that will serve it.

    UsageError at once for a bad requirement, a missing file or a model that is not there. The chat model answers, and
    costs what that costs, only when a requirement is about answers.
    """
    from ragchat.evaluation.gate import gate, gate_requirements
    from ragchat.evaluation.product import product
    from ragchat.evaluation.questions import load_questions

    requirements = gate_requirements(require)
    load_questions(questions)
    reranker = models.reranker()
    answering = any(requirement.needs_answers for requirement in requirements)
    choices = answer_choices(models, answering=answering)

    def check(generation: "Generation", progress: "Progress") -> Mapping[str, float]:
        from ragchat.retrieval.search import Retriever

        searcher, respondent = product(Retriever(generation, models.embedder(), reranker), choices)
        gate(questions, requirements, searcher, respondent, progress=progress)
        return {}

    return check
