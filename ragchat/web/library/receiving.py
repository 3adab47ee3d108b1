"""The files of an upload, from the wire to the disk: a form with files, or one file as the body.

Written as they come, beside the folder that they go to, so that taking one in is a renaming.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from anyio import open_file
from anyio.to_thread import run_sync
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import UploadFile

from ragchat.errors import StorageFailed, UsageError

MOST_FILES: Final = 50
_FIELDS: Final = frozenset({"file", "files", "file[]", "files[]", "document", "documents"})
_PIECE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Received:
    """A file that came: what the client called it, and where it lies now."""

    name: str
    path: Path
    bytes: int


async def received(request: Request, incoming: Path, name: str | None) -> list[Received]:
    """The files of the request. UsageError where there are none; StorageFailed; what the body limit raises."""
    try:
        await run_sync(lambda: incoming.mkdir(parents=True, exist_ok=True))
        if request.headers.get("content-type", "").startswith("multipart/form-data"):
            files = await _form(request, incoming)
        else:
            files = [await _body(request, incoming, name)]
    except OSError as error:
        raise StorageFailed(f"The upload could not be stored: {error.strerror}.") from error
    if not files:
        raise UsageError(
            "There is no file in the request.", hint="Send it as the form field `file`.", code="no_file"
        )
    return files


async def _form(request: Request, incoming: Path) -> list[Received]:
    files: list[Received] = []
    async with request.form(max_files=MOST_FILES, max_fields=10) as form:
        for field, value in form.multi_items():
            if field not in _FIELDS or not isinstance(value, UploadFile):
                raise RequestValidationError([{"type": "extra_forbidden", "loc": ("body", field), "msg": ""}])
            target = incoming / uuid.uuid4().hex
            size = 0
            async with await open_file(target, "wb") as file:
                while piece := await value.read(_PIECE):
                    size += await file.write(piece)
            files.append(Received(value.filename or "", target, size))
    return files


async def _body(request: Request, incoming: Path, name: str | None) -> Received:
    target = incoming / uuid.uuid4().hex
    size = 0
    async with await open_file(target, "wb") as file:
        async for piece in request.stream():
            size += await file.write(piece)
    if not size:
        target.unlink()
        raise UsageError("There is no file in the request.", hint="Send it as the body.", code="no_file")
    return Received(name or named_by(request.headers), target, size)


def named_by(headers: Mapping[str, str]) -> str:
    """The file name that Content-Disposition or X-Filename gives (RFC 6266, percent-encoded); "" where none does."""
    if given := headers.get("x-filename"):
        return unquote(given)
    message = Message()
    message["Content-Disposition"] = headers.get("content-disposition", "")
    return message.get_filename() or ""
