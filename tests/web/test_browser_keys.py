"""The service's own pages on a server that asks for keys: a key can be entered, and nothing is offered beyond it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from browsing import ask, ended, watched_page
from playwright.sync_api import Browser, Page, expect

from ragchat.access import SCOPES, Scope
from ragchat.access.store import KeyStore
from ragchat.runtime.runtime import Runtime
from ragchat.settings import Settings
from tests.support.serving import served

pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class Guarded:
    base: str
    visitor: str
    editor: str
    admin: str
    metrics: str


@pytest.fixture(scope="module")
def guarded(base: str, files: Path) -> Iterator[Guarded]:
    """A second server over the index of `base`, with a key of each kind."""
    settings = Settings(_env_file=None, index_dir=files.parent / "indexes", api_keys="required")
    store = KeyStore(settings.keys_url)

    def key(name: str, *scopes: Scope) -> str:
        return store.create(name=name, scopes=frozenset(scopes))[1]

    keys = {
        "visitor": key("visitor", "chat"),
        "editor": key("editor", "chat", "ingest"),
        "admin": key("boss", *SCOPES),
        "metrics": key("watcher", "metrics"),
    }
    with served(Runtime(settings)) as address:
        yield Guarded(address, **keys)


def enter(page: Page, key: str) -> None:
    page.get_by_role("textbox", name="Key").fill(key)
    page.keyboard.press("Enter")


def test_who_follows_a_link_to_a_citation_can_enter_a_key(browser: Browser, guarded: Guarded) -> None:
    shown = {"Authorization": f"Bearer {guarded.visitor}"}
    documents = httpx.get(f"{guarded.base}/v1/documents", headers=shown).json()["documents"]
    router = next(document for document in documents if document["key"] == "router.md")
    with watched_page(browser) as page:
        page.goto(f"{guarded.base}/documents/{router['id']}#start=2&end=8")
        expect(page.get_by_text("This service asks for a key.")).to_be_visible()
        expect(page.get_by_role("textbox", name="Key")).to_be_focused()
        enter(page, "rck_made_up")
        expect(page.get_by_role("alert")).to_contain_text("key")
        expect(page.get_by_role("textbox", name="Key")).to_have_value("")
        enter(page, guarded.metrics)
        expect(page.get_by_role("alert")).to_contain_text("does not have the scope 'chat'")
        enter(page, guarded.visitor)
        expect(page.locator("mark")).to_be_visible()
        expect(page.get_by_role("textbox", name="Key")).to_have_count(0)
        page.reload()
        expect(page.locator("mark")).to_be_visible()
        with page.expect_download() as file:
            page.get_by_text("Original file").click()
        assert file.value.path().stat().st_size > 0
        assert guarded.visitor not in page.url


def test_a_question_without_a_key_is_refused_in_the_words_of_people(
    browser: Browser, guarded: Guarded
) -> None:
    with watched_page(browser) as page:
        page.goto(guarded.base)
        box = page.get_by_role("textbox", name="Key")
        expect(box).to_be_visible()
        assert box.evaluate("(box) => box.getBoundingClientRect().width") > 120
        refused = ended(ask(page, "How do I reset the router?"))
        expect(refused).to_contain_text("asks for a key")
        expect(refused).not_to_contain_text("X-API-Key")


@pytest.mark.parametrize(
    ("who", "upload", "administration"),
    [("visitor", False, False), ("editor", True, False), ("admin", True, True)],
)
def test_only_what_the_key_may_do_is_offered(
    browser: Browser, guarded: Guarded, who: str, upload: bool, administration: bool
) -> None:
    with watched_page(browser) as page:
        page.goto(guarded.base)
        expect(page.get_by_text("This service asks for a key.")).to_be_visible()
        expect(page.get_by_text("Add documents")).to_be_hidden()
        enter(page, getattr(guarded, who))
        expect(page.locator(".prompts button").first).to_be_visible()
        page.wait_for_load_state("networkidle")
        expect(page.get_by_role("textbox", name="Key")).to_have_count(0)
        expect(page.get_by_text("Add documents")).to_be_visible(visible=upload)
        expect(page.locator("a.admin")).to_be_visible(visible=administration)
        answer = ended(ask(page, "How do I reset the router?"))
        expect(answer.locator(".card").first).to_be_visible()


def test_a_key_that_does_not_reach_the_chat_is_asked_for_anew(browser: Browser, guarded: Guarded) -> None:
    with watched_page(browser) as page:
        page.goto(guarded.base)
        enter(page, guarded.metrics)
        expect(page.get_by_role("alert").filter(has_text="does not have the scope 'chat'")).to_be_visible()
        enter(page, guarded.visitor)
        expect(page.locator(".prompts button").first).to_be_visible()


@pytest.mark.parametrize(
    ("who", "scopes"),
    [("visitor", ["chat"]), ("editor", ["chat", "ingest"]), ("admin", sorted(SCOPES))],
)
def test_a_key_is_told_what_it_may_do(guarded: Guarded, who: str, scopes: list[str]) -> None:
    shown = {"Authorization": f"Bearer {getattr(guarded, who)}"}
    assert httpx.get(f"{guarded.base}/v1/me", headers=shown).json() == {"user_id": None, "scopes": scopes}
