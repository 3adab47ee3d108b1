"""Chat completions: one object, or the chunks of a stream, ended by `[DONE]`."""

import json
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from typing import Final, Literal, assert_never

from ragchat.answering.events import (
    Citation,
    Cited,
    Done,
    Error,
    Event,
    Finish,
    Source,
    Sources,
    Start,
    Step,
    Token,
    Usage,
)
from ragchat.faces.openai.annotations import Json, extra, url_citation
from ragchat.faces.openai.errors import stream_error

_REASON: Final[dict[Finish, Literal["stop", "length", "content_filter"]]] = {
    "answered": "stop",
    "refused": "stop",
    "stopped": "stop",
    "blocked": "content_filter",
    "incomplete": "length",
}
DONE: Final = "data: [DONE]\n\n"


@dataclass(frozen=True, slots=True)
class Completion:
    """What every object of one completion repeats; `created` is in seconds since 1970, `base` our own address."""

    id: str
    created: int
    model: str
    base: str

    def whole(self, start: Start, done: Done, sources: tuple[Source, ...]) -> Json:
        """The answer in one piece."""
        message = {
            "role": "assistant",
            "content": done.response,
            "refusal": None,
            "annotations": [self._annotation(citation) for citation in done.citations],
        }
        choice = {
            "index": 0,
            "message": message,
            "logprobs": None,
            "finish_reason": _REASON[done.finish],
        }
        head = self._head("chat.completion")
        return {
            **head,
            "choices": [choice],
            "usage": usage(done.usage),
            "ragchat": extra(start, done, sources),
        }

    async def frames(self, events: AsyncIterator[Event | None], *, with_usage: bool) -> AsyncIterator[str]:
        """The answer as it comes, as server-sent events; None is a sign of life. An error is the last frame."""
        start: Start | None = None
        sources: tuple[Source, ...] = ()
        async for event in events:
            match event:
                case None:
                    yield ": ping\n\n"
                case Start():
                    start = event
                    yield self._chunk({"role": "assistant", "content": ""}, with_usage)
                case Sources():
                    sources += event.sources
                case Step():
                    pass
                case Token():
                    yield self._chunk({"content": event.token}, with_usage)
                case Cited():
                    told: Json = {"citation": asdict(event.citation)}
                    yield self._chunk(
                        {"annotations": [self._annotation(event.citation)]}, with_usage, told=told
                    )
                case Done():
                    told = extra(start, event, sources) if start else {}
                    yield self._chunk({}, with_usage, _REASON[event.finish], told)
                    if with_usage:
                        yield _frame(
                            self._head("chat.completion.chunk") | {"choices": [], "usage": usage(event.usage)}
                        )
                    yield DONE
                case Error():
                    yield _frame(stream_error(event))
                case _:
                    assert_never(event)

    def _annotation(self, citation: Citation) -> Json:
        return {"type": "url_citation", "url_citation": url_citation(citation, self.base)}

    def _head(self, kind: str) -> Json:
        return {"id": self.id, "object": kind, "created": self.created, "model": self.model}

    def _chunk(
        self, delta: Json, with_usage: bool, finish: str | None = None, told: Json | None = None
    ) -> str:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        body = self._head("chat.completion.chunk") | {"choices": [choice]}
        if with_usage:
            body["usage"] = None
        if told:
            body["ragchat"] = told
        return _frame(body)


def usage(counted: Usage) -> Json:
    """Tokens as OpenAI calls them."""
    return {
        "prompt_tokens": counted.input_tokens,
        "completion_tokens": counted.output_tokens,
        "total_tokens": counted.total_tokens,
    }


def _frame(body: Json) -> str:
    return f"data: {json.dumps(body, ensure_ascii=False)}\n\n"
