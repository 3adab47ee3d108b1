"""The gate in front of publishing: golden questions asked of a candidate generation before anybody else sees it."""

from collections.abc import Iterable
from pathlib import Path

from ragchat.errors import PublishRefused, UsageError
from ragchat.evaluation.gating.require import Requirement, failures, parse_requirements
from ragchat.evaluation.questions import load_questions
from ragchat.evaluation.result import EvalResult
from ragchat.evaluation.run import Progress, Respondent, Searcher, evaluate, no_progress


def gate_requirements(texts: Iterable[str]) -> tuple[Requirement, ...]:
    """What a gate must hold, checked before a long ingest begins. UsageError when there is nothing to hold."""
    requirements = parse_requirements(texts)
    if not requirements:
        raise UsageError(
            "A gate needs at least one requirement.",
            hint='Add --require, as in --require "recall_at_5>=0.9".',
        )
    return requirements


def gate(
    questions: Path,
    requirements: Iterable[Requirement],
    searcher: Searcher,
    respondent: Respondent | None,
    *,
    k: int = 5,
    progress: Progress = no_progress,
) -> EvalResult:
    """Evaluates and returns the figures, or raises PublishRefused naming what failed and by how much.

    Questions are answered only when a requirement is about answers; `respondent` None then is a UsageError.
    """
    wanted = tuple(requirements)
    answering = any(requirement.needs_answers for requirement in wanted)
    if answering and respondent is None:
        raise UsageError("A requirement on answers needs an answerer.")
    result = evaluate(
        load_questions(questions), searcher, respondent if answering else None, k=k, progress=progress
    )
    failed = failures(wanted, result.figures)
    if failed:
        raise PublishRefused(
            f"The gate {questions} does not hold: {'; '.join(map(str, failed))}.",
            hint="Nothing was published; what served before still does. To look closer, ingest with --collection trial"
            " and without --gate, then `ragchat eval --collection trial --output report.html`.",
            code="gate_failed",
        )
    return result
