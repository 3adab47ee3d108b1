"""The figures as rows of a table for people; printing them is the command line's."""

from collections import Counter
from collections.abc import Sequence

from ragchat.evaluation.reporting.compare import Comparison, Difference
from ragchat.evaluation.reporting.report import VERDICT_LABELS, shown
from ragchat.evaluation.result import EvalResult, Judged

HEADINGS = ("figure", "value")
COMPARED_HEADINGS = (*HEADINGS, "old", "change", "95 % interval", "")


def figure_rows(result: EvalResult, comparison: Comparison | None = None) -> list[tuple[str, ...]]:
    """One row per figure under HEADINGS or COMPARED_HEADINGS; a section with figures opens with its own.

    Where a figure is compared, its value too is over the questions that both runs have, so that a row adds up.
    """
    differences = (
        {difference.figure: difference for difference in comparison.differences} if comparison else {}
    )
    rows: list[tuple[str, ...]] = []
    section = ""
    for figure in result.told:
        if figure.section != section:
            section = figure.section
            rows.append((section, *[""] * (len(COMPARED_HEADINGS if comparison else HEADINGS) - 1)))
        difference = differences.get(figure.path)
        value = difference.new if difference else result.figures[figure.path]
        row = (f"  {figure.name}" if section else figure.name, shown(value))
        rows.append(row if comparison is None else row + _compared(difference))
    return rows


def _compared(difference: Difference | None) -> tuple[str, str, str, str]:
    if difference is None:
        return ("", "", "", "")
    digits = 3 if max(abs(difference.old), abs(difference.new)) < 10 else 1
    change, low, high = (
        f"{value:+.{digits}f}" for value in (difference.change, difference.low, difference.high)
    )
    return (shown(difference.old), change, f"[{low}, {high}]", difference.verdict)


def closing_lines(result: EvalResult, comparison: Comparison | None = None) -> list[str]:
    """How many questions ended how, in all and for each kind, and what a comparison rests on."""
    lines = [_verdicts(result.judged)]
    kinds = dict.fromkeys(one.question.kind for one in result.judged)
    if len(kinds) > 1:
        of_kind = {kind: [one for one in result.judged if one.question.kind == kind] for kind in kinds}
        lines += [f"  {kind or 'no kind'}: {_verdicts(judged)}" for kind, judged in of_kind.items()]
    if comparison:
        lines.append(
            f"Compared over {comparison.paired} shared questions "
            f"({comparison.only_new} only in this run, {comparison.only_old} only in the old one)."
        )
    return lines


def _verdicts(judged: Sequence[Judged]) -> str:
    counts = Counter(one.row.verdict for one in judged)
    return ", ".join(f"{count} {VERDICT_LABELS[verdict]}" for verdict, count in counts.most_common())
