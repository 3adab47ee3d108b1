"""What the API answers with, where it is more than a value of the floors below (those are used as they are)."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, Self, TypeAlias

from pydantic import BaseModel

from ragchat.answering.events import Citation, Finish, Refusal, Source
from ragchat.conversations import Conversation, Status, StoredMessage
from ragchat.conversations.gaps import Gap
from ragchat.documents import BlockKind, Scalar

if TYPE_CHECKING:
    from ragchat.retrieval.results import RetrievedPassage


class UsageReply(BaseModel):
    """Tokens as the model's provider counts them; zero without an LLM."""

    input_tokens: int
    output_tokens: int


class ChatReply(BaseModel):
    """A whole answer with everything that it rests on.

    `message_count` counts its conversation's messages up to and including it; `saved` is False, and the count 0, when
    it could not be stored.
    """

    response: str
    conversation_id: str
    message_id: str
    sources: tuple[Source, ...]
    citations: tuple[Citation, ...]
    finish: Finish
    refusal: Refusal | None
    grounded: float | None
    model: str
    generation: int
    tokens_used: int
    usage: UsageReply
    latency_ms: float
    timings: Mapping[str, float]
    message_count: int
    saved: bool


class StopReply(BaseModel):
    """`stopped` is False when the answer had come to its end already."""

    message_id: str
    stopped: bool
    status: Status


class ConversationReply(BaseModel):
    """A conversation with its messages in order; `next_after` is where more of them begin, None when there are none."""

    conversation: Conversation
    messages: list[StoredMessage]
    next_after: int | None


class MessagesReply(BaseModel):
    """Messages in order; `next_after` is where more of them begin, None when there are none."""

    messages: list[StoredMessage]
    next_after: int | None


class PassageReply(BaseModel):
    """A passage that was found; `text` is `[start, end)` of the document, `explanation` the parts of its score, null
    where they are not asked for."""

    document_id: str
    title: str
    uri: str
    page: int | None
    heading_path: tuple[str, ...]
    start: int
    end: int
    text: str
    score: float
    explanation: Mapping[str, float] | None = None

    @classmethod
    def of(cls, passage: "RetrievedPassage", *, explain: bool) -> Self:
        """As it is told on the wire."""
        return cls(
            document_id=passage.document.id,
            title=passage.document.title,
            uri=passage.document.uri,
            page=passage.page,
            heading_path=tuple(passage.heading_path),
            start=passage.start,
            end=passage.end,
            text=passage.text,
            score=passage.score,
            explanation=dict(passage.explanation) if explain else None,
        )


class SearchReply(BaseModel):
    """Passages, best first."""

    query: str
    passages: list[PassageReply]


class DocumentReply(BaseModel):
    """A document without its text; `version` is the sha256 of the ingested bytes, `length` counts code points,
    `language` is an ISO 639-1 code, empty where its words do not tell."""

    id: str
    key: str
    uri: str
    title: str
    media_type: str
    version: str
    length: int
    chunk_count: int
    language: str
    metadata: Mapping[str, Scalar]
    added_generation: int


class BlockReply(BaseModel):
    """A block at `[start, end)` of the text. `parent` is the index of what it is part of, else of its heading; `lead`
    the place of what has to be read before it: a lead-in, the header of a row, the question of an answer."""

    index: int
    kind: BlockKind
    start: int
    end: int
    parent: int | None
    lead: tuple[int, int] | None


class BlocksReply(BaseModel):
    """The blocks of a document, in text order."""

    document_id: str
    version: str
    language: str
    blocks: list[BlockReply]


class DocumentsReply(BaseModel):
    """A page of documents, by key; `next_after` is where the next page begins, None on the last."""

    documents: list[DocumentReply]
    next_after: str | None
    generation: int
    total: int


class TextReply(BaseModel):
    """Code points `[start, end)` of a document's canonical text; `pages[i]` is where page i+1 starts."""

    document_id: str
    title: str
    uri: str
    media_type: str
    version: str
    start: int
    end: int
    length: int
    text: str
    pages: tuple[int, ...]


DiskState: TypeAlias = Literal["ok", "little", "unavailable"]
UpstreamState: TypeAlias = Literal["unused", "ok", "failing"]


class ReadyReply(BaseModel):
    """Whether questions can be answered, and from what; `reason` tells why not.

    Answers are given without being stored while `conversations` is "unavailable". `disk` is that of the indexes;
    `upstream` tells how the last answer that needed a model's service went ("unused": none did lately).
    """

    ready: bool
    reason: str
    collection: str
    generation: int | None
    documents: int
    chunks: int
    embedder: str
    model: str
    conversations: Literal["ok", "unavailable"]
    disk: DiskState
    upstream: UpstreamState


class HealthReply(BaseModel):
    status: str
    version: str


class GapsReply(BaseModel):
    """What the documents do not hold, most often asked first."""

    gaps: list[Gap]
