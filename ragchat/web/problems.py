"""Errors on the wire: RFC 9457 problem documents with a stable `code` and the request's id.

This is the one place that maps the error tree to HTTP. A problem never holds what the client sent (errors that name it
are put in other words here), a stack or a path of this machine; what we did not foresee is logged by the middleware
and answered without details.
"""

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from math import ceil
from typing import Any

from fastapi import FastAPI, Request, WebSocket
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from ragchat.answering.events import Error
from ragchat.errors import (
    Busy,
    DocumentFailed,
    Forbidden,
    IndexDamaged,
    NotFound,
    NotReady,
    PublishRefused,
    RagchatError,
    StorageFailed,
    TooMany,
    Unauthorized,
    UpstreamFailed,
    UsageError,
)
from ragchat.faces.openai.errors import error_body, error_status, speaks_openai
from ragchat.web.guards.middleware import REQUEST_ID
from ragchat.web.requests import field_names

MEDIA_TYPE = "application/problem+json"

_STATUS: Mapping[type[RagchatError], int] = {
    UsageError: 400,
    Unauthorized: 401,
    Forbidden: 403,
    TooMany: 429,
    Busy: 503,
    NotFound: 404,
    PublishRefused: 409,
    DocumentFailed: 422,
    UpstreamFailed: 502,
    NotReady: 503,
    IndexDamaged: 503,
    StorageFailed: 503,
}
_STATUS_OF_CODE: Mapping[str, int] = {
    "origin_not_allowed": 403,
    "conversation_exists": 409,
    "conversation_busy": 409,
    "idempotency_key_reused": 422,
    "internal": 500,
    "no_end": 500,
    "timeout": 504,
}
_SAID_OF_CODE: Mapping[str, tuple[str, str]] = {
    "no_such_collection": (
        "There is no such collection.",
        "Run `ragchat ingest --collection NAME PATH`, or ask another one.",
    ),
    "conversation_not_found": (
        "There is no such conversation.",
        "It may have been deleted; leave conversation_id out to start a new one.",
    ),
    "message_not_found": ("There is no such answer.", ""),
    "conversation_exists": (
        "There is a conversation with this id already.",
        "Leave the id out to get a new one.",
    ),
    "model_not_served": ("This model is not served here.", "Leave the model out to get the server's."),
    "model_not_found": ("There is no such model.", "`GET /v1/models` lists them: each collection is one."),
    "no_such_document": (
        "There is no such document in this collection.",
        "`GET /v1/documents` lists what there is.",
    ),
    "no_such_job": (
        "There is no such job.",
        "It ended a while ago, or never was; `GET /v1/documents` lists what there is.",
    ),
    "conversations_damaged": (
        "What was stored here is damaged.",
        "`ragchat verify` names it: restore the conversation database from a backup, or delete the conversation.",
    ),
    "conversations_unavailable": (
        "Conversations cannot be read or stored right now.",
        "Check that the disk has room and can be written, or let RAGCHAT_DATABASE_URL name another database.",
    ),
}
"""Detail and hint where the error's own words name what the client sent, or a path of this machine."""
_SAID_OF_ROUTE: Mapping[tuple[int, str], tuple[str, str]] = {
    (404, "Not Found"): ("There is no such route.", "`/docs` lists the routes."),
    (405, "Method Not Allowed"): ("This route does not take this method.", "`/docs` lists the routes."),
}
"""Detail and hint where no route fits, which the framework says in one word."""
_SAID_OF_TYPE: Mapping[str, str] = {
    "model_attributes_type": "Input should be an object",
    "model_type": "Input should be an object",
    "dict_type": "Input should be an object",
    "list_type": "Input should be a list",
    "finite_number": "Input should be a finite number",
    "json_invalid": "The body should be JSON",
    "extra_forbidden": "There is no such field",
}
"""pydantic's words that speak of Python."""
_HARMLESS_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_HTTP_CODES: Mapping[int, str] = {
    400: "bad_request",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    413: "too_large",
    415: "unsupported_media_type",
    421: "misdirected_request",
}


class FieldProblem(BaseModel):
    """One thing that is wrong with the request: where, and what was expected."""

    field: str
    code: str
    message: str


