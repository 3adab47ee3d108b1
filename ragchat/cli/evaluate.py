"""`ragchat eval`: golden questions against an index, for people (a table, an HTML report) and for CI (JSON, exit code).

The figures are made in `ragchat.evaluation`; this module only reads options, shows progress and prints.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ragchat.cli.asking import check_writable, product_of, write
from ragchat.cli.golden import calibrate_refusal, draft_golden
from ragchat.cli.options import Collection, IndexDir, Json, settings_for
from ragchat.cli.terminal.counting import counted
from ragchat.cli.terminal.output import out, print_json, print_table
from ragchat.errors import UsageError

if TYPE_CHECKING:
    from ragchat.evaluation.gating.require import Failure
    from ragchat.evaluation.questions import Question
    from ragchat.evaluation.reporting.compare import Comparison
    from ragchat.evaluation.result import EvalResult
    from ragchat.settings import Settings

REQUIREMENT_FAILED = 1
UPSTREAM = 5

Questions = Annotated[
    Path | None,
    typer.Argument(metavar="QUESTIONS.jsonl", help="Golden questions; with --draft, where to write them."),
]
K = Annotated[int, typer.Option("--k", min=1, max=50, help="Passages per question for the span measures.")]
RetrievalOnly = Annotated[bool, typer.Option("--retrieval-only", help="Search only; answer nothing.")]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", help="Write an HTML report, a row per question.")
]
Compare = Annotated[Path | None, typer.Option("--compare", help="An older --json output to compare with.")]
Require = Annotated[
    list[str] | None,
    typer.Option("--require", help='Fail unless it holds, as "recall_at_5>=0.9"; repeatable.'),
]
Draft = Annotated[bool, typer.Option("--draft", help="Draft golden questions from the documents instead.")]
Count = Annotated[int, typer.Option("--count", min=1, help="How many questions --draft makes.")]
Seed = Annotated[int, typer.Option("--seed", help="Another seed drafts other questions.")]
Calibrate = Annotated[
    bool, typer.Option("--calibrate", help="Fit the refusal threshold to these questions and store it.")
]
Model = Annotated[
    str | None, typer.Option("--model", help="extractive, or provider:model. [RAGCHAT_CHAT_MODEL]")
]
Grounding = Annotated[
    Literal["annotate", "strict"] | None,
    typer.Option("--grounding", help="strict: show only sentences whose citation is verified."),
]


def evaluate(
    questions: Questions = None,
    collection: Collection = None,
    index_dir: IndexDir = None,
    k: K = 5,
    retrieval_only: RetrievalOnly = False,
    output: Output = None,
    compare: Compare = None,
    require: Require = None,
    draft: Draft = False,
    count: Count = 50,
    seed: Seed = 0,
    calibrate: Calibrate = False,
    model: Model = None,
    grounding: Grounding = None,
    as_json: Json = False,
) -> None:
    """Measure retrieval, answers, refusals and citations with golden questions.

    Exit codes: 0 done, 1 a requirement does not hold, 2 usage, 3 no index, 5 the model's service failed.
    """
    if (draft or calibrate) and (output or compare or require or (draft and calibrate)):
        raise UsageError(
            "--draft and --calibrate measure nothing, so they go with no --output, --compare or --require.",
            hint="Draft, then calibrate, then evaluate: one command each.",
        )
    settings = settings_for(collection, index_dir, chat_model=model, grounding=grounding)
    if draft:
        draft_golden(settings, questions, count, seed)
    elif questions is None:
        raise UsageError(
            "No questions are named.", hint="Try: ragchat eval questions.jsonl, or --draft to make some."
        )
    elif calibrate:
        calibrate_refusal(settings, questions, as_json=as_json)
    else:
        _evaluate(settings, questions, k, retrieval_only, output, compare, require or [], as_json)


def _evaluate(
    settings: "Settings",
    path: Path,
    k: int,
    retrieval_only: bool,
    output: Path | None,
    older: Path | None,
    require: list[str],
    as_json: bool,
) -> None:
    from ragchat.evaluation.gating.require import failures, parse_requirements
    from ragchat.evaluation.questions import load_questions
    from ragchat.evaluation.reporting.compare import compare, load_rows

    # Everything that can be wrong with the arguments is found before minutes of work.
    requirements = parse_requirements(require)
    old_rows = load_rows(older) if older else None
    questions = load_questions(path)
    check_writable(output)
    result = _measured(settings, questions, k, retrieval_only=retrieval_only)
    comparison = compare(result.rows, old_rows) if old_rows else None
    failed = failures(requirements, result.figures)
    if output:
        _write_report(output, result, path.name)
    if as_json:
        print_json(result.as_json() | ({"comparison": comparison.as_json()} if comparison else {}))
    else:
        _print_result(result, comparison, output)
    _finish(result, failed)


def _measured(
    settings: "Settings", questions: "Sequence[Question]", k: int, *, retrieval_only: bool
) -> "EvalResult":
    from ragchat.evaluation.listing import unknown_documents
    from ragchat.evaluation.run import evaluate as run

    with (
        product_of(settings, retrieval_only=retrieval_only) as (searcher, respondent),
        counted("Asking") as progress,
    ):
        _warn_of(unknown_documents(searcher.retriever.snapshot, questions))
        return run(questions, searcher, None if retrieval_only else respondent, k=k, progress=progress)


def _warn_of(unknown: "Sequence[str]") -> None:
    if unknown:
        names = ", ".join(unknown[:3]) + (", …" if len(unknown) > 3 else "")
        sys.stderr.write(
            f"warning: evidence names {len(unknown)} documents that the index does not hold: {names}\n"
        )


def _write_report(path: Path, result: "EvalResult", name: str) -> None:
    from ragchat.evaluation.reporting.report import report_html

    write(path, report_html(result, f"ragchat eval: {name}"))


def _finish(result: "EvalResult", failed: "Sequence[Failure]") -> None:
    """Warnings and failed requirements on stderr, and the exit code."""
    for warning in result.warnings:
        sys.stderr.write(f"warning: {warning}\n")
    for failure in failed:
        sys.stderr.write(f"requirement failed: {failure}\n")
    if result.judged and all(one.row.verdict == "failed" for one in result.judged):
        raise typer.Exit(UPSTREAM)
    if failed:
        raise typer.Exit(REQUIREMENT_FAILED)


def _print_result(result: "EvalResult", comparison: "Comparison | None", output: Path | None) -> None:
    from ragchat.evaluation.reporting.table import COMPARED_HEADINGS, HEADINGS, closing_lines, figure_rows

    print_table(COMPARED_HEADINGS if comparison else HEADINGS, figure_rows(result, comparison))
    for line in closing_lines(result, comparison):
        out().print(line, markup=False)
    if output:
        out().print(f"Report: {output}", markup=False)
