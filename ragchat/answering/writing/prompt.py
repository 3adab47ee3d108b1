"""What a model is sent: rules from a template file, numbered sources as data inside random delimiters, the question.

The fence is random for each request, so that no document can close it; what a document or a user says never reaches
the system message. Nothing secret is in a prompt: sources, history and the wishes of the request are all there is,
and keys and card numbers are taken out of each of them (the question and the history before they come here).
"""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

from ragchat.answering.events import Source
from ragchat.answering.moderating.secrets import redacted
from ragchat.answering.question.question import Question
from ragchat.answering.request import AnswerOptions, Turn
from ragchat.retrieval.results import RetrievedPassage

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

NO_ANSWER: Final = "NO_ANSWER"
CONTEXT_TOKENS: Final = 6_000
HISTORY_TOKENS: Final = 1_500
LONGEST_WISH: Final = 2_000

_SLOT: Final = re.compile(r"\{\{(\w+)\}\}")
_DATES: Final = ("updated", "modified", "date", "published", "valid_from", "created")
"""Names under which a document's metadata tell its date, the most telling first."""
_WISHES: Final = {
    "expertise_level": "The reader's level of expertise",
    "language": "The reader's language",
    "style": "Style",
    "topics": "Topics that the reader cares about",
}


@dataclass(frozen=True, slots=True)
class Prompt:
    """The messages of one request, the numbers of the sources that are in them, and the random line between these."""

    messages: tuple["BaseMessage", ...]
    numbers: frozenset[int]
    fence: str


def answer_prompt(
    question: Question,
    sources: Sequence[Source],
    history: Sequence[Turn],
    options: AnswerOptions,
    dates: Mapping[str, str] | None = None,
) -> Prompt:
    """The prompt of an answer: as many sources, best first, and as much of the latest history as the budgets hold."""
    fence = f"====={secrets.token_hex(8)}"
    kept = _within(sources, CONTEXT_TOKENS)
    alone = question.wording
    meant = "" if alone == question.said else render("meant", question=alone)
    asked = render("question", sources=fenced(kept, fence, dates), question=question.said, meant=meant)
    messages = (SystemMessage(_rules(options, fence)), *past_messages(history), HumanMessage(asked))
    return Prompt(messages, frozenset(source.n for source in kept), fence)


def agent_rules(options: AnswerOptions, fence: str, most: int) -> str:
    """The system message of agent mode: the same rules, and how to search."""
    return render("agent", rules=_rules(options, fence), most=str(most))


def _rules(options: AnswerOptions, fence: str) -> str:
    return render("answer", no_answer=NO_ANSWER, fence=fence, manner=_manner(options))


def dates_of(passages: Mapping[int, RetrievedPassage]) -> dict[str, str]:
    """For each document its date, as far as its metadata tell one."""
    documents = {passage.document.id: passage.document.metadata for passage in passages.values()}
    told = (
        (id_, next((str(data[key]) for key in _DATES if data.get(key)), ""))
        for id_, data in documents.items()
    )
    return {id_: date for id_, date in told if date}


def fenced(sources: Sequence[Source], fence: str, dates: Mapping[str, str] | None = None) -> str:
    """The sources as data: a line of the fence before each and after the last. Secrets in them are not sent.
    `dates` are those of documents, by id."""
    known = dates or {}
    blocks = [
        f"{fence} source {source.n}: {_title(source, known.get(source.document_id, ''))}\n{redacted(source.text)}"
        for source in sources
    ]
    return "\n".join([*blocks, f"{fence} end of the sources"])


def render(template: str, **values: str) -> str:
    """The template file with its {{slots}} filled in one pass: what is filled in is never looked at again."""
    return _SLOT.sub(lambda slot: values[slot.group(1)], _template(template)).strip()


def tokens_in(text: str) -> int:
    """An estimate that errs upwards: four characters to a token, one where scripts have no blanks."""
    if text.isascii():
        return len(text) // 4 + 1
    dense = sum(character >= "\u2e80" for character in text)
    return dense + (len(text) - dense) // 3 + 1


@cache
def _template(name: str) -> str:
    return files("ragchat.answering.writing").joinpath("prompts", f"{name}.md").read_text("utf-8")


def _title(source: Source, date: str) -> str:
    """Title, headings, page and date on one line."""
    parts = [
        source.title,
        *(heading for heading in source.heading_path if heading != source.title),
        *([f"page {source.page}"] if source.page is not None else []),
        *([f"of {date}"] if date else []),
    ]
    return redacted(" ".join(" > ".join(parts).split()))[:200]


def _within(sources: Sequence[Source], budget: int) -> list[Source]:
    kept: list[Source] = []
    for source in sources:
        budget -= tokens_in(source.text) + 40
        if kept and budget < 0:
            break
        kept.append(source)
    return kept


def _manner(options: AnswerOptions) -> str:
    wishes = [f"- {line}" for line in _preferences(options.preferences)]
    if options.system_prompt.strip():
        wishes.append(f"- {redacted(options.system_prompt.strip())[:LONGEST_WISH]}")
    return render("manner", wishes="\n".join(wishes)) if wishes else ""


def _preferences(preferences: Mapping[str, str]) -> list[str]:
    return [
        f"{label}: {redacted(' '.join(preferences[name].split()))[:LONGEST_WISH]}"
        for name, label in _WISHES.items()
        if preferences.get(name, "").strip()
    ]


def answered_turns(history: Sequence[Turn]) -> list[Turn]:
    """The history without refused answers and the questions before them: they would teach the model to refuse."""
    kept: list[Turn] = []
    for turn in history:
        if turn.role == "assistant" and turn.refused:
            if kept and kept[-1].role == "user":
                kept.pop()
            continue
        kept.append(turn)
    return kept


def past_messages(history: Sequence[Turn]) -> list["BaseMessage"]:
    """As much of the latest history as its budget holds, oldest first."""
    budget = HISTORY_TOKENS
    past: list[BaseMessage] = []
    for turn in reversed(answered_turns(history)):
        budget -= tokens_in(turn.content)
        if budget < 0:
            break
        past.append(HumanMessage(turn.content) if turn.role == "user" else AIMessage(turn.content))
    return past[::-1]
