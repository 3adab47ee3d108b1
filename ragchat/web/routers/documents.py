"""The documents that answers come from: their list, their text, and the files they were read from."""

from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import FileResponse, PlainTextResponse

from ragchat.corpus.values import Place, StoredDocument
from ragchat.web.dependencies import ServiceOf
from ragchat.web.library.originals import original_of
from ragchat.web.problems import documented
from ragchat.web.requests import Collection, Text
from ragchat.web.requests import DocumentId as Id
from ragchat.web.responses import BlockReply, BlocksReply, DocumentReply, DocumentsReply, TextReply
from ragchat.web.service import Service

router = APIRouter(prefix="/documents", tags=["documents"], responses=documented(404, 422, 503))

DocumentId = Annotated[Id, Path()]
InCollection = Annotated[Collection | None, Query()]
Offset = Annotated[int, Query(ge=0, le=2**31 - 1)]

_SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""A document is somebody else's page: in our origin it may neither run scripts nor fetch anything."""
_SHOWN = {
    "application/pdf": "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'",
    "text/html": _SANDBOX,
}
"""Media types that browsers show by themselves, with the policy they get; other text is shown as plain text."""


@router.get("")
async def list_documents(
    service: ServiceOf,
    collection: InCollection = None,
    after: Annotated[Text, Query()] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> DocumentsReply:
    """The documents of a collection, by key, above the key `after`."""

    def work() -> DocumentsReply:
        with service.snapshot(collection) as generation:
            found = generation.documents(after=after, limit=limit + 1)
            return DocumentsReply(
                documents=[_reply(document) for document in found[:limit]],
                next_after=found[limit - 1].key if len(found) > limit else None,
                generation=generation.number,
                total=generation.document_count,
            )

    return await run_sync(work)


@router.get("/{document_id}")
async def document(
    document_id: DocumentId, service: ServiceOf, collection: InCollection = None
) -> DocumentReply:
    """One document, without its text."""
    return _reply(await _document(service, document_id, collection))


@router.get("/{document_id}/text")
async def text(
    document_id: DocumentId,
    service: ServiceOf,
    collection: InCollection = None,
    start: Offset = 0,
    end: Offset | None = None,
) -> TextReply:
    """The canonical text, or `[start, end)` of it: the characters that every citation's span counts."""

    def work() -> TextReply:
        with service.snapshot(collection) as generation:
            whole = generation.read_document(document_id)
            stop = min(len(whole.text), len(whole.text) if end is None else end)
            begin = min(start, stop)
            return TextReply(
                document_id=document_id,
                title=whole.title,
                uri=whole.uri,
                media_type=whole.media_type,
                version=whole.content_hash,
                start=begin,
                end=stop,
                length=len(whole.text),
                text=whole.text[begin:stop],
                pages=whole.pages,
            )

    return await run_sync(work)


@router.get("/{document_id}/blocks")
async def blocks(
    document_id: DocumentId,
    service: ServiceOf,
    collection: InCollection = None,
    start: Offset = 0,
    end: Offset | None = None,
) -> BlocksReply:
    """What its text is built of, in text order: all blocks, or those that share a character with `[start, end)`."""

    def work() -> BlocksReply:
        with service.snapshot(collection) as generation:
            stored = generation.document(document_id)
            built = generation.structures([document_id])[document_id].blocks
            stop = stored.length if end is None else end
            return BlocksReply(
                document_id=document_id,
                version=stored.version,
                language=stored.language,
                blocks=[
                    BlockReply(
                        index=index,
                        kind=block.kind,
                        start=block.span.start,
                        end=block.span.end,
                        parent=block.parent if block.parent >= 0 else None,
                        lead=(block.lead.start, block.lead.end) if block.lead else None,
                    )
                    for index, block in enumerate(built)
                    if block.span.start < stop and block.span.end > start
                ],
            )

    return await run_sync(work)


@router.get("/{document_id}/file", response_class=Response)
async def file(document_id: DocumentId, service: ServiceOf, collection: InCollection = None) -> Response:
    """The file as it was ingested; the canonical text where there is no such file, or it has changed since."""
    stored = await _document(service, document_id, collection)
    original = await run_sync(original_of, stored)
    if original is None:
        return PlainTextResponse(await run_sync(_canonical, service, document_id, collection))
    shown = _SHOWN.get(stored.media_type)
    media_type = "text/plain; charset=utf-8" if shown is None and _is_text(stored) else stored.media_type
    return FileResponse(
        original,
        media_type=media_type,
        filename=original.name,
        content_disposition_type="inline" if shown or _is_text(stored) else "attachment",
        headers={"Content-Security-Policy": shown or _SANDBOX},
    )


def _is_text(stored: StoredDocument) -> bool:
    return stored.media_type.startswith("text/")


async def _document(service: Service, document_id: str, collection: str | None) -> StoredDocument:
    def work() -> StoredDocument:
        with service.snapshot(collection) as generation:
            return generation.document(document_id)

    return await run_sync(work)


def _canonical(service: Service, document_id: str, collection: str | None) -> str:
    with service.snapshot(collection) as generation:
        stored = generation.document(document_id)
        return generation.read([Place(document_id, 0, stored.length)])[0]


def _reply(stored: StoredDocument) -> DocumentReply:
    return DocumentReply(
        id=stored.id,
        key=stored.key,
        uri=stored.uri,
        title=stored.title,
        media_type=stored.media_type,
        version=stored.version,
        length=stored.length,
        chunk_count=stored.chunk_count,
        language=stored.language,
        metadata=dict(stored.metadata),
        added_generation=stored.added_generation,
    )
