"""A first golden set drawn from a corpus: one question per sampled heading or sentence, for people to correct.

Drafts are made by rules, without a model, and marked `"draft": true`: they find what is said in the corpus in nearly
the corpus's own words, so figures on unchecked drafts flatter. The same corpus and seed give the same questions.
"""

import json
import random
import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Protocol

from ragchat.corpus.values import StoredDocument
from ragchat.documents import Document, Span
from ragchat.evaluation.listing import DocumentList, every_document
from ragchat.evaluation.questions import Evidence, Question
from ragchat.evaluation.scoring import document_names
from ragchat.language.sentences import sentence_spans
from ragchat.language.tables import language_named

MAX_DOCUMENT = 200_000
"""Code points of a document that are looked at: sampling needs no more, and books stay cheap."""
SHORTEST_SECTION = 80
UNTOLD = "en"
"""The language of questions about a document whose own is not told."""


class DraftSource(DocumentList, Protocol):
    """What of a generation is read here."""

    def read_document(self, document_id: str) -> Document: ...


def draft_questions(source: DraftSource, *, count: int = 50, seed: int = 0) -> list[Question]:
    """Up to `count` questions, spread over the documents: a second one from a document only when all had one."""
    chooser = random.Random(seed)  # noqa: S311 - sampling, not secrecy
    waiting = list(every_document(source))
    chooser.shuffle(waiting)
    drafted: list[Question] = []
    pools: list[Iterator[Question]] = [_from_document(source, document, chooser) for document in waiting]
    while pools and len(drafted) < count:
        pools = [pool for pool in pools if _draw(pool, drafted, count)]
    return [_numbered(number, question) for number, question in enumerate(drafted, start=1)]


def as_jsonl(questions: Iterable[Question]) -> str:
    """The form that `load_questions` reads, one question a line."""
    return "".join(json.dumps(_as_line(question), ensure_ascii=False) + "\n" for question in questions)


def _draw(pool: Iterator[Question], drafted: list[Question], count: int) -> bool:
    """Takes one question of the pool; False when it is empty."""
    if len(drafted) >= count:
        return False
    question = next(pool, None)
    if question is not None:
        drafted.append(question)
    return question is not None


def _from_document(source: DraftSource, stored: StoredDocument, chooser: random.Random) -> Iterator[Question]:
    """Lazily, so that only documents that are drawn from are read."""
    document = source.read_document(stored.id)
    candidates = [*_from_headings(document), *_from_sentences(document)]
    chooser.shuffle(candidates)
    yield from candidates


def _from_headings(document: Document) -> Iterator[Question]:
    about = language_named(document.language or UNTOLD).drafts.about
    for position, heading in enumerate(document.headings):
        following = (h.offset for h in document.headings[position + 1 :] if h.level <= heading.level)
        end = next(following, len(document.text))
        body = document.text[heading.offset : end].rstrip()
        title = heading.title.strip()
        if title in ("", document.title) or len(body) - len(title) < SHORTEST_SECTION:
            continue
        asked = title
        if not title.endswith(("?", "？")):
            asked = about.replace("{document}", document.title).replace("{heading}", title)
        yield _question(document, asked, Span(heading.offset, heading.offset + len(body)), ())


def _from_sentences(document: Document) -> Iterator[Question]:
    text, words = document.text, language_named(document.language or UNTOLD).drafts
    pattern = _statement((*words.being, *words.doing))
    if pattern is None:
        return
    for span in sentence_spans(text, 0, min(len(text), MAX_DOCUMENT)):
        statement = pattern.fullmatch(span.of(text))
        if statement is None:
            continue
        subject, verb = statement["subject"], statement["verb"]
        first = subject.split(" ", 1)[0].split("'")[0]
        if first in words.referring:
            continue
        if first in words.articles:
            subject = subject[0].lower() + subject[1:]
        asked = words.being_asked if verb in words.being else words.doing_asked
        asked = asked.replace("{verb}", verb).replace("{subject}", subject)
        yield _question(document, asked, span, (statement["rest"],))


@cache
def _statement(verbs: tuple[str, ...]) -> re.Pattern[str] | None:
    """A subject, one of the verbs, and what is said; None without verbs."""
    if not verbs:
        return None
    return re.compile(
        rf"(?P<subject>[^\W\d_a-z][^\n,;:.!?|()]{{2,70}}?) (?P<verb>{'|'.join(verbs)}) (?P<rest>[^\n|]{{12,240}})[.]"
    )


def _question(document: Document, asked: str, span: Span, answers: tuple[str, ...]) -> Question:
    name = document_names(document.key)[-1]
    evidence = (Evidence(name, span.start, span.end),)
    return Question("", asked, evidence=evidence, answers=answers, draft=True)


def _numbered(number: int, question: Question) -> Question:
    return Question(
        f"draft-{number:04}",
        question.question,
        evidence=question.evidence,
        answers=question.answers,
        draft=True,
    )


def _as_line(question: Question) -> dict[str, object]:
    return {
        "id": question.id,
        "question": question.question,
        "answerable": question.answerable,
        "evidence": [
            {"document_id": e.document_id, "start": e.start, "end": e.end} for e in question.evidence
        ],
        "answers": list(question.answers),
        "draft": question.draft,
    }
