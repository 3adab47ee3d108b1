"""What clients may send, checked before anything is done. An unknown field is an error that names it: a misspelt wish
that is silently dropped is noticed by nobody. What older services called a conversation (`thread_id`, `session_id`) is
known here.

Texts are bounded and real Unicode without U+0000, questions have words in them; numbers are finite and fit 64 bits:
what passes here can be stored in any database and encoded on any wire.
"""

import json
from math import isfinite
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from ragchat.conversations import ConversationDraft, Rating
from ragchat.corpus.values import Filters
from ragchat.web.asking import Asking
from ragchat.web.bodies.shapes import ui_shape

MAX_MESSAGE = 8_000
MAX_TOKENS = 32_768


def _worded(text: str) -> str:
    if not text.strip():
        raise PydanticCustomError("blank", "Must have words in it")
    return storable(text)


def storable(text: str) -> str:
    """`text` if any database can keep it and any wire carry it."""
    if "\0" in text:  # PostgreSQL cannot store it, and nobody types it
        raise PydanticCustomError("zero_byte", "Must not contain the character U+0000")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise PydanticCustomError("lone_surrogate", "Must not contain half of a surrogate pair")
    return text


def _bounded(value: object) -> object:
    """Before the types are tried: an integer that is too large would be taken for a float."""
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise PydanticCustomError("too_large", "Must fit 64 bits")
    return value


Message: TypeAlias = Annotated[
    str, StringConstraints(min_length=1, max_length=MAX_MESSAGE), AfterValidator(_worded)
]
Identifier: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Collection: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
ModelName: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][\w.:/@-]{0,199}$")]
TopK: TypeAlias = Annotated[int, Field(ge=1, le=50)]
Text: TypeAlias = Annotated[str, StringConstraints(max_length=2_000), AfterValidator(storable)]
Scalar: TypeAlias = Annotated[Text | int | float | bool | None, BeforeValidator(_bounded)]
DocumentId: TypeAlias = Annotated[
    str, StringConstraints(min_length=1, max_length=200), AfterValidator(storable)
]

Title: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_worded)]
UserId: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=256), AfterValidator(storable)]
Instruction: TypeAlias = Annotated[str, StringConstraints(max_length=4_000), AfterValidator(storable)]
Note: TypeAlias = Annotated[str, StringConstraints(max_length=2_000), AfterValidator(storable)]
Word: TypeAlias = Annotated[str, StringConstraints(max_length=200), AfterValidator(storable)]
Values: TypeAlias = Scalar | Annotated[list[Scalar], Field(max_length=200)]

CHAT_EXAMPLE: Final[dict[str, JsonValue]] = {
    "message": "How do I reset it?",
    "conversation_id": "c0ffee",
    "preferences": {"language": "de", "expertise_level": "beginner"},
    "filters": {"metadata": {"product": ["T3", "T4"]}},
    "temperature": 0.2,
}


class Body(BaseModel):
    """The base of what is sent: finite numbers, no field that we do not know."""

    model_config = ConfigDict(allow_inf_nan=False, extra="forbid")


class InConversation(Body):
    """What goes on with a conversation, or begins it; `thread_id` and `session_id` are other names of it."""

    conversation_id: Identifier | None = None
    thread_id: Annotated[Identifier | None, Field(description="Another name of conversation_id.")] = None
    session_id: Annotated[Identifier | None, Field(description="Another name of conversation_id.")] = None

    @field_validator("thread_id", "session_id")
    @classmethod
    def the_same_conversation(cls, value: str | None, info: ValidationInfo) -> str | None:
        """ValueError where two names are given and differ."""
        given = {info.data.get(name) for name in ("conversation_id", "thread_id")} - {None, value}
        if value is not None and given:
            raise PydanticCustomError("conflict", "Names another conversation than the other names of it do")
        return value

    @property
    def conversation(self) -> str | None:
        """Its id, whatever it was called."""
        return self.conversation_id or self.thread_id or self.session_id


class Sampling(Body):
    """How a model draws its words, within bounds; nothing of it concerns the extractive answerer."""

    temperature: Annotated[float | None, Field(ge=0, le=2)] = None
    top_p: Annotated[float | None, Field(gt=0, le=1)] = None
    max_tokens: Annotated[int | None, Field(ge=1, le=MAX_TOKENS)] = None

    def parameters(self) -> dict[str, float | int]:
        """Those that were given, by the names that models know."""
        given = {"temperature": self.temperature, "top_p": self.top_p, "max_tokens": self.max_tokens}
        return {name: value for name, value in given.items() if value is not None}


MAX_DEPTH = 8


