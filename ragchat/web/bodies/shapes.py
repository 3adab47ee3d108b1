"""What others call a question: messages of LangGraph's clients, messages of the AI SDK's `useChat`.

Only what has such a shape is changed; whatever is none of it is left for the fields to say what is wrong with it.
"""

from collections.abc import Mapping, Sequence
from typing import Final

_NAMES: Final = ("message", "query", "question", "prompt", "input", "messages")


def graph_shape(given: object) -> object:
    """The last words of the person become `message`, `config.configurable.thread_id` becomes `thread_id`."""
    if not isinstance(given, Mapping):
        return given
    body = dict(given)
    named = next((name for name in _NAMES if name in body), None)
    if named is not None and (words := last_words(body[named])) is not None:
        del body[named]
        body["message"] = words
    thread = _inside(_inside(body.get("config"), "configurable"), "thread_id")
    if thread is not None and "thread_id" not in body:
        del body["config"]
        body["thread_id"] = thread
    return body


def ui_shape(given: object) -> object:
    """`{id, messages, trigger, messageId}` as `useChat` posts it: the chat is the conversation, its last message asks.

    Earlier messages are known from the conversation.
    """
    if not isinstance(given, Mapping) or "message" in given or not {"id", "messages"} <= given.keys():
        return given
    words = last_words(given["messages"])
    if words is None:
        return given
    body = {name: value for name, value in given.items() if name not in _OF_THE_SDK}
    return {"conversation_id": given["id"], **body, "message": words}


_OF_THE_SDK: Final = frozenset({"id", "messages", "trigger", "messageId"})


def last_words(value: object) -> str | None:
    """What was said last: of a text the text, of messages that of the last one. None where there is nothing."""
    match value:
        case str():
            return value
        case {"messages": inner} | [*_, {"content": inner}] | [*_, {"parts": inner}] | [*_, [_, inner]]:
            return last_words(inner)
        case [str(), *_] | [{"text": str()}, *_]:
            return "\n".join(_texts(value))
        case _:
            return None


def _texts(parts: Sequence[object]) -> list[str]:
    texts = [part if isinstance(part, str) else _inside(part, "text") for part in parts]
    return [text for text in texts if isinstance(text, str)]


def _inside(value: object, name: str) -> object:
    return value.get(name) if isinstance(value, Mapping) else None
