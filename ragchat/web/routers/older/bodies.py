"""What clients of agent services send: the message may lie inside `messages` or `input`, the thread inside `config`."""

from collections.abc import Mapping
from typing import Final

from pydantic import model_validator

from ragchat.web.requests import ChatBody

_NAMES: Final = ("message", "query", "question", "prompt", "input", "messages")


class GraphBody(ChatBody):
    """A question as `ChatBody` has it, or in the words of LangGraph's clients."""

    @model_validator(mode="before")
    @classmethod
    def as_we_call_it(cls, given: object) -> object:
        """The last words of the person become `message`, `config.configurable.thread_id` becomes `thread_id`.

        Whatever is none of that is left as it is, for the fields to say what is wrong with it.
        """
        if not isinstance(given, Mapping):
            return given
        body = dict(given)
        named = next((name for name in _NAMES if name in body), None)
        if named is not None and (words := _words(body[named])) is not None:
            del body[named]
            body["message"] = words
        thread = _inside(_inside(body.get("config"), "configurable"), "thread_id")
        if thread is not None and "thread_id" not in body:
            del body["config"]
            body["thread_id"] = thread
        return body


def _words(value: object) -> object:
    """What was said last: of a text the text, of messages the content of the last one. None where there is nothing."""
    match value:
        case str():
            return value
        case {"messages": inner} | [*_, {"content": inner}] | [*_, [_, inner]]:
            return _words(inner)
        case [*_, str(last)] | [*_, {"text": str(last)}]:
            return last
        case _:
            return None


def _inside(value: object, name: str) -> object:
    return value.get(name) if isinstance(value, Mapping) else None
