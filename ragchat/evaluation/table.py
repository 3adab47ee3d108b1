"""The figures as rows of a table for people; printing them is the command line's."""

from collections import Counter

from ragchat.evaluation.compare import Comparison, Difference
from ragchat.evaluation.report import VERDICT_LABELS, shown
from ragchat.evaluation.result import FIGURES, EvalResult

HEADINGS = ("", "figure", "value")
COMPARED_HEADINGS = (*HEADINGS, "old", "change", "95 % interval", "")


def figure_rows(result: EvalResult, comparison: Comparison | None = None) -> list[tuple[str, ...]]:
    """One row per figure under HEADINGS, or COMPARED_HEADINGS; a section is named on its first row."""
    differences = (
        {difference.figure: difference for difference in comparison.differences} if comparison else {}
    )
    rows: list[tuple[str, ...]] = []
    section = ""
    for figure in FIGURES:
        row = (
            figure.section if figure.section != section else "",
            figure.name,
            shown(result.figures[figure.path]),
        )
        section = figure.section
        rows.append(row if comparison is None else row + _compared(differences.get(figure.path)))
    return rows


def _compared(difference: Difference | None) -> tuple[str, str, str, str]:
    if difference is None:
        return ("", "", "", "")
    interval = f"[{difference.low:+.3f}, {difference.high:+.3f}]"
    return (shown(difference.old), f"{difference.change:+.3f}", interval, difference.verdict)


def closing_lines(result: EvalResult, comparison: Comparison | None = None) -> list[str]:
    """How many questions ended how, and what a comparison rests on."""
    counts = Counter(one.row.verdict for one in result.judged)
    lines = [", ".join(f"{count} {VERDICT_LABELS[verdict]}" for verdict, count in counts.most_common())]
    if comparison:
        lines.append(
            f"Compared over {comparison.paired} shared questions "
            f"({comparison.only_new} only in this run, {comparison.only_old} only in the old one)."
        )
    return lines
