"""The report for people: one HTML file, nothing remote, one row per question with its evidence marked.

Everything that came from documents, questions or models is escaped; styles and the filter script stand beside this
module and are inlined.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape
from importlib.resources import files
from typing import get_args

from ragchat.answering.events import Citation
from ragchat.documents import Span
from ragchat.evaluation.questions import Question
from ragchat.evaluation.result import EvalResult, Judged
from ragchat.evaluation.scoring import FoundPassage, GivenAnswer, Verdict, document_names, name_in

VERDICT_LABELS: dict[Verdict, str] = {
    "found": "found",
    "partly_found": "partly found",
    "missed": "missed",
    "right": "right",
    "wrong": "wrong",
    "false_refusal": "refused, but answerable",
    "refused": "rightly refused",
    "false_answer": "answered, but unanswerable",
    "failed": "failed",
    "unscored": "nothing to judge by",
}
_GOOD: tuple[Verdict, ...] = ("found", "right", "refused")
_DOUBTFUL: tuple[Verdict, ...] = ("partly_found", "unscored")


def report_html(result: EvalResult, title: str) -> str:
    """The whole page as text."""
    style, script = (
        files(__package__).joinpath(f"report.{kind}").read_text("utf-8") for kind in ("css", "js")
    )
    return "\n".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title><style>{style}</style></head><body>",
            f"<header><h1>{escape(title)}</h1>{_warnings(result)}{_figures(result)}</header>",
            _filters(result),
            "<main>",
            *(_row(judged) for judged in result.judged),
            '</main><p id="nothing" hidden>No question matches.</p>',
            f"<script>{script}</script></body></html>",
        ]
    )


def shown(value: float | None) -> str:
    """A figure for people: counts whole, shares to three places, a dash where there is nothing to measure."""
    if value is None:
        return "–"
    if isinstance(value, int):
        return str(value)
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"


def _warnings(result: EvalResult) -> str:
    return "".join(f'<p class="warning">{escape(warning)}</p>' for warning in result.warnings)


def _figures(result: EvalResult) -> str:
    cards = []
    for section in dict.fromkeys(figure.section for figure in result.told if figure.section):
        pairs = [(f.name, result.figures[f.path]) for f in result.told if f.section == section]
        rows = "".join(f"<dt>{escape(name)}</dt><dd>{shown(value)}</dd>" for name, value in pairs)
        cards.append(f"<section><h2>{escape(section)}</h2><dl>{rows}</dl></section>")
    return f'<div class="figures">{"".join(cards)}</div>'


def _filters(result: EvalResult) -> str:
    counts = Counter(judged.row.verdict for judged in result.judged)
    buttons = [
        f'<button type="button" data-verdict="" aria-pressed="true">all <b>{len(result.judged)}</b></button>'
    ]
    buttons += [
        f'<button type="button" data-verdict="{name}" aria-pressed="false" class="{_tone(name)}">'
        f"{VERDICT_LABELS[name]} <b>{counts[name]}</b></button>"
        for name in get_args(Verdict)
        if counts[name]
    ]
    search = (
        '<input type="search" id="search" placeholder="Search questions and answers" aria-label="Search">'
    )
    return f'<nav aria-label="Filter by verdict">{"".join(buttons)}{search}</nav>'


def _tone(verdict: Verdict) -> str:
    return "good" if verdict in _GOOD else "doubtful" if verdict in _DOUBTFUL else "bad"


def _row(judged: Judged) -> str:
    question, row = judged.question, judged.row
    history = "".join(
        f'<p class="turn"><b>{turn.role}</b> {escape(turn.content)}</p>' for turn in question.history
    )
    note = "".join(f'<span class="note">{escape(text)}</span>' for text in _notes(judged))
    return (
        f'<article data-verdict="{row.verdict}"><div class="asked">'
        f'<span class="verdict {_tone(row.verdict)}">{VERDICT_LABELS[row.verdict]}</span>{note}'
        f"{_folded('Conversation before', history) if history else ''}"
        f"<h3>{escape(question.question)}</h3>{_golden(question)}{_answer(judged.answer)}</div>"
        f'<div class="passages">{_passages(judged)}{_not_retrieved(judged)}</div></article>'
    )


def _notes(judged: Judged) -> Iterator[str]:
    yield judged.question.id
    if judged.question.kind:
        yield judged.question.kind
    if judged.question.draft:
        yield "draft"
    yield f"{judged.row.measures['latency_ms']:.0f} ms"


def _folded(summary: str, body: str) -> str:
    return f"<details><summary>{escape(summary)}</summary>{body}</details>"


def _golden(question: Question) -> str:
    if not question.answerable:
        return '<p class="golden">The documents do not answer this.</p>'
    if not question.answers:
        return ""
    answers = " · ".join(escape(answer) for answer in dict.fromkeys(question.answers))
    return f'<p class="golden"><b>Expected</b> {answers}</p>'


def _answer(answer: GivenAnswer | None) -> str:
    if answer is None:
        return ""
    reason = f' <span class="note">{escape(answer.reason)}</span>' if answer.reason else ""
    support = "" if answer.support is None else f' <span class="note">support {answer.support:.3f}</span>'
    cited = "".join(_citation(citation) for citation in answer.citations)
    return (
        f'<div class="answer"><p><b>{escape(answer.finish)}</b>{reason}{support}</p>'
        f'<p class="said">{escape(answer.response)}</p>{f"<ol>{cited}</ol>" if cited else ""}</div>'
    )


def _citation(citation: Citation) -> str:
    kind, label = ("good", "verified") if citation.verified else ("bad", "not verified")
    return (
        f'<li value="{citation.n}"><span class="verdict {kind}">{label}</span> {escape(citation.document.title)}: '
        f"<q>{escape(citation.quote)}</q></li>"
    )


def _passages(judged: Judged) -> str:
    if not judged.passages:
        return "<p>Nothing was retrieved.</p>"
    return "".join(_passage(rank, p, judged.question) for rank, p in enumerate(judged.passages, start=1))


def _passage(rank: int, passage: FoundPassage, question: Question) -> str:
    name, shown_name = name_in(question, passage.key), document_names(passage.key)[-1]
    relevant = any(evidence.document_id == name for evidence in question.evidence)
    marks = _evidence_in(passage, name, question)
    label = '<span class="verdict good">evidence</span>' if marks else ""
    if relevant and not marks:
        tone = "doubtful" if _has_spans(question) else "good"
        label = f'<span class="verdict {tone}">right document</span>'
    return (
        f"<details{' open' if marks or (relevant and not _has_spans(question)) else ''}><summary>{rank}. "
        f"<b>{escape(passage.title or passage.key)}</b> {label} <span class='note'>{escape(shown_name)} "
        f"[{passage.start}, {passage.end}) · {passage.score:.3f}</span></summary>"
        f'<p class="passage">{_marked(passage.text, marks)}</p></details>'
    )


def _has_spans(question: Question) -> bool:
    return any(evidence.start is not None for evidence in question.evidence)


def _evidence_in(passage: FoundPassage, name: str, question: Question) -> list[Span]:
    """Stretches of the passage's text that are evidence, in order, overlapping ones joined."""
    spans = sorted(
        Span(max(e.start, passage.start) - passage.start, min(e.end, passage.end) - passage.start)
        for e in question.evidence
        if e.document_id == name and e.start is not None and e.end is not None
        if e.start < passage.end and passage.start < e.end
    )
    joined: list[Span] = []
    for span in spans:
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return joined


def _marked(text: str, marks: Sequence[Span]) -> str:
    pieces, at = [], 0
    for span in marks:
        pieces += [escape(text[at : span.start]), f"<mark>{escape(span.of(text))}</mark>"]
        at = span.end
    return "".join(pieces) + escape(text[at:])


def _not_retrieved(judged: Judged) -> str:
    """Evidence that none of the shown passages touches."""
    found = [(name_in(judged.question, p.key), p) for p in judged.passages]
    lost = [
        e
        for e in judged.question.evidence
        if not any(
            e.document_id == name
            and (e.start is None or e.end is None or (e.start < p.end and p.start < e.end))
            for name, p in found
        )
    ]
    if not lost or not judged.question.answerable:
        return ""
    places = "".join(
        f"<li>{escape(e.document_id)}{'' if e.start is None else f' [{e.start}, {e.end})'}</li>" for e in lost
    )
    return f'<div class="lost"><b>Evidence not retrieved</b><ul>{places}</ul></div>'
