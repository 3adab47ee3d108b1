"""Drafted questions point exactly at what they were drawn from and say that they are drafts."""

from dataclasses import replace
from pathlib import Path

from ragchat.corpus.values import StoredDocument
from ragchat.documents import Document, Heading
from ragchat.evaluation.draft import as_jsonl, draft_questions
from ragchat.evaluation.questions import load_questions

GUIDE = """# Guide

The blue filter is made of washable felt and lasts for years. It is grey inside.

## Cleaning the filter

Rinse it under cold water once a month, let it dry for a whole day and put it back with the arrow pointing up.

## How often should it be replaced?

Every second spring, or when it tears; a torn filter lets dust into the motor and voids the warranty of the machine.
"""
NOTE = "Our warehouse was moved to Rotterdam in the spring of last year. See the map."


def document(key: str, text: str, title: str) -> Document:
    headings = tuple(
        Heading(text.index(line), line.index(" "), line.lstrip("# "))
        for line in text.splitlines()
        if line[:1] == "#"
    )
    return Document(f"id-{key}", "c", key, key, title, "text/markdown", "h", text, headings=headings)


class Shelf:
    """Documents in memory, listed by key in pages of two."""

    def __init__(self, *documents: Document) -> None:
        self.by_id = {document.id: document for document in sorted(documents, key=lambda d: d.key)}
        self.read: list[str] = []

    def documents(self, *, after: str = "", limit: int = 100, after_id: str = "") -> list[StoredDocument]:
        behind = (after, after_id)
        found = [self._stored(d) for d in self.by_id.values() if (d.key, d.id) > behind]
        return found[: min(limit, 2)]

    def read_document(self, document_id: str) -> Document:
        self.read.append(document_id)
        return self.by_id[document_id]

    @staticmethod
    def _stored(d: Document) -> StoredDocument:
        return StoredDocument(
            d.id, d.key, d.uri, d.title, d.media_type, d.content_hash, len(d.text), 1, "root", {}, (), 1
        )


def shelf() -> Shelf:
    return Shelf(document("guide.md", GUIDE, "Guide"), document("wiki.jsonl#n1", NOTE, "Note"))


def test_headings_and_statements_become_questions() -> None:
    asked = {question.question for question in draft_questions(shelf())}
    assert asked == {
        "What is the blue filter?",
        "What does “Guide” say about “Cleaning the filter”?",
        "How often should it be replaced?",
        "What was our warehouse?",
    }


def test_evidence_is_the_exact_section_or_sentence() -> None:
    by_question = {question.question: question for question in draft_questions(shelf())}
    (section,) = by_question["How often should it be replaced?"].evidence
    assert GUIDE[section.start : section.end].startswith("## How often")
    assert GUIDE[section.start : section.end].endswith("of the machine.")
    statement = by_question["What was our warehouse?"]
    assert statement.answers == ("moved to Rotterdam in the spring of last year",)
    assert statement.evidence[0].document_id == "n1"
    assert NOTE[statement.evidence[0].start : statement.evidence[0].end].endswith("last year.")


def test_the_same_seed_gives_the_same_questions_and_another_seed_others() -> None:
    assert draft_questions(shelf(), seed=4) == draft_questions(shelf(), seed=4)
    assert len({tuple(q.question for q in draft_questions(shelf(), seed=n)) for n in range(8)}) > 1


def test_every_document_is_asked_once_before_one_is_asked_twice() -> None:
    drafted = draft_questions(shelf(), count=2)
    assert {question.evidence[0].document_id for question in drafted} == {"guide.md", "n1"}


def test_only_documents_that_are_drawn_from_are_read() -> None:
    many = Shelf(*(document(f"{n:03}.md", NOTE, "Note") for n in range(50)))
    assert len(draft_questions(many, count=3)) == 3
    assert len(many.read) == 3


def test_drafts_are_written_in_the_form_that_eval_reads(tmp_path: Path) -> None:
    path = tmp_path / "draft.jsonl"
    drafted = draft_questions(shelf())
    path.write_text(as_jsonl(drafted))
    assert list(load_questions(path)) == drafted
    assert all(question.draft for question in drafted)
    assert [question.id for question in drafted] == ["draft-0001", "draft-0002", "draft-0003", "draft-0004"]


def test_a_document_is_asked_about_in_its_language() -> None:
    text = (
        "# Leitfaden\n\n## Filter reinigen\n\n" + "Der Filter wird jede Woche gereinigt und getrocknet. " * 4
    )
    german = replace(document("a.md", text, "Leitfaden"), language="de")
    (question,) = draft_questions(Shelf(german))
    assert question.question == "Was sagt „Leitfaden“ über „Filter reinigen“?"
