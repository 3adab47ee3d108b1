"""The UI message stream of Vercel's AI SDK (version 1 of the protocol), as `useChat` and `readUIMessageStream` read it.

Words are one text part; a citation is a `source-url` part with the whole of it beside as `data-citation`; what the
model may see is `data-sources`; steps are shown and not kept (`data-step`, transient).
"""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict
from typing import Final, TypeAlias, assert_never

from ragchat.answering.events import Cited, Done, Error, Event, Finish, Sources, Start, Step, Token
from ragchat.faces.openai.annotations import absolute

HEADERS: Final = {"x-vercel-ai-ui-message-stream": "v1"}
END: Final = "data: [DONE]\n\n"
Chunk: TypeAlias = dict[str, object]
_TEXT: Final = "answer"
_REASON: Final[dict[Finish, str]] = {
    "answered": "stop",
    "refused": "stop",
    "blocked": "content-filter",
    "stopped": "other",
    "incomplete": "length",
}


async def frames(events: AsyncIterator[Event | None], base: str) -> AsyncIterator[str]:
    """Each event as server-sent events; None is a sign of life; `base` is our address, without a slash at its end."""
    speaking = False
    cited = 0
    async for event in events:
        if event is None:
            yield ": ping\n\n"
            continue
        if isinstance(event, Token) and not speaking:
            speaking = True
            yield _frame({"type": "text-start", "id": _TEXT})
        if isinstance(event, Done | Error) and speaking:
            yield _frame({"type": "text-end", "id": _TEXT})
        cited += isinstance(event, Cited)
        for chunk in _chunks(event, base, cited):
            yield _frame(chunk)
        if isinstance(event, Done | Error):
            yield END


def _chunks(event: Event, base: str, cited: int) -> Iterator[Chunk]:
    match event:
        case Start():
            known = {"conversation_id": event.conversation_id, "model": event.model}
            yield {"type": "start", "messageId": event.message_id, "messageMetadata": known}
            yield {"type": "start-step"}
        case Step():
            shown = {"name": event.name, "state": event.state, "detail": event.detail}
            yield {"type": "data-step", "data": shown, "transient": True}
        case Sources():
            yield {"type": "data-sources", "data": [asdict(source) for source in event.sources]}
        case Token():
            yield {"type": "text-delta", "id": _TEXT, "delta": event.token}
        case Cited():
            citation = event.citation
            title = citation.document.title or citation.document.uri
            url = absolute(citation.url, base)
            yield {"type": "source-url", "sourceId": f"citation-{cited}", "url": url, "title": title}
            yield {"type": "data-citation", "id": f"citation-{cited}", "data": asdict(citation)}
        case Done():
            yield {"type": "finish-step"}
            yield {"type": "finish", "finishReason": _REASON[event.finish], "messageMetadata": _ending(event)}
        case Error():
            yield {"type": "error", "errorText": event.message}
        case _:
            assert_never(event)


def _ending(done: Done) -> Chunk:
    return {
        "conversation_id": done.conversation_id,
        "finish": done.finish,
        "grounded": done.grounded,
        "refusal": asdict(done.refusal) if done.refusal else None,
        "usage": asdict(done.usage),
    }


def _frame(chunk: Chunk) -> str:
    return f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n"