class Problem(BaseModel):
    """RFC 9457 problem details. `code` is stable; `hint` is the next step; `errors` name the fields of a 422."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    hint: str | None = None
    errors: list[FieldProblem] | None = None


class ProblemResponse(JSONResponse):
    media_type = MEDIA_TYPE


def problem(
    request: Request,
    status: int,
    code: str,
    detail: str,
    *,
    hint: str = "",
    errors: list[FieldProblem] | None = None,
    headers: Mapping[str, str] | None = None,
) -> ProblemResponse:
    """A problem document as a response; in OpenAI's shape on the routes that speak its language.

    Its code is left in the request's state, for the line of the log.
    """
    request.scope.setdefault("state", {})["problem"] = code
    if speaks_openai(request.scope["path"]):
        named = errors[0].field.removeprefix("body.") if errors else None
        status = error_status(status)
        return ProblemResponse(
            error_body(status, code, f"{detail} {hint}".strip(), named),
            status_code=status,
            headers=dict(headers or {}),
            media_type="application/json",
        )
    body = Problem(
        type=f"urn:ragchat:problem:{code}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        code=code,
        request_id=request.scope.get(REQUEST_ID, ""),
        hint=hint or None,
        errors=errors,
    )
    return ProblemResponse(
        body.model_dump(exclude_none=True), status_code=status, headers=dict(headers or {})
    )


def status_of(error: RagchatError) -> int:
    """The HTTP status of an expected failure: by its code where one is special, else by its nearest class."""
    if error.code in _STATUS_OF_CODE:
        return _STATUS_OF_CODE[error.code]
    return next((_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS), 500)


def error_of(event: Error) -> RagchatError:
    """The exception for an `error` event, for faces that have not sent a byte yet."""
    if _STATUS_OF_CODE.get(event.code) == 500:
        return RagchatError(event.message, code=event.code)
    return UpstreamFailed(event.message, code=event.code, retryable=event.retryable)


def problem_of(request: Request, error: RagchatError) -> ProblemResponse:
    """An expected failure as a response, with the headers that go with its status."""
    status = status_of(error)
    detail, hint = said(error)
    return problem(request, status, error.code, detail, hint=hint, headers=_headers_of(error, status))


def _headers_of(error: RagchatError, status: int) -> dict[str, str]:
    if isinstance(error, TooMany):
        return {"Retry-After": str(max(1, ceil(error.retry_after)))}
    if status == 401:
        return {"WWW-Authenticate": 'Bearer realm="ragchat"'}
    return {"Retry-After": "5"} if status == 503 or error.code == "conversation_busy" else {}


def install(app: FastAPI) -> None:
    """Answer every failure of `app` with a problem document."""

    @app.exception_handler(RagchatError)
    async def expected(request: Request, error: RagchatError) -> ProblemResponse | None:
        if isinstance(request, WebSocket):  # before it is accepted; afterwards its route answers itself
            await request.close(1008, error.code)
            return None
        return problem_of(request, error)

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> ProblemResponse:
        code = _HTTP_CODES.get(error.status_code, "http_error")
        detail, hint = _SAID_OF_ROUTE.get((error.status_code, error.detail), (error.detail, ""))
        return problem(request, error.status_code, code, detail, hint=hint, headers=error.headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> ProblemResponse:
        fields = field_problems(error.errors())
        detail = "; ".join(f"{field.field}: {field.message}" for field in fields[:3])
        return problem(request, 422, "invalid_request", detail, errors=fields)


def said(error: RagchatError) -> tuple[str, str]:
    """Detail and hint. What is not there was named by the client: never in the error's own words."""
    if error.code not in _SAID_OF_CODE and isinstance(error, NotFound):
        return "What was asked for is not there.", ""
    return _SAID_OF_CODE.get(error.code, (error.message, error.hint))


def field_problems(errors: Sequence[Mapping[str, Any]]) -> list[FieldProblem]:
    """pydantic's errors by field, without the input, its context, or names that the client or pydantic made up.

    A field that may have several types has an error for each of them: they become one, in "… or …".
    """
    by_field: dict[str, list[Mapping[str, Any]]] = {}
    for error in errors:
        by_field.setdefault(_unknown(error) or _place(error["loc"]), []).append(error)
    return [
        FieldProblem(field=field, code=str(found[0]["type"]), message=_words(found))
        for field, found in list(by_field.items())[:20]
    ]


def _words(errors: Sequence[Mapping[str, Any]]) -> str:
    said = list(dict.fromkeys(_SAID_OF_TYPE.get(error["type"], str(error["msg"])) for error in errors))
    return " or ".join([said[0], *(words[:1].lower() + words[1:] for words in said[1:])])


def _unknown(error: Mapping[str, Any]) -> str:
    """The place of a field that does not exist; what the client called it, only where that is a plain name."""
    if error["type"] != "extra_forbidden":
        return ""
    *above, name = error["loc"]
    return f"{_place(above)}.{name if _HARMLESS_NAME.fullmatch(str(name)) else '?'}"


def _place(location: Sequence[str | int]) -> str:
    """`body.preferences.topics.0`: pydantic's names for the members of a union are left out."""
    known = list(location)
    if "metadata" in known:  # below it the names are the client's
        known = known[: known.index("metadata") + 1]
    names = field_names()
    return ".".join(
        str(part) for depth, part in enumerate(known) if depth < 2 or isinstance(part, int) or part in names
    )


_MEANING = {
    400: "The request cannot be carried out as given.",
    401: "No key was sent, or one that is not good.",
    403: "The key does not reach this far.",
    429: "A limit is reached; Retry-After tells when to come again.",
    404: "What is named does not exist.",
    409: "It exists already, or is busy.",
    413: "The body is too large.",
    422: "A field is missing or wrong.",
    502: "A model's service failed.",
    503: "Nothing to serve from yet, as many answers as may be are being made, or the disk refuses.",
}


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI `responses` for these statuses."""
    return {
        status: {
            "description": _MEANING[status],
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in statuses
    }
