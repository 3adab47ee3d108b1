"""What these routes say when they fail, for the schema (the shape itself is in ragchat.faces.openai.errors)."""

from typing import Any

_SHAPE = {
    "type": "object",
    "properties": {
        "error": {
            "type": "object",
            "properties": {
                "message": {"type": "string"},
                "type": {"type": "string"},
                "param": {"type": ["string", "null"]},
                "code": {"type": "string"},
            },
        }
    },
}
_MEANING = {
    400: "The request cannot be carried out as given.",
    404: "There is no such model.",
    413: "The body is too large.",
    502: "A model's service failed.",
    503: "Nothing to serve from yet, or the disk refuses.",
}


def openai_errors() -> dict[int | str, dict[str, Any]]:
    """OpenAPI `responses` of a route that speaks OpenAI's language."""
    return {
        status: {"description": meaning, "content": {"application/json": {"schema": _SHAPE}}}
        for status, meaning in _MEANING.items()
    }
