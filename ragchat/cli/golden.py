"""`ragchat eval --draft` and `--calibrate`: golden questions drafted, and a threshold fitted to them."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from ragchat.cli.asking import check_writable, product_of, write
from ragchat.cli.options import existing_home
from ragchat.cli.terminal.counting import counted
from ragchat.cli.terminal.output import out, print_json
from ragchat.errors import NotFound, UsageError

if TYPE_CHECKING:
    from ragchat.settings import Settings


def calibrate_refusal(settings: "Settings", path: Path, *, as_json: bool) -> None:
    """Fits the threshold and publishes it with the same documents as a new generation."""
    from ragchat.answering.refusing.thresholds import setting
    from ragchat.evaluation.calibrate import calibrate
    from ragchat.evaluation.questions import load_questions

    questions = load_questions(path)
    home = existing_home(settings)
    with product_of(settings, retrieval_only=False) as (_, respondent), counted("Asking") as progress:
        fitted = calibrate(questions, respondent, progress=progress)
    name = setting("ungraded" if settings.reranker == "none" else "graded", "answered")
    with home.run() as writer:
        writer.begin_as_base()
        published = writer.publish(settings={name: fitted.threshold})
    number = published.number if published else home.current()
    if as_json:
        print_json(asdict(fitted) | {"generation": number})
        return
    out().print(
        f"Refusal threshold {fitted.threshold:.4f}: {fitted.false_refusals:.1%} of {fitted.answerable} answerable "
        f"questions refused, {fitted.false_answers:.1%} of {fitted.unanswerable} unanswerable ones answered "
        f"(AUROC {fitted.auroc:.3f}). Stored with generation {number}.",
        markup=False,
    )


def draft_golden(settings: "Settings", path: Path | None, count: int, seed: int) -> None:
    """Writes drafts to `path`, or to stdout. Raises UsageError for a file that exists, NotFound without any."""
    from ragchat.evaluation.draft import as_jsonl, draft_questions

    if path is not None and path.exists():
        raise UsageError(
            f"{path} exists already.", hint="Drafts never overwrite questions: name another file."
        )
    check_writable(path)
    with existing_home(settings).open() as generation:
        drafted = draft_questions(generation, count=count, seed=seed)
    if not drafted:
        raise NotFound("No heading or statement fit for a question was found in these documents.")
    if path is None:
        sys.stdout.write(as_jsonl(drafted))
    else:
        write(path, as_jsonl(drafted))
        sys.stderr.write(
            f'Wrote {len(drafted)} drafts to {path}. Correct them, then take out "draft": true.\n'
        )
