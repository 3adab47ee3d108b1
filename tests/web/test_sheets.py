"""Pages of PDF documents as images, with the words of a quote marked where they stand."""

import io
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from reportlab.lib.pagesizes import A5
from reportlab.pdfgen.canvas import Canvas

from ingest.run import IngestOptions, ingest
from ragchat.corpus.local.store import LocalStore
from ragchat.models.loading import load_embedder
from ragchat.runtime.checks import calibration
from ragchat.runtime.runtime import Runtime
from ragchat.settings import Settings
from ragchat.web.paging.draw import MARKER
from tests.support.serving import served

LINES = [
    [
        "The pump is cleaned once a week.",
        "Use lukewarm water and a soft brush, never a",
        "wire brush; the seal would be scrat-",
        "ched and leak.",
    ],
    ["The warranty of the pump is 24 months.", "It begins on the day of delivery."],
]


@pytest.fixture(scope="module")
def pump(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str], Path]]:
    """A server over a manual of two pages: its address, the document, the file."""
    home = tmp_path_factory.mktemp("pump")
    file = home / "docs" / "pump.pdf"
    file.parent.mkdir()
    canvas = Canvas(str(file), pagesize=A5)
    for lines in LINES:
        for row, line in enumerate(lines):
            canvas.drawString(50, 500 - 20 * row, line)
        canvas.showPage()
    canvas.save()
    settings = Settings(_env_file=None, index_dir=home / "indexes")
    store = LocalStore(settings.index_dir / settings.collection)
    ingest(
        [file.parent], store, load_embedder("local:minilm", threads=1), IngestOptions(checks=(calibration(),))
    )
    with served(Runtime(settings)) as base:
        (document,) = httpx.get(f"{base}/v1/documents").json()["documents"]
        yield base, document, file


def sheet(base: str, document: dict[str, str], page: int, **query: object) -> Image.Image:
    response = httpx.get(f"{base}/v1/documents/{document['id']}/pages/{page}.png", params=query, timeout=30)  # type: ignore[arg-type]
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "image/png"
    return Image.open(io.BytesIO(response.content)).convert("RGB")


def marked_rows(image: Image.Image) -> set[int]:
    """Which of the lines (20 points apart, the first at 500 of 595) are marked somewhere."""
    scale = image.width / A5[0]
    pixels = image.load()
    assert pixels is not None
    return {
        row
        for row in range(4)
        for x in range(0, image.width, 2)
        if pixels[x, round((A5[1] - 500 + 20 * row - 3) * scale)] == MARKER
    }


def span_of(base: str, document: dict[str, str], words: str) -> dict[str, int]:
    text = httpx.get(f"{base}/v1/documents/{document['id']}/text").json()["text"]
    return {"start": text.index(words), "end": text.index(words) + len(words)}


def test_the_words_of_a_span_are_marked_on_their_page_only(pump: tuple[str, dict[str, str], Path]) -> None:
    base, document, _ = pump
    span = span_of(base, document, "The warranty of the pump is 24 months.")
    assert marked_rows(sheet(base, document, 2, **span)) == {0}
    assert marked_rows(sheet(base, document, 1, **span)) == set()


def test_words_are_found_over_lines_and_hyphens(pump: tuple[str, dict[str, str], Path]) -> None:
    base, document, _ = pump
    quote = "never a wire brush; the seal would be scratched"
    assert marked_rows(sheet(base, document, 1, quote=quote)) == {1, 2, 3}
    assert marked_rows(sheet(base, document, 1, quote="words that stand nowhere")) == set()


def test_the_width_is_as_asked(pump: tuple[str, dict[str, str], Path]) -> None:
    base, document, _ = pump
    assert abs(sheet(base, document, 1, width=600).width - 600) <= 1


@pytest.mark.parametrize(
    ("path", "status"), [("pages/3.png", 404), ("pages/0.png", 422), ("pages/1.png?width=99999", 422)]
)
def test_what_is_not_there_is_said(pump: tuple[str, dict[str, str], Path], path: str, status: int) -> None:
    base, document, _ = pump
    response = httpx.get(f"{base}/v1/documents/{document['id']}/{path}")
    assert response.status_code == status
    assert response.json()["code"] in ("no_pages", "invalid_request")


def test_documents_without_pages_have_no_images(base: str) -> None:
    document = httpx.get(f"{base}/v1/documents").json()["documents"][0]
    response = httpx.get(f"{base}/v1/documents/{document['id']}/pages/1.png")
    assert (response.status_code, response.json()["code"]) == (404, "no_pages")


@pytest.mark.browser
def test_the_viewer_turns_pages_and_falls_back_to_the_text(
    page: Page, pump: tuple[str, dict[str, str], Path]
) -> None:
    base, document, file = pump
    span = span_of(base, document, "The warranty of the pump is 24 months.")
    address = f"{base}/documents/{document['id']}#start={span['start']}&end={span['end']}"
    page.goto(address)
    image = page.locator("canvas.sheet")
    expect(image).to_have_attribute("aria-label", "Page 2 of Pump")
    expect(page.get_by_role("button", name="Next page")).to_be_disabled()
    page.get_by_role("button", name="Previous page").click()
    expect(image).to_have_attribute("aria-label", "Page 1 of Pump")
    page.get_by_role("button", name="Text").click()
    expect(page.locator("mark")).to_have_text("The warranty of the pump is 24 months.")

    file.write_bytes(file.read_bytes() + b"%changed")
    page.reload()
    expect(page.locator("mark")).to_have_text("The warranty of the pump is 24 months.")
    expect(image).to_have_count(0)
