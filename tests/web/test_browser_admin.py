"""The admin page in a real browser: what is shown, changed, asked for with a key, and read without eyes or mouse."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from browsing import watched_page
from playwright.sync_api import Browser, Page, expect

from ingest.options import IngestOptions
from ingest.run import ingest
from ragchat.access import SCOPES
from ragchat.access.store import KeyStore
from ragchat.corpus.local.store import LocalStore
from ragchat.models.loading import load_embedder
from ragchat.runtime.checks import calibration
from ragchat.runtime.runtime import Runtime
from ragchat.settings import Settings
from tests.support.node import installed
from tests.support.serving import OFFICE, PAGE, ROUTER, Serve

pytestmark = pytest.mark.browser

SECTIONS = ("documents", "sources", "generations", "gaps", "feedback", "usage")
HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "router.md").write_text(ROUTER, encoding="utf-8")
    (folder / "office.md").write_text(OFFICE, encoding="utf-8")
    (folder / "shop.html").write_text(PAGE, encoding="utf-8")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing of a PDF follows")
    (folder / "hostile.md").write_text(f"# `{HOSTILE}`\n\nNothing happens here.", encoding="utf-8")
    options = IngestOptions(checks=(calibration(),))
    home = LocalStore(tmp_path / "indexes" / "default")
    ingest([folder], home, load_embedder("local:minilm", threads=1), options)
    return folder


def settings(folder: Path, **more: object) -> Settings:
    return Settings(_env_file=None, index_dir=folder.parent / "indexes", **more)  # type: ignore[arg-type]


@pytest.fixture
def base(folder: Path, serve: Serve) -> Iterator[str]:
    with serve(Runtime(settings(folder))) as address:
        yield address


def say_something(base: str) -> None:
    """An answer that was liked, a hostile one that was not, and a refusal."""
    with httpx.Client(base_url=base, timeout=60) as api:
        for question, rating in (("How do I reset the router?", "up"), (f"{HOSTILE} world cup?", "down")):
            said = api.post("/v1/chat", json={"message": question}).json()
            rated = {"rating": rating, "comment": HOSTILE}
            assert api.post(f"/v1/messages/{said['message_id']}/feedback", json=rated).status_code == 204
        assert api.post("/v1/chat", json={"message": "Who painted the Mona Lisa?"}).json()["refusal"]


def test_documents_are_found_by_words_and_state_and_lead_to_the_viewer(page: Page, base: str) -> None:
    page.goto(f"{base}/admin")
    expect(page.get_by_role("heading", level=2)).to_have_text("Documents")
    expect(page.locator("tbody tr")).to_have_count(5)
    expect(page.get_by_text("4 documents · 1 file could not be read")).to_be_visible()
    expect(page.locator("tr", has_text="broken.pdf").locator(".badge")).to_have_text("Failed")
    page.get_by_label("State").select_option("failed")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_label("State").select_option("")
    page.get_by_label("Title, path or address").fill("router")
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name="Router manual").click()
    expect(page.locator(".flow")).to_contain_text("Hold the power button")


def test_a_source_is_read_again_and_an_older_generation_answers_again(
    page: Page, base: str, folder: Path
) -> None:
    page.goto(f"{base}/admin#sources")
    (folder / "boiler.md").write_text("The boiler room is behind the stairs.", encoding="utf-8")
    page.get_by_role("button", name=f"Read again: {folder}").click()
    expect(page.locator(".run")).to_contain_text("Done: 1 added", timeout=30_000)
    page.get_by_role("link", name="Documents").click()
    expect(page.locator("tr", has_text="boiler.md")).to_be_visible()
    page.get_by_role("link", name="Generations").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    page.get_by_role("button", name="Go back to this: 1").click()
    asked = page.get_by_role("dialog")
    expect(asked.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(asked).to_be_hidden()
    expect(page.locator("tr", has_text="answers now").locator("th, td").first).to_have_text("2")
    page.get_by_role("button", name="Go back to this: 1").click()
    asked.get_by_role("button", name="Go back to this").click()
    expect(page.locator("tr", has_text="answers now").locator("th, td").first).to_have_text("1")
    assert httpx.get(f"{base}/v1/documents").json()["total"] == 4


def test_a_run_that_is_stopped_publishes_nothing(page: Page, base: str, folder: Path) -> None:
    for number in range(300):
        words = " ".join(f"Box {number * 50 + line} stands in aisle {line}." for line in range(50))
        (folder / f"box{number:03}.md").write_text(words, encoding="utf-8")
    page.goto(f"{base}/admin#sources")
    page.get_by_role("button", name=f"Read again: {folder}").click()
    expect(page.locator(".run")).to_contain_text(re.compile(r"[1-9]\d* of 301 files read"), timeout=30_000)
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.locator(".run")).to_contain_text("nothing was published")
    with LocalStore(folder.parent / "indexes" / "default").run(wait=True):
        assert httpx.get(f"{base}/v1/documents").json()["total"] == 4


def test_what_was_asked_and_said_of_it_is_shown_as_text_whatever_it_is(page: Page, base: str) -> None:
    say_something(base)
    page.goto(f"{base}/admin#gaps")
    expect(page.locator("tbody tr")).to_have_count(2)
    expect(page.locator("tbody")).to_contain_text(f"{HOSTILE} world cup?")
    page.get_by_role("link", name="Feedback").click()
    expect(page.locator(".rating")).to_have_count(2)
    expect(page.locator("blockquote").first).to_have_text(HOSTILE)
    page.get_by_label("Rating").select_option("up")
    expect(page.locator(".rating")).to_have_count(1)
    page.get_by_role("link", name="Open the conversation").click()
    expect(page.locator(".mine")).to_have_text("How do I reset the router?")


def test_use_is_drawn_told_in_words_and_listed_in_a_table(page: Page, base: str) -> None:
    say_something(base)
    page.goto(f"{base}/admin#usage")
    drawn = page.get_by_role("img", name=re.compile("Questions by day and outcome: 3 in all"))
    expect(drawn).to_be_visible()
    assert drawn.locator("rect").count() == 2
    page.get_by_text("As a table").click()
    row = page.locator("details tbody tr").first
    expect(row.locator("td").first).to_have_text("3")
    page.get_by_label("Period").select_option("7")
    expect(page.locator("details tbody tr")).to_have_count(7)


def test_a_key_is_asked_for_and_stays_out_of_the_address(
    browser: Browser, folder: Path, serve: Serve
) -> None:
    chosen = settings(folder, api_keys="required")
    store = KeyStore(chosen.keys_url)
    visitor = store.create(name="visitor", scopes=frozenset({"chat"}))[1]
    admin = store.create(name="boss", scopes=frozenset(SCOPES))[1]
    with serve(Runtime(chosen)) as base, watched_page(browser) as page:
        asked: list[str] = []
        page.on("request", lambda one: asked.append(one.url))
        page.goto(f"{base}/admin")
        expect(page.get_by_text("asks for a key with the scope admin")).to_be_visible()
        page.get_by_role("textbox", name="Key").fill(visitor)
        page.keyboard.press("Enter")
        expect(page.get_by_text("does not have the scope admin")).to_be_visible()
        page.get_by_role("textbox", name="Key").fill(admin)
        page.keyboard.press("Enter")
        expect(page.locator("tbody tr")).to_have_count(5)
        assert not [url for url in asked if "rck_" in url]
        kept = "() => [document.cookie, JSON.stringify(localStorage)].join()"
        assert "rck_" not in page.evaluate(kept)
        page.get_by_role("button", name="Forget the key").click()
        expect(page.get_by_text("asks for a key with the scope admin")).to_be_visible()


def test_the_page_is_gone_through_by_keyboard(page: Page, base: str) -> None:
    page.goto(f"{base}/admin")
    expect(page.locator("tbody tr")).to_have_count(5)
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.shadowRoot.activeElement.hash") == "#generations":
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=2)).to_be_focused()
    expect(page.get_by_role("heading", level=2)).to_have_text("Generations")


@pytest.mark.parametrize(
    "look", [{}, {"color_scheme": "dark"}, {"viewport": {"width": 320, "height": 640}, "locale": "ar"}]
)
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    browser: Browser, base: str, look: dict[str, object]
) -> None:
    axe = (installed() / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")
    say_something(base)
    with watched_page(browser, **look) as page:
        for section in SECTIONS:
            page.goto("about:blank")
            page.goto(f"{base}/admin#{section}")
            expect(page.locator(".fetched")).not_to_have_attribute("aria-busy", "true")
            expect(page.locator(".fetched > *").first).to_be_visible()
            page.evaluate(axe)
            found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
            assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == []
            assert page.evaluate(
                "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
            )
        assert page.evaluate("document.documentElement.lang") == ("ar" if look.get("locale") else "en")


def test_a_service_that_does_not_answer_is_told_and_tried_again(page: Page, base: str) -> None:
    page.goto(f"{base}/admin")
    expect(page.locator("tbody tr")).to_have_count(5)
    page.context.set_offline(True)
    page.get_by_role("link", name="Generations").click()
    expect(page.get_by_role("alert")).to_contain_text("The service does not answer")
    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("tbody tr")).to_have_count(1)


def test_files_are_added_with_their_outcome_and_deleted_after_asking(page: Page, base: str) -> None:
    page.goto(f"{base}/admin#sources")
    page.locator("input[type=file]").set_input_files(
        [
            {
                "name": "pond.md",
                "mimeType": "text/markdown",
                "buffer": b"# Pond\n\nThe pond is two feet deep.",
            },
            {"name": "bad.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 nothing follows"},
        ]
    )
    outcome = page.locator(".told tbody tr")
    expect(outcome.filter(has_text="pond.md").locator(".badge")).to_have_text("added", timeout=30_000)
    expect(outcome.filter(has_text="bad.pdf").locator(".badge")).to_have_text("failed")
    page.get_by_role("link", name="Documents").click()
    page.get_by_role("button", name="Delete: Pond").click()
    expect(page.get_by_role("dialog")).to_contain_text("Delete “Pond”?")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("tr", has_text="pond.md")).to_be_visible()
    page.get_by_role("button", name="Delete: Pond").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.locator(".toast")).to_have_text("1 document was deleted.")
    expect(page.locator("tr", has_text="pond.md")).to_have_count(0)
    assert (
        httpx.get(f"{base}/v1/search", params={"q": "How deep is the pond?"}).json()["passages"][0]["title"]
        != "Pond"
    )
