"""The Responses API: one object, or its events, each annotation right after the sentence that it belongs to."""

import json
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, field
from typing import assert_never

from ragchat.answering.events import (
    Citation,
    Cited,
    Done,
    Error,
    Event,
    Source,
    Sources,
    Start,
    Step,
    Token,
    Usage,
)
from ragchat.faces.openai.annotations import Json, extra, url_citation

_INCOMPLETE = {"blocked": "content_filter", "incomplete": "max_output_tokens", "stopped": "max_output_tokens"}


@dataclass(frozen=True, slots=True)
class Response:
    """What the response repeats of its request; `echoed` are the fields that it gives back as they came."""

    id: str
    created: int
    model: str
    base: str
    echoed: Json = field(default_factory=dict)

    def whole(self, start: Start, done: Done, sources: tuple[Source, ...]) -> Json:
        """The answer in one piece."""
        reason = _INCOMPLETE.get(done.finish)
        return {
            **self._head("incomplete" if reason else "completed"),
            "incomplete_details": {"reason": reason} if reason else None,
            "output": [self._item(done.response, done.citations, "incomplete" if reason else "completed")],
            "usage": usage(done.usage),
            "ragchat": extra(start, done, sources),
        }

    def failed(self, error: Error) -> Json:
        """What is left of a response that failed after it had begun."""
        return {**self._head("failed"), "error": {"code": "server_error", "message": error.message}}

    def begun(self) -> Json:
        """As the first events show it."""
        return self._head("in_progress")

    def annotation(self, citation: Citation) -> Json:
        """One citation, with the whole of it in a field that clients ignore."""
        return {"type": "url_citation", **url_citation(citation, self.base), "ragchat": asdict(citation)}

    @property
    def item_id(self) -> str:
        return self.id.replace("resp_", "msg_", 1)

    def _item(self, text: str, citations: tuple[Citation, ...], status: str) -> Json:
        return {
            "id": self.item_id,
            "type": "message",
            "role": "assistant",
            "status": status,
            "content": [self.part(text, citations)],
        }

    def part(self, text: str = "", citations: tuple[Citation, ...] = ()) -> Json:
        """The one part of the one message."""
        annotations = [self.annotation(citation) for citation in citations]
        return {"type": "output_text", "text": text, "annotations": annotations, "logprobs": []}

    def item(self) -> Json:
        """The message before anything was said."""
        return {**self._item("", (), "in_progress"), "content": []}

    def _head(self, status: str) -> Json:
        return {
            "id": self.id,
            "object": "response",
            "created_at": self.created,
            "status": status,
            "background": False,
            "error": None,
            "incomplete_details": None,
            "model": self.model,
            "output": [],
            "parallel_tool_calls": False,
            "tool_choice": "none",
            "tools": [],
            "text": {"format": {"type": "text"}},
            "truncation": "disabled",
            "usage": None,
            **self.echoed,
        }


class ResponseFrames:
    """The events of one response, numbered, as server-sent events."""

    def __init__(self, response: Response) -> None:
        self._response = response
        self._start: Start | None = None
        self._sources: tuple[Source, ...] = ()
        self._annotations = 0
        self._number = 0

    async def of(self, events: AsyncIterator[Event | None]) -> AsyncIterator[str]:
        """What each event becomes; None is a sign of life."""
        async for event in events:
            if event is None:
                yield ": ping\n\n"
            else:
                for kind, body in self._parts(event):
                    yield self._frame(kind, body)

    def _parts(self, event: Event) -> list[tuple[str, Json]]:
        response = self._response
        match event:
            case Start():
                self._start = event
                return self._beginning()
            case Sources():
                self._sources += event.sources
                return []
            case Step():
                return []
            case Token():
                return [("output_text.delta", self._placed(delta=event.token, logprobs=[]))]
            case Cited():
                index, self._annotations = self._annotations, self._annotations + 1
                annotation = response.annotation(event.citation)
                placed = self._placed(annotation_index=index, annotation=annotation)
                return [("output_text.annotation.added", placed)]
            case Done():
                return self._ending(event)
            case Error():
                return [("failed", {"response": response.failed(event)})]
            case _:
                assert_never(event)

    def _beginning(self) -> list[tuple[str, Json]]:
        response = self._response
        return [
            ("created", {"response": response.begun()}),
            ("in_progress", {"response": response.begun()}),
            ("output_item.added", {"output_index": 0, "item": response.item()}),
            ("content_part.added", self._placed(part=response.part())),
        ]

    def _ending(self, done: Done) -> list[tuple[str, Json]]:
        response = self._response
        start = self._start or Start("", "", response.model, 0)
        whole = response.whole(start, done, self._sources)
        output = whole["output"]
        item = output[0] if isinstance(output, list) else {}
        kind = "incomplete" if whole["status"] == "incomplete" else "completed"
        return [
            ("output_text.done", self._placed(text=done.response, logprobs=[])),
            ("content_part.done", self._placed(part=response.part(done.response, done.citations))),
            ("output_item.done", {"output_index": 0, "item": item}),
            (kind, {"response": whole}),
        ]

    def _placed(self, **more: object) -> Json:
        return {"item_id": self._response.item_id, "output_index": 0, "content_index": 0, **more}

    def _frame(self, kind: str, body: Json) -> str:
        name = f"response.{kind}"
        data = {"type": name, "sequence_number": self._number, **body}
        self._number += 1
        return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


def usage(counted: Usage) -> Json:
    """Tokens as the Responses API calls them."""
    return {
        "input_tokens": counted.input_tokens,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": counted.output_tokens,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": counted.total_tokens,
    }
