"""What /v1/admin takes and gives, where it is more than a value of the floors below."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from ragchat.conversations.looking_back import DayOfUse, Rated
from ragchat.corpus.values import GenerationInfo
from ragchat.runtime.administration.again import Source
from ragchat.runtime.administration.listing import Listed, State
from ragchat.runtime.administration.summary import Summary
from ragchat.web.requests import Body, Collection


def _example(example: dict[str, JsonValue]) -> ConfigDict:
    return ConfigDict(json_schema_extra={"example": example})


class CollectionsReply(BaseModel):
    """The collections that exist; `roots` maps what was ingested to whether it is missing from the server now."""

    collections: list[Summary]


class AdministeredDocument(BaseModel):
    """A document, or a file that never became one: then `id` is null, and `length` and `chunk_count` are 0.

    `state` is "empty" for one without text, "failed" where the newest run could not read the file, `reason` says why; a
    failed one with an `id` still answers with what it held before. `pages` is null where the format has none, `root`
    the folder, file or address that it came from, `acl` the tags of those who see it (none: everybody).
    """

    id: str | None
    key: str
    uri: str
    title: str
    media_type: str
    state: State
    reason: str
    pages: int | None
    language: str
    length: int
    chunk_count: int
    root: str
    acl: tuple[str, ...]
    added_generation: int | None


class Behind(BaseModel):
    """Where a page begins: the query parameters `after` and `after_id` of the next request."""

    after: str
    after_id: str


class AdministeredDocumentsReply(BaseModel):
    """A page of documents by key. `total` counts the documents of the collection, `failed` the files that could not be
    read, both whatever was asked for; `next` is null on the last page."""

    model_config = _example(
        {
            "documents": [
                {
                    "id": "0f3c…",
                    "key": "manuals/t3.pdf",
                    "uri": "manuals/t3.pdf",
                    "title": "Tern T3 user manual",
                    "media_type": "application/pdf",
                    "state": "indexed",
                    "reason": "",
                    "pages": 12,
                    "language": "en",
                    "length": 20480,
                    "chunk_count": 31,
                    "root": "/srv/docs",
                    "acl": [],
                    "added_generation": 4,
                }
            ],
            "next": None,
            "generation": 7,
            "total": 1,
            "failed": 0,
        }
    )

    documents: list[AdministeredDocument]
    next: Behind | None
    generation: int
    total: int
    failed: int


class GenerationsReply(BaseModel):
    """The generations that are kept, newest first; exactly one is `current`. Runs keep the newest `kept`."""

    generations: list[GenerationInfo]
    kept: int


class RollbackBody(Body):
    """The generation that is to answer again."""

    model_config = _example({"generation": 6})

    generation: Annotated[int, Field(ge=1, lt=2**63)]
    collection: Collection | None = None


class SourcesReply(BaseModel):
    """What can be read again, as it was asked for last."""

    sources: list[Source]


class IngestBody(Body):
    """`path` as /v1/admin/sources names it; `rehash` reads unchanged files, too; `allow_deletes` lets the run remove
    more than 30 % of the documents (else 'too_many_deletes')."""

    model_config = _example({"path": "/srv/docs", "rehash": False})

    path: Annotated[str, StringConstraints(min_length=1, max_length=4_096)]
    collection: Collection | None = None
    rehash: bool = False
    allow_deletes: bool = False


class UseReply(BaseModel):
    """Days (UTC), oldest first, also those on which nothing was asked."""

    model_config = _example(
        {
            "days": [
                {
                    "day": "2026-11-26",
                    "questions": 12,
                    "answered": 9,
                    "nearest": 1,
                    "refused": 2,
                    "cut": 0,
                    "failed": 0,
                    "up": 3,
                    "down": 1,
                    "conversations": 5,
                    "input_tokens": 0,
                    "output_tokens": 0,
                }
            ]
        }
    )

    days: list[DayOfUse]


class FeedbackReply(BaseModel):
    """Rated answers, newest first; `next_cursor` is null on the last page."""

    feedback: list[Rated]
    next_cursor: str | None


def administered(one: Listed) -> AdministeredDocument:
    document = one.document
    return AdministeredDocument(
        id=document.id if document else None,
        key=one.key,
        uri=document.uri if document else one.key,
        title=document.title if document else "",
        media_type=document.media_type if document else "",
        state=one.state,
        reason=one.reason,
        pages=one.pages,
        language=document.language if document else "",
        length=document.length if document else 0,
        chunk_count=document.chunk_count if document else 0,
        root=document.root if document else "",
        acl=document.acl if document else (),
        added_generation=document.added_generation if document else None,
    )
