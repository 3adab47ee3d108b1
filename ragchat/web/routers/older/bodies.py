"""What clients of agent services send: the message may lie inside `messages` or `input`, the thread inside `config`."""

from pydantic import model_validator

from ragchat.web.bodies.shapes import graph_shape
from ragchat.web.requests import ChatBody


class GraphBody(ChatBody):
    """A question as `ChatBody` has it, or in the words of LangGraph's clients."""

    @model_validator(mode="before")
    @classmethod
    def as_we_call_it(cls, given: object) -> object:
        return graph_shape(given)
