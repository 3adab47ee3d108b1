"""The source viewer's pages: `/v1/documents/{id}/pages/{n}.png`, a page of a PDF with the words of a quote marked.

Drawn from the file as it was ingested, so only where that is still there, unchanged and allowed to be shown. The words
are those of a span of the canonical text (`start`, `end`) or given (`quote`).
"""

import subprocess
import sys
from typing import Annotated, Final

import anyio
from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Query, Response

from ragchat.corpus.values import Place, StoredDocument
from ragchat.errors import NotFound
from ragchat.web.dependencies import ServiceOf
from ragchat.web.library.originals import original_of
from ragchat.web.paging.draw import NO_PAGE
from ragchat.web.problems import documented
from ragchat.web.requests import Collection, Text
from ragchat.web.requests import DocumentId as Id
from ragchat.web.service import Service

router = APIRouter(prefix="/documents", tags=["documents"], responses=documented(404, 422, 503))

SECONDS: Final = 20
AT_ONCE: Final = anyio.CapacityLimiter(2)
"""Pages drawn at the same time: drawing takes a core."""
LONGEST: Final = 20_000
"""Characters that are marked; a page holds fewer."""

Offset = Annotated[int, Query(ge=0, le=2**31 - 1)]


@router.get("/{document_id}/pages/{page}.png", response_class=Response)
async def sheet(
    document_id: Annotated[Id, Path()],
    page: Annotated[int, Path(ge=1, le=100_000)],
    service: ServiceOf,
    collection: Annotated[Collection | None, Query()] = None,
    width: Annotated[int, Query(ge=100, le=2400)] = 1200,
    start: Offset = 0,
    end: Offset = 0,
    quote: Annotated[Text, Query()] = "",
) -> Response:
    """A page of a PDF as an image, `[start, end)` of the document's text (or `quote`) marked where it stands on it."""

    def work() -> tuple[StoredDocument, str]:
        return _found(service, document_id, collection, page, (start, end))

    stored, words = await run_sync(work)
    path = await run_sync(original_of, stored) if stored.media_type == "application/pdf" else None
    if path is None:
        raise NotFound("There are no pages to show of this document.", code="no_pages")
    command = [sys.executable, "-m", "ragchat.web.paging.draw", str(path), str(page), str(width)]
    image = await run_sync(_drawn, command, words or quote, limiter=AT_ONCE)
    return Response(image, media_type="image/png", headers={"Cache-Control": "no-store"})


def _found(
    service: Service, document_id: str, collection: str | None, page: int, span: tuple[int, int]
) -> tuple[StoredDocument, str]:
    """The document, and the part of the span that stands on the page."""
    with service.snapshot(collection) as generation:
        stored = generation.document(document_id)
        pages = generation.structures([document_id])[document_id].pages
        if page > len(pages):
            raise NotFound("The document has no such page.", code="no_pages")
        begin = max(span[0], pages[page - 1])
        stop = min(span[1], pages[page] if page < len(pages) else stored.length, begin + LONGEST)
        return stored, generation.read([Place(document_id, begin, stop)])[0] if stop > begin else ""


def _drawn(command: list[str], words: str) -> bytes:
    """What the child process draws. NotFound when it cannot: a damaged page is no fault of the caller."""
    try:
        done = subprocess.run(
            command, input=words.encode("utf-8", "replace"), capture_output=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired as late:
        raise NotFound("The page takes too long to draw.", code="no_pages") from late
    if done.returncode:
        why = "The document has no such page." if done.returncode == NO_PAGE else "The page cannot be drawn."
        raise NotFound(why, code="no_pages")
    return done.stdout
