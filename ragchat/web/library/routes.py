"""Bringing documents in and taking them out over HTTP: POST and DELETE /v1/documents, /v1/jobs."""

import uuid
from datetime import UTC, datetime
from typing import Annotated, Any, cast

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, StringConstraints
from starlette.exceptions import HTTPException
from starlette.status import HTTP_202_ACCEPTED

from ragchat.access import Principal
from ragchat.errors import NotFound, StorageFailed, UsageError
from ragchat.web.dependencies import PrincipalOf, ServiceOf, own_page
from ragchat.web.library.dropping import Drop, safe_name, taken_in
from ragchat.web.library.jobs import Jobs
from ragchat.web.library.receiving import Received, received
from ragchat.web.library.records import Failure, Job, State, UploadedFile
from ragchat.web.library.removing import Removed, removed
from ragchat.web.problems import documented
from ragchat.web.requests import Collection, DocumentId, Identifier, Text

router = APIRouter(tags=["documents"])

MOST_WAITING = 200
Tag = Annotated[str, StringConstraints(pattern=r"^[^\s,\x00-\x1f]{1,100}$")]
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "file": {"type": "array", "items": {"type": "string", "format": "binary"}}
                    },
                    "required": ["file"],
                }
            },
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


class JobReply(BaseModel):
    """An upload: `state` is "done" when every file has its end, also where that is "failed" or "skipped" with a
    reason; "failed" when nothing could be brought in."""

    id: str
    state: State
    collection: str
    created: datetime
    finished: datetime | None
    generation: int | None
    files: tuple[UploadedFile, ...]
    failure: Failure | None


async def _jobs(request: Request) -> Jobs:
    return cast(Jobs, request.app.state.jobs)


JobsOf = Annotated[Jobs, Depends(_jobs)]


@router.post(
    "/documents",
    status_code=HTTP_202_ACCEPTED,
    responses=documented(400, 404, 413, 422, 503),
    openapi_extra=_BODY,
    dependencies=[Depends(own_page)],
)
async def upload(
    request: Request,
    response: Response,
    service: ServiceOf,
    principal: PrincipalOf,
    jobs: JobsOf,
    collection: Annotated[Collection | None, Query()] = None,
    name: Annotated[Text | None, Query(description="The file's name, where it is the body.")] = None,
    acl: Annotated[list[Tag], Query(max_length=20, description="Tags of those who may see it.")] = [],  # noqa: B006
) -> JobReply:
    """Bring files in: at once stored, soon searched; `GET /v1/jobs/{id}` tells how each of them ended.

    A file of the same name is replaced; the same bytes under another name are a duplicate, and not kept.
    """
    if not service.settings.upload_limit:
        raise HTTPException(403, "Uploads are turned off here (RAGCHAT_UPLOAD_LIMIT).")
    wanted = service.named(collection)
    if await run_sync(jobs.waiting, wanted) >= MOST_WAITING:
        raise StorageFailed(
            "Too many uploads wait.", hint="Send more when some have ended.", code="uploads_waiting"
        )
    drop, tags = jobs.drop(wanted), _tags(acl, principal)
    files = await received(request, drop.incoming, name)
    kept = await run_sync(_kept, drop, tags, files)
    job = Job(id=uuid.uuid4().hex, collection=wanted, tenant=principal.tenant, acl=tags, files=kept)
    await jobs.submit(job)
    response.headers["Location"] = f"/v1/jobs/{job.id}"
    return _reply(job)


@router.get("/jobs/{job_id}", responses=documented(404, 422))
async def job(job_id: Annotated[Identifier, Path()], jobs: JobsOf, principal: PrincipalOf) -> JobReply:
    """How far an upload has got, and how each of its files ended."""
    found = await jobs.get(job_id)
    if found.tenant != principal.tenant and not principal.may("admin"):
        raise NotFound("There is no such job.", code="no_such_job")
    return _reply(found)


@router.delete("/documents/{document_id}", responses=documented(400, 404, 409, 422, 503))
async def delete(
    document_id: Annotated[DocumentId, Path()],
    service: ServiceOf,
    jobs: JobsOf,
    collection: Annotated[Collection | None, Query()] = None,
    whole_file: Annotated[bool, Query(description="With all that lies in the same uploaded file.")] = False,
    purge: Annotated[bool, Query(description="Take its bytes from the storage at once.")] = False,
) -> Removed:
    """Remove a document, and what lies inside its file, from every search and answer.

    One that was ingested from a folder comes back with its next ingest, unless it is deleted there too.
    """
    drop = jobs.drop(service.named(collection))
    return await run_sync(lambda: removed(service, drop, document_id, whole_file=whole_file, purge=purge))


def _tags(given: list[str], principal: Principal) -> tuple[str, ...]:
    """Who may see the files. Who is held to tags can give only those, and gives all of them where none are named."""
    if principal.tags is not None and not set(given) <= principal.tags:
        raise UsageError("You can give only tags that you have.", code="foreign_tag")
    return tuple(sorted(set(given) or principal.tags or ()))


def _kept(drop: Drop, tags: tuple[str, ...], files: list[Received]) -> tuple[UploadedFile, ...]:
    """The files in their folder. Those that cannot be called anything are refused with all that came along."""
    try:
        names = [safe_name(file.name) for file in files]
        kept: list[UploadedFile] = []
        for name, file in zip(names, files, strict=True):
            same = taken_in(file.path, drop.root(tags), name)
            kept.append(
                UploadedFile(name, file.bytes, "duplicate", f"the same as {same}")
                if same
                else UploadedFile(name, file.bytes)
            )
        return tuple(kept)
    finally:
        for file in files:
            file.path.unlink(missing_ok=True)


def _reply(job: Job) -> JobReply:
    return JobReply(
        id=job.id,
        state=job.state,
        collection=job.collection,
        created=datetime.fromtimestamp(job.created, UTC),
        finished=None if job.finished is None else datetime.fromtimestamp(job.finished, UTC),
        generation=job.generation,
        files=job.files,
        failure=job.failure,
    )
