"""From the messages of a request to one question: the last one asks, those before are the conversation, instructions
of system and developer shape how a model writes.
"""

from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)

from ragchat.answering.request import Turn
from ragchat.errors import UsageError
from ragchat.web.requests import Instruction, Message, storable

Content = Annotated[str, StringConstraints(max_length=100_000), AfterValidator(storable)]
_question: TypeAdapter[str] = TypeAdapter(Message)
_instruction: TypeAdapter[str] = TypeAdapter(Instruction)


class Part(BaseModel):
    """A piece of a message; only words can be read."""

    model_config = ConfigDict(extra="ignore")

    type: str
    text: Content | None = None
    refusal: Content | None = None


class Spoken(BaseModel):
    """A message of a request."""

    model_config = ConfigDict(extra="ignore")

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Content | Annotated[list[Part], Field(max_length=200)] | None = None

    @property
    def words(self) -> str:
        """Its text. UsageError for pictures, sound and files."""
        if not isinstance(self.content, list):
            return self.content or ""
        for part in self.content:
            if part.text is None and part.refusal is None:
                raise UsageError("Only text can be read.", code="unsupported_content")
        return "\n".join(part.text or part.refusal or "" for part in self.content)


class Talk(BaseModel):
    """What the messages of a request say."""

    question: str
    history: tuple[Turn, ...]
    instructions: str


def talk(messages: list[Spoken], instructions: str = "") -> Talk:
    """UsageError where the last message is not a question, or is too long."""
    said = [one for one in messages if one.role in ("user", "assistant")]
    if not said or said[-1].role != "user":
        raise UsageError("The last message must be the user's question.", code="no_question")
    told = [instructions, *(one.words for one in messages if one.role in ("system", "developer"))]
    history = [
        Turn("user" if one.role == "user" else "assistant", one.words)
        for one in said[:-1]
        if one.words.strip()
    ]
    return Talk(
        question=_checked(_question, said[-1].words, "The question"),
        history=tuple(history),
        instructions=_checked(
            _instruction, "\n\n".join(one for one in told if one.strip()), "The instructions"
        ),
    )


def _checked(kind: TypeAdapter[str], words: str, what: str) -> str:
    try:
        return kind.validate_python(words)
    except ValidationError as wrong:
        raise UsageError(f"{what}: {wrong.errors()[0]['msg']}.", code="invalid_request") from wrong
