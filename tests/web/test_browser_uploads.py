"""Documents brought by the chat page to a server that runs: what a reader is told, and what can be asked then."""

from pathlib import Path

import pytest
from browsing import ask, ended
from playwright.sync_api import Page, expect

from ragchat.runtime.runtime import Runtime
from ragchat.settings import Settings
from tests.support.serving import Serve

pytestmark = pytest.mark.browser

POND = b"# Pond\n\nThe pond is cleaned every second Friday by the gardener.\n"


def test_what_the_page_sends_is_answered_from(page: Page, tmp_path: Path, serve: Serve) -> None:
    with serve(Runtime(Settings(_env_file=None, index_dir=tmp_path, reranker="none"))) as base:
        page.goto(base)
        expect(page.get_by_text("Add documents")).to_be_visible()
        page.get_by_label("Add documents").set_input_files(
            [
                {"name": "pond.md", "mimeType": "text/markdown", "buffer": POND},
                {"name": "b.pdf", "mimeType": "application/pdf", "buffer": b"no PDF"},
            ]
        )
        uploads = page.locator(".uploads li")
        expect(uploads.first).to_have_text("pond.md: added", timeout=30_000)
        expect(uploads.last).to_contain_text("b.pdf: failed: ")
        expect(page.get_by_text("1 document")).to_be_visible()
        answer = ended(ask(page, "How often is the pond cleaned?"))
        expect(answer.locator(".words")).to_contain_text("every second Friday")
        answer.locator(".card").first.click()
        expect(page.get_by_role("dialog").locator("mark").first).to_contain_text("every second Friday")
