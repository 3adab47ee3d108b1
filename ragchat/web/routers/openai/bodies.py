"""The bodies of completions and responses: the fields that mean something to us."""

from typing import Annotated, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from ragchat.errors import UsageError
from ragchat.web.requests import Identifier, Instruction, Sampling, UserId
from ragchat.web.routers.openai.messages import Spoken

ModelId: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Messages: TypeAlias = Annotated[list[Spoken], Field(min_length=1, max_length=1_000)]
MaxTokens: TypeAlias = Annotated[int | None, Field(ge=1, le=32_768)]


class _Kind(BaseModel):
    model_config = ConfigDict(extra="ignore")

    type: str = "text"


class StreamOptions(BaseModel):
    """`include_usage` asks for one more chunk, with the tokens."""

    model_config = ConfigDict(extra="ignore")

    include_usage: bool = False


class CompletionBody(Sampling):
    """A chat completion. `model` is a collection, as /v1/models lists them; `store` false keeps it out of the
    conversations."""

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={
            "examples": [
                {"model": "default", "messages": [{"role": "user", "content": "How long is the warranty?"}]}
            ]
        },
    )

    model: ModelId
    messages: Messages
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    max_completion_tokens: MaxTokens = None
    user: UserId | None = None
    store: bool | None = None
    n: int | None = None
    response_format: _Kind | None = None
    tool_choice: str | _Kind | None = None

    def require_possible(self) -> None:
        """UsageError for what an answer from documents cannot be."""
        if self.n not in (None, 1):
            raise UsageError("There is one answer to a question: n must be 1.", code="unsupported_parameter")
        if self.response_format is not None and self.response_format.type != "text":
            raise UsageError("Answers are text: response_format cannot be had.", code="unsupported_parameter")
        if self.tool_choice not in (None, "auto", "none"):
            raise UsageError(
                "Tools are not called here: tool_choice cannot be had.", code="unsupported_parameter"
            )

    def parameters(self) -> dict[str, float | int]:
        given = super().parameters()
        return (
            given
            if self.max_completion_tokens is None
            else given | {"max_tokens": self.max_completion_tokens}
        )


class ConversationRef(BaseModel):
    """A conversation by its id."""

    model_config = ConfigDict(extra="ignore")

    id: Identifier


class TextOptions(BaseModel):
    """`format` other than text cannot be had."""

    model_config = ConfigDict(extra="ignore")

    format: _Kind = _Kind()


class ResponseBody(Sampling):
    """A response. `model` is a collection; `previous_response_id` or `conversation` go on with what was said."""

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={"examples": [{"model": "default", "input": "How long is the warranty?"}]},
    )

    model: ModelId
    input: Annotated[str, StringConstraints(max_length=100_000)] | Messages
    instructions: Instruction | None = None
    stream: bool | None = None
    max_output_tokens: MaxTokens = None
    previous_response_id: Annotated[str | None, StringConstraints(pattern=r"^resp_[A-Za-z0-9_-]{1,64}$")] = (
        None
    )
    conversation: Identifier | ConversationRef | None = None
    user: UserId | None = None
    store: bool | None = None
    text: TextOptions | None = None
    tool_choice: str | _Kind | None = None

    def require_possible(self) -> None:
        """UsageError for what an answer from documents cannot be."""
        if self.text is not None and self.text.format.type != "text":
            raise UsageError("Answers are text: text.format cannot be had.", code="unsupported_parameter")
        if self.tool_choice not in (None, "auto", "none"):
            raise UsageError(
                "Tools are not called here: tool_choice cannot be had.", code="unsupported_parameter"
            )
        if self.previous_response_id and self.conversation:
            raise UsageError(
                "A response goes on with previous_response_id or with a conversation, not with both.",
                code="unsupported_parameter",
            )

    @property
    def spoken(self) -> list[Spoken]:
        """The input as messages."""
        return [Spoken(role="user", content=self.input)] if isinstance(self.input, str) else self.input

    @property
    def conversation_id(self) -> str | None:
        """The conversation that is named, if one is."""
        return self.conversation.id if isinstance(self.conversation, ConversationRef) else self.conversation

    def parameters(self) -> dict[str, float | int]:
        given = super().parameters()
        return given if self.max_output_tokens is None else given | {"max_tokens": self.max_output_tokens}