def _finite_and_flat(value: object, depth: int = 0) -> object:
    """Before the types are tried: JSON that any database can store, not nested without end."""
    if depth > MAX_DEPTH:
        raise PydanticCustomError("too_deep", "Must be nested at most 8 deep")
    if isinstance(value, float) and not isfinite(value):
        raise PydanticCustomError("finite_number", "Must hold finite numbers only")
    if isinstance(value, dict):
        for inner in value.values():
            _finite_and_flat(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _finite_and_flat(inner, depth + 1)
    return _bounded(value)


class FilterBody(Body):
    """Which documents may be found: any of the ids, any of the URIs, all of the metadata (any value of each)."""

    document_ids: Annotated[list[Identifier], Field(max_length=200)] = []
    uris: Annotated[list[Text], Field(max_length=200)] = []
    metadata: Annotated[dict[Word, Values], Field(max_length=20)] = {}

    def filters(self) -> Filters:
        """The filter that the index understands. ACL tags are never a client's to choose."""
        return Filters(
            document_ids=tuple(self.document_ids),
            uris=tuple(self.uris),
            metadata={
                name: tuple(values) if isinstance(values, list) else (values,)
                for name, values in self.metadata.items()
            },
        )


class Preferences(Body):
    """How an LLM should put the answer; it never changes what the answer may rest on."""

    expertise_level: Word | None = None
    language: Word | None = None
    style: Word | None = None
    topics: Annotated[list[Word], Field(max_length=20)] | Word | None = None

    def given(self) -> dict[str, str]:
        """The preferences that were set, topics joined by commas."""
        values = self.model_dump(exclude_none=True)
        return {
            name: ", ".join(value) if isinstance(value, list) else value for name, value in values.items()
        }


class ChatBody(InConversation, Sampling):
    """A question, and how to answer it. What is left out is as the server's settings say."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"message": "How long is the warranty?"}, CHAT_EXAMPLE]}
    )

    message: Message
    user_id: UserId | None = None
    collection: Collection | None = None
    system_prompt: Instruction = ""
    preferences: Preferences | None = None
    model: ModelName | None = None
    mode: Literal["chat", "agent"] | None = None
    grounding: Literal["annotate", "strict"] | None = None
    top_k: TopK | None = None
    filters: FilterBody | None = None

    def asking(self) -> Asking:
        """What is asked, without the wire."""
        return Asking(
            message=self.message,
            conversation_id=self.conversation,
            user_id=self.user_id,
            collection=self.collection,
            system_prompt=self.system_prompt,
            preferences=self.preferences.given() if self.preferences else None,
            model=self.model,
            mode=self.mode,
            grounding=self.grounding,
            top_k=self.top_k,
            filters=self.filters.filters() if self.filters else None,
            parameters=self.parameters(),
        )


class StreamBody(ChatBody):
    """A question whose answer is streamed, as server-sent events or as plain text."""

    model_config = ConfigDict(json_schema_extra={"examples": [CHAT_EXAMPLE | {"stream_format": "text"}]})

    stream_format: Literal["sse", "text"] = "sse"

    @model_validator(mode="before")
    @classmethod
    def as_we_call_it(cls, given: object) -> object:
        """`useChat` of the AI SDK posts its messages."""
        return ui_shape(given)


class StreamQuery(InConversation, Sampling):
    """A question in an address, for browsers' EventSource; `token` is a widget's session, which shows who asks."""

    message: Message
    token: Annotated[str | None, StringConstraints(max_length=4_000)] = None
    user_id: UserId | None = None
    collection: Collection | None = None
    system_prompt: Instruction = ""
    model: ModelName | None = None
    mode: Literal["chat", "agent"] | None = None
    grounding: Literal["annotate", "strict"] | None = None
    top_k: TopK | None = None

    def asking(self) -> Asking:
        """What is asked, without the wire."""
        return Asking(
            message=self.message,
            conversation_id=self.conversation,
            user_id=self.user_id,
            collection=self.collection,
            system_prompt=self.system_prompt,
            model=self.model,
            mode=self.mode,
            grounding=self.grounding,
            top_k=self.top_k,
            parameters=self.parameters(),
        )


class SearchQuery(Body):
    """What to look for."""

    q: Message
    collection: Collection | None = None
    top_k: TopK | None = None
    explain: bool = True


MAX_METADATA = 16_384
"""Characters of JSON that a conversation's metadata may have."""


def _small(value: dict[str, JsonValue]) -> dict[str, JsonValue]:
    written = json.dumps(value, ensure_ascii=False)
    if len(written) > MAX_METADATA:
        raise PydanticCustomError("too_large", "Must be at most 16,384 characters of JSON")
    storable(written)
    if "\\u0000" in written:
        raise PydanticCustomError("zero_byte", "Must not contain the character U+0000")
    return value


Metadata: TypeAlias = Annotated[
    dict[str, JsonValue], BeforeValidator(_finite_and_flat), AfterValidator(_small)
]


class ConversationChanges(Body):
    """What a conversation is given; what is left out stays. Its instruction and preferences hold for every question
    that brings none of its own."""

    title: Title | None = None
    metadata: Metadata | None = None
    system_prompt: Instruction | None = None
    preferences: Preferences | None = None

    def draft(self) -> ConversationDraft:
        """What is given, without the wire."""
        return ConversationDraft(
            title=self.title,
            metadata=self.metadata,
            system_prompt=self.system_prompt,
            preferences=self.preferences.given() if self.preferences else None,
        )


class NewConversation(ConversationChanges):
    """A conversation to begin; all of it may be left out."""

    id: Identifier | None = None
    title: Annotated[str, StringConstraints(max_length=200), AfterValidator(storable)] | None = None
    user_id: UserId | None = None


class FeedbackBody(Body):
    """What a reader thought of an answer; `rating` null takes it back."""

    rating: Rating | None
    comment: Note = ""


def field_names() -> frozenset[str]:
    """Names of every field of every body: what an error may name of a request."""
    kinds: list[type[BaseModel]] = [Body]
    for kind in kinds:  # grows while it is walked
        kinds += kind.__subclasses__()
    return frozenset(name for kind in kinds for name in kind.model_fields)
