"""What a client says on a WebSocket, checked like any body; what we say is events, and the few kinds here.

A frame is one JSON object with a `type`: "message" (a question, with the fields of POST /v1/chat), "stop",
"clear_history" or "ping". A frame without a type that has words is a message: so older pages send them.
"""

from collections.abc import Mapping
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import Field, ValidationError, model_validator

from ragchat.errors import RagchatError, UpstreamFailed
from ragchat.web.problems import field_problems, said
from ragchat.web.requests import Body, ChatBody

LONGEST: Final = 64 * 1024
"""Bytes of a frame; a question of 8,000 characters is at most 48 kB of escaped JSON."""


class Ask(ChatBody):
    """A question in the conversation of the address."""

    type: Literal["message"]


class Stop(Body):
    """End the answer that is being made; what it has said so far is kept."""

    type: Literal["stop"]


class ClearHistory(Body):
    """Delete every message of the conversation."""

    type: Literal["clear_history"]


class Ping(Body):
    """Answered by a pong, for pages that want to know whether anybody listens."""

    type: Literal["ping"]


class _Frame(Body):
    """Any of them."""

    said: Annotated[Ask | Stop | ClearHistory | Ping, Field(discriminator="type")]

    @model_validator(mode="before")
    @classmethod
    def typed(cls, given: object) -> object:
        if not isinstance(given, Mapping):
            return {"said": given}
        frame = dict(given)
        if "message" not in frame and "content" in frame:
            frame["message"] = frame.pop("content")
        if "type" not in frame and "message" in frame:
            frame["type"] = "message"
        if frame.get("type") == "clear":
            frame["type"] = "clear_history"
        return {"said": frame}


Frame: TypeAlias = Ask | Stop | ClearHistory | Ping
Said: TypeAlias = dict[str, object]


def frame_of(text: str) -> Frame:
    """The frame, checked. Raises ValidationError."""
    return _Frame.model_validate_json(text).said


def wrong(invalid: ValidationError) -> Said:
    """What a client is told of a frame that is none; never what it sent."""
    fields = field_problems(invalid.errors())
    named = [
        {"field": field.field.removeprefix("said.") or "frame", "code": field.code, "message": field.message}
        for field in fields
    ]
    return {
        "type": "error",
        "code": "invalid_request",
        "message": "; ".join(f"{one['field']}: {one['message']}" for one in named[:3]),
        "retryable": False,
        "errors": named,
    }


def failed(error: RagchatError) -> Said:
    """An expected failure, in the shape of an `error` event."""
    detail, hint = said(error)
    retryable = isinstance(error, UpstreamFailed) and error.retryable
    return {
        "type": "error",
        "code": error.code,
        "message": f"{detail} {hint}".strip(),
        "retryable": retryable,
    }
