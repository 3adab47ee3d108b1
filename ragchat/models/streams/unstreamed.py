"""Services that were asked to stream and answer in one piece, as some gateways do: read as a stream of one chunk.

OpenAI's client looks for events in whatever comes and finds none in a JSON object, so that a good answer looked like
none at all. The object is put into the form of the stream before the client reads it.
"""

import json
from typing import Any


def read_whole_answers(client: object) -> None:
    """Teaches an `AsyncOpenAI` client to take a `chat.completion` where it asked for `chat.completion.chunk`s."""
    hooks = getattr(getattr(client, "_client", None), "event_hooks", None)  # of httpx or httpx2
    if hooks is not None:
        hooks["response"].append(_as_stream)


async def _as_stream(response: Any) -> None:
    if response.status_code != 200 or not response.request.url.path.endswith("/chat/completions"):
        return
    kind = response.headers.get("content-type", "")
    if not (kind.startswith("application/json") and _streaming(response.request)):
        return
    try:
        whole = json.loads(await response.aread())
    except ValueError:
        return
    if isinstance(whole, dict) and isinstance(whole.get("choices"), list):
        response._content = "".join(f"data: {line}\n\n" for line in (*_chunks(whole), "[DONE]")).encode()


def _streaming(request: Any) -> bool:
    try:
        return bool(json.loads(request.content).get("stream"))
    except (ValueError, AttributeError, RuntimeError):
        return False


def _chunks(whole: dict[str, Any]) -> list[str]:
    """The answer as chunks: what it says, then what it used."""
    choices = [
        {
            "index": choice.get("index", 0),
            "delta": _delta(choice.get("message") or {}),
            "finish_reason": choice.get("finish_reason"),
        }
        for choice in whole["choices"]
        if isinstance(choice, dict)
    ]
    chunk = {**whole, "object": "chat.completion.chunk", "choices": choices, "usage": None}
    told = [{**chunk, "choices": [], "usage": whole["usage"]}] if whole.get("usage") else []
    return [json.dumps(one) for one in (chunk, *told)]


def _delta(message: dict[str, Any]) -> dict[str, Any]:
    """Calls of tools are numbered in a stream."""
    calls = [{"index": number, **call} for number, call in enumerate(message.get("tool_calls") or ())]
    return {**message, "tool_calls": calls} if calls else message
