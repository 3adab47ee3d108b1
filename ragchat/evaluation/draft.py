"""A first golden set drawn from a corpus: one question per sampled heading or sentence, for people to correct.

Drafts are made by rules, without a model, and marked `"draft": true`: they find what is said in the corpus in nearly
the corpus's own words, so figures on unchecked drafts flatter. The same corpus and seed give the same questions.
"""

import json
import random
import re
from collections.abc import Iterable, Iterator
from typing import Protocol

from ragchat.corpus.values import StoredDocument
from ragchat.documents import Document, Span
from ragchat.evaluation.listing import DocumentList, every_document
from ragchat.evaluation.questions import Evidence, Question
from ragchat.evaluation.scoring import document_names
from ragchat.language.sentences import sentence_spans

MAX_DOCUMENT = 200_000
"""Code points of a document that are looked at: sampling needs no more, and books stay cheap."""
SHORTEST_SECTION = 80

_STATEMENT = re.compile(
    r"(?P<subject>[A-Z][^\n,;:.!?|()]{2,70}?) (?P<verb>is|are|was|were|can|must|may|should|will)"
    r" (?P<rest>[^\n|]{12,240})[.]"
)
_REFERRING = re.compile(
    r"(?:It|This|That|These|Those|They|There|Here|He|She|We|You|I|What|Which|If|When|As)\b"
)
_ARTICLE = re.compile(r"(?:The|A|An|Our|Your|Each|Every|All|Any|Some|Most|Both)\b")
_BE = ("is", "are", "was", "were")


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
    for position, heading in enumerate(document.headings):
        following = (h.offset for h in document.headings[position + 1 :] if h.level <= heading.level)
        end = next(following, len(document.text))
        body = document.text[heading.offset : end].rstrip()
        title = heading.title.strip()
        if title in ("", document.title) or len(body) - len(title) < SHORTEST_SECTION:
            continue
        asked = title if title.endswith("?") else f"What does “{document.title}” say about “{title}”?"
        yield _question(document, asked, Span(heading.offset, heading.offset + len(body)), ())


def _from_sentences(document: Document) -> Iterator[Question]:
    text = document.text
    for span in sentence_spans(text, 0, min(len(text), MAX_DOCUMENT)):
        statement = _STATEMENT.fullmatch(span.of(text))
        if statement is None or _REFERRING.match(statement["subject"]):
            continue
        subject, verb = statement["subject"], statement["verb"]
        if _ARTICLE.match(subject):
            subject = subject[0].lower() + subject[1:]
        asked = f"What {verb} {subject}?" if verb in _BE else f"What {verb} {subject} do?"
        yield _question(document, asked, span, (statement["rest"],))


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
