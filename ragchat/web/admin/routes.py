"""`/v1/admin/…`: documents with their state, generations, reading again, feedback, usage."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from ragchat.conversations import Rating
from ragchat.corpus.values import GenerationInfo
from ragchat.errors import Forbidden
from ragchat.runtime.administration.listing import State
from ragchat.runtime.administration.summary import summarize
from ragchat.web.admin.replies import (
    AdministeredDocumentsReply,
    Behind,
    CollectionsReply,
    FeedbackReply,
    GenerationsReply,
    IngestBody,
    RollbackBody,
    SourcesReply,
    UseReply,
    administered,
)
from ragchat.web.admin.watching import MEDIA_TYPE, watched
from ragchat.web.dependencies import PrincipalOf, ServiceOf
from ragchat.web.problems import documented
from ragchat.web.requests import Collection, Text

router = APIRouter(prefix="/admin", tags=["admin"])

InCollection = Annotated[Collection | None, Query(description="The server's own where none is named.")]


@router.get("/collections")
async def collections(service: ServiceOf, principal: PrincipalOf) -> CollectionsReply:
    """The collections that there are, with their current generation and what was ingested into them."""
    if principal.tags is not None:
        raise Forbidden("The key sees only some of the documents.", code="only_some_documents")
    found = await run_sync(summarize, service.settings)
    return CollectionsReply(collections=[one for one in found if principal.reads(one.collection)])


@router.get("/documents", responses=documented(404, 422, 503))
async def documents(
    service: ServiceOf,
    collection: InCollection = None,
    q: Annotated[Text, Query(description="Words in the title, the path or the address, in any case.")] = "",
    state: Annotated[State | None, Query()] = None,
    after: Annotated[Text, Query()] = "",
    after_id: Annotated[Text, Query()] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> AdministeredDocumentsReply:
    """The documents with their state, and the files that could not be read, by path."""

    def work() -> AdministeredDocumentsReply:
        page = service.administration(collection).documents(
            words=q.strip(), state=state, after=after, after_id=after_id, limit=limit
        )
        rows = [administered(one) for one in page.listed]
        return AdministeredDocumentsReply(
            documents=rows,
            next=Behind(after=rows[-1].key, after_id=rows[-1].id or "") if page.more else None,
            generation=page.generation,
            total=page.documents,
            failed=page.failed,
        )

    return await run_sync(work)


@router.get("/generations", responses=documented(404, 422, 503))
async def generations(service: ServiceOf, collection: InCollection = None) -> GenerationsReply:
    """The generations that can answer."""
    found = await run_sync(lambda: service.administration(collection).generations())
    return GenerationsReply(generations=found, kept=service.settings.keep_generations)


@router.post("/rollback", responses=documented(404, 409, 422, 503))
async def rollback(body: RollbackBody, service: ServiceOf) -> GenerationInfo:
    """Let an older generation answer again, at once; the next run builds on it."""
    return await run_sync(lambda: service.administration(body.collection).rollback(body.generation))


@router.get("/sources", responses=documented(404, 422, 503))
async def sources(service: ServiceOf, collection: InCollection = None) -> SourcesReply:
    """What was brought in by runs that kept how they were asked for."""
    found = await run_sync(lambda: service.administration(collection).sources())
    return SourcesReply(sources=list(found))


@router.post(
    "/ingest",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "Lines of JSON: progress, then the report or an error. Who leaves ends the run.",
            "content": {
                MEDIA_TYPE: {
                    "example": '{"type": "progress", "stage": "embed", "files": 12, "read": 5, "documents": 4, '
                    '"chunks": 80, "asked": 0, "questions": 0}\n{"type": "done", "report": {}}\n'
                }
            },
        },
        **documented(404, 409, 422, 503),
    },
)
async def ingest(body: IngestBody, service: ServiceOf) -> StreamingResponse:
    """Read a source again as it was asked for last; only what was brought in before can be named."""
    administration = await run_sync(lambda: service.administration(body.collection))
    lines = await watched(
        lambda watcher: administration.read_again(
            body.path, watcher, rehash=body.rehash, allow_deletes=body.allow_deletes
        )
    )
    return StreamingResponse(
        lines, media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )


@router.get("/feedback", responses=documented(400, 422, 503))
async def feedback(
    service: ServiceOf,
    rating: Annotated[Rating | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[Text | None, Query()] = None,
) -> FeedbackReply:
    """Answers that readers rated, with their question and comment."""
    page = await service.conversations.rated(rating=rating, limit=limit, cursor=cursor)
    return FeedbackReply(feedback=list(page.rated), next_cursor=page.next_cursor)


@router.get("/usage", responses=documented(422, 503))
async def usage(service: ServiceOf, days: Annotated[int, Query(ge=1, le=366)] = 30) -> UseReply:
    """What was asked on each of the last days, today included, and how it ended."""
    today = datetime.now(UTC).date()
    found = await service.conversations.usage(first=today - timedelta(days=days - 1), last=today)
    return UseReply(days=list(found))
