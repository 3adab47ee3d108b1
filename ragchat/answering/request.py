"""What an answer is asked with: the conversation so far and the choices of one request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from ragchat.corpus.values import Filters
from ragchat.errors import UsageError

ModelParameter: TypeAlias = str | int | float | bool | Sequence[str]
MODEL_PARAMETERS: Final = frozenset(
    {
        "temperature",
        "top_p",
        "max_tokens",
        "seed",
        "stop",
        "presence_penalty",
        "frequency_penalty",
        "reasoning_effort",
    }
)
"""What a request may set of a model; everything else (its address, its key, its tools) is the operator's."""
GroundingMode: TypeAlias = Literal["strict", "annotate"]


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of the conversation so far; `refused` marks an answer that was a refusal."""

    role: Literal["user", "assistant"]
    content: str
    refused: bool = False


@dataclass(frozen=True, slots=True)
class AnswerOptions:
    """Choices of one request.

    `system_prompt` and `preferences` ("expertise_level", "language", "style", "topics") shape how a model writes,
    never what it may rest on; `parameters` (temperature, …: MODEL_PARAMETERS) are handed to the model.
    `grounding`: strict holds a sentence back until it is verified, annotate marks it. `tenant` is whose question it is:
    what a model said is kept apart for each; `fresh` has it asked in any case.
    """

    message_id: str
    conversation_id: str
    top_k: int = 5
    filters: Filters = field(default_factory=Filters)
    grounding: GroundingMode = "annotate"
    mode: Literal["chat", "agent"] = "chat"
    system_prompt: str = ""
    preferences: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, ModelParameter] = field(default_factory=dict)
    tenant: str = ""
    fresh: bool = False

    def __post_init__(self) -> None:
        """Raises UsageError for a parameter that is none of a model's."""
        if unknown := sorted(set(self.parameters) - MODEL_PARAMETERS):
            raise UsageError(
                f"There is no model parameter {unknown[0]!r}.",
                hint=f"Known: {', '.join(sorted(MODEL_PARAMETERS))}.",
                code="model_parameter",
            )
