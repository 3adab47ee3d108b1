"""Failures in OpenAI's shape, for the routes that speak its language."""

from typing import Final

from ragchat.answering.events import Error
from ragchat.faces.openai.annotations import Json

PATHS: Final = ("/v1/chat/completions", "/v1/responses", "/v1/models")
_TYPES: Final = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}


def speaks_openai(path: str) -> bool:
    """Whether a client of OpenAI's API calls this address."""
    return any(path == one or path.startswith(f"{one}/") for one in PATHS)


def error_status(status: int) -> int:
    """OpenAI has no 422: what is wrong with a request is 400."""
    return 400 if status == 422 else status


def error_body(status: int, code: str, message: str, param: str | None = None) -> Json:
    """`code` stays ours, but for what its clients look out for."""
    kind = "server_error" if status >= 500 else _TYPES.get(status, "invalid_request_error")
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def stream_error(event: Error) -> Json:
    """A failure in the middle of a stream."""
    return error_body(502, event.code, event.message)
