"""What an answer is asked with: the conversation so far and the choices of one request."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from ragchat.corpus.values import Filters

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
    never what it may rest on; `parameters` (temperature, top_p, max_tokens) are passed on to it. `grounding`: strict
    holds a sentence back until it is verified, annotate marks it.
    """

    message_id: str
    conversation_id: str
    top_k: int = 5
    filters: Filters = field(default_factory=Filters)
    grounding: GroundingMode = "annotate"
    mode: Literal["chat", "agent"] = "chat"
    system_prompt: str = ""
    preferences: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, float | int] = field(default_factory=dict)
