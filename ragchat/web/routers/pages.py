"""The chat page, the source viewer, the admin page, the widget's script and the API's description: static, not remote.

What they show is made in `widget/` and built into `static/` (docs/adr/0020).
"""

from pathlib import Path

from fastapi import APIRouter, HTTPException
from fastapi.responses import FileResponse

from ragchat.web.dependencies import ServiceOf

router = APIRouter(include_in_schema=False)

STATIC = Path(__file__).resolve().parent.parent / "static"
SAMPLE = "sample"
"""The collection that `ragchat demo` serves."""

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
    """The source viewer: `/documents/{id}#start=…&end=…&collection=…` (a query says the same)."""
    return _page("document.html")


@router.head("/admin")
@router.get("/admin")
async def admin_page() -> FileResponse:
    """The admin page. It holds nothing: what it shows it asks for, with the key that is typed into it."""
    return _page("admin.html")


@router.head("/widget.js")
@router.get("/widget.js")
async def widget_script() -> FileResponse:
    """The script that other sites embed. Asked for anew each time, so that a fix reaches them at once."""
    headers = {"Cache-Control": "no-cache", "Cross-Origin-Resource-Policy": "cross-origin"}
    return FileResponse(STATIC / "widget.js", media_type="text/javascript; charset=utf-8", headers=headers)


@router.head("/docs")
@router.get("/docs")
async def api_page() -> FileResponse:
    """The API's description, drawn from /openapi.json without a remote script."""
    return _page("docs.html")


@router.get("/demo")
async def demo_page(service: ServiceOf) -> FileResponse:
    """The shop that the sample corpus is about, with the widget in its corner: served where that corpus is."""
    if service.settings.collection != SAMPLE:
        raise HTTPException(404)
    return _page("demo.html")
