"""What tests of pages in a browser share: how it is started, how a question is asked, what an answer looks like."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
QUIET = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking"]
QUIET += ["--disable-component-update", "--disable-sync"]
VIEW = {"width": 1100, "height": 800}


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's browser; skips where there is none."""
    if not CHROMIUM.exists():
        pytest.skip(f"no browser at {CHROMIUM} (apt install chromium)")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield opened
        opened.close()


@contextmanager
def watched_page(browser: Browser, **options: object) -> Iterator[Page]:
    """A page that fails its test on any script error, any broken policy, and any request to another host."""
    context = browser.new_context(**{"viewport": VIEW, "locale": "en-GB", **options})  # type: ignore[arg-type]
    opened = context.new_page()
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("dialog", lambda dialog: (wrong.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    opened.on(
        "console",
        lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None,
    )
    opened.on("request", lambda one: wrong.append(one.url) if _is_foreign(one.url) else None)
    yield opened
    context.close()
    assert wrong == []


def _is_foreign(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme not in ("blob", "data") and parts.hostname != "127.0.0.1"


def ask(page: Page, question: str) -> Locator:
    """Ask in the only chat of a page; the answer's element."""
    page.get_by_label("Your question").fill(question)
    page.keyboard.press("Enter")
    return page.locator(".turn").last


def ended(answer: Locator) -> Locator:
    """The answer, once it has come to its end."""
    expect(answer).to_have_attribute("aria-busy", "false", timeout=20_000)
    return answer
