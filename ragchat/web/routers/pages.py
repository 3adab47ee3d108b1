"""The chat page, the document view and the API's own description: static files from the package, nothing remote."""

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse

router = APIRouter(include_in_schema=False)

STATIC = Path(__file__).resolve().parent.parent / "static"

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Nothing remote can be loaded and nothing inline run, whatever an answer contains."""


def _page(name: str) -> FileResponse:
    headers = {"Content-Security-Policy": CONTENT_SECURITY_POLICY, "Cache-Control": "no-cache"}
    return FileResponse(STATIC / name, media_type="text/html; charset=utf-8", headers=headers)


@router.head("/")
@router.get("/")
async def chat_page() -> FileResponse:
    """The chat page."""
    return _page("index.html")


@router.head("/documents/{document_id}")
@router.get("/documents/{document_id}")
async def document_page(document_id: str) -> FileResponse:
    """The chat page, opened at a document: `/documents/{id}?start=…&end=…&collection=…`."""
    return _page("index.html")


@router.head("/docs")
@router.get("/docs")
async def api_page() -> FileResponse:
    """The API's description, drawn from /openapi.json without a remote script."""
    return _page("docs.html")
