"""The documents of a generation by the names that golden questions use."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from ragchat.corpus.values import StoredDocument
from ragchat.evaluation.questions import Question
from ragchat.evaluation.scoring import document_names

PAGE = 1000


class DocumentList(Protocol):
    """What of a generation lists its documents."""

    def documents(self, *, after: str = "", limit: int = 100, after_id: str = "") -> list[StoredDocument]: ...


def every_document(generation: DocumentList) -> Iterator[StoredDocument]:
    """All documents in the order of their keys, fetched page by page."""
    after = after_id = ""
    while page := generation.documents(after=after, limit=PAGE, after_id=after_id):
        yield from page
        after, after_id = page[-1].key, page[-1].id


def unknown_documents(generation: DocumentList, questions: Sequence[Question]) -> list[str]:
    """Documents that evidence names and the generation does not hold: a wrong path, or a wrong collection."""
    unknown = dict.fromkeys(e.document_id for question in questions for e in question.evidence)
    for document in every_document(generation):
        for name in document_names(document.key):
            unknown.pop(name, None)
        if not unknown:
            break
    return list(unknown)
