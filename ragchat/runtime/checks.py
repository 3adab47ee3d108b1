"""What looks at a built generation before it is published: the thresholds and the quality gate.

Both are given the models that will serve it, so that what is measured is what people get.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ragchat.answering.refusing.thresholds import shipped_settings
from ragchat.runtime.models import Models

if TYPE_CHECKING:
    from ingest.options import Check
    from ragchat.corpus.contract import Snapshot
    from ragchat.evaluation.product import AnswerChoices
    from ragchat.evaluation.run import Progress


def answer_choices(models: Models, *, answering: bool) -> "AnswerChoices":
    """How the settings answer; the chat model is loaded only where questions are to be answered."""
    from ragchat.evaluation.product import AnswerChoices  # only for a gate or calibration

    settings = models.settings
    return AnswerChoices(
        model=models.chat_model() if answering else None,
        model_name=settings.chat_model,
        top_k=settings.top_k,
        grounding=settings.grounding,
        deadline=settings.upstream_timeout,
    )


def calibration() -> "Check":
    """Stores the thresholds between the outcomes with the generation, unless it has its own (`ragchat eval
    --calibrate`), so that an index answers the same under a later version of the package."""

    def check(snapshot: "Snapshot", _: "Progress") -> Mapping[str, float]:
        return {name: value for name, value in shipped_settings().items() if name not in snapshot.settings}

    return check


def quality_gate(models: Models, questions: Path, require: Sequence[str]) -> "Check":
    """Asks golden questions of the built generation, through the reranker and the chat model that will serve it.

    UsageError at once for a bad requirement, a missing file or a model that is not there. The chat model answers, and
    costs what that costs, only when a requirement is about answers.
    """
    from ragchat.evaluation.gating.gate import gate, gate_requirements  # only for a gate or calibration
    from ragchat.evaluation.product import product  # only for a gate or calibration
    from ragchat.evaluation.questions import load_questions  # only for a gate or calibration

    requirements = gate_requirements(require)
    load_questions(questions)
    reranker = models.reranker()
    answering = any(requirement.needs_answers for requirement in requirements)
    choices = answer_choices(models, answering=answering)

    def check(snapshot: "Snapshot", progress: "Progress") -> Mapping[str, float]:
        from ragchat.retrieval.search import Retriever  # only for a gate or calibration

        searcher, respondent = product(Retriever(snapshot, models.embedder(), reranker), choices)
        gate(questions, requirements, searcher, respondent, progress=progress)
        return {}

    return check
