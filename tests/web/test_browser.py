"""The chat page in a real browser: what a reader sees, does with the keyboard, and is protected from."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from relay import relayed
from scripted_service import CITATION, FAILED, NO_INDEX, SOURCE, Gate, ScriptedService

from ingest.run import IngestOptions, ingest
from ragchat.answering.events import AnswerSpan, Cited, Done, Refusal, Sources, Token
from ragchat.corpus.local.store import LocalStore
from ragchat.models.loading import load_embedder
from ragchat.runtime.checks import calibration
from tests.support.serving import Serve

pytestmark = pytest.mark.browser

CHROMIUM = Path("/usr/bin/chromium")
QUIET = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking"]
QUIET += ["--disable-component-update", "--disable-sync"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"no browser at {CHROMIUM} (apt install chromium)")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that fails its test on any script error and on any request to another host."""
    context = browser.new_context(viewport={"width": 1100, "height": 800})
    opened = context.new_page()
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on(
        "request", lambda one: wrong.append(one.url) if urlsplit(one.url).hostname != "127.0.0.1" else None
    )
    yield opened
    context.close()
    assert wrong == []


def ask(page: Page, question: str) -> None:
    page.get_by_label("Your question").fill(question)
    page.keyboard.press("Enter")


def test_an_answer_shows_its_quotes_and_opens_the_document_at_them(page: Page, base: str) -> None:
    page.goto(base)
    expect(page.get_by_text("4 documents")).to_be_visible()
    ask(page, "How do I reset the router?")
    answer = page.locator(".turn").last
    expect(answer.locator(".words")).to_contain_text("Hold the power button for ten seconds")
    expect(answer.locator(".verified")).to_be_visible()
    expect(answer.locator(".card").first).to_contain_text("Router manual")
    expect(answer.locator(".card mark").first).to_contain_text("power button")

    answer.locator(".ref").first.click()
    reader = page.get_by_role("dialog")
    expect(reader).to_contain_text("Router manual")
    expect(reader.locator("mark")).to_contain_text("power button")
    expect(reader.locator("mark")).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(reader).to_be_hidden()


def test_offsets_stay_right_beyond_the_basic_plane(page: Page, base: str) -> None:
    page.goto(base)
    ask(page, "When does the office open?")
    mark = page.locator(".turn").last.locator(".card mark").first
    expect(mark).to_contain_text(
        "The office opens at seven in the morning and closes at eight in the evening."
    )
    page.locator(".ref").first.click()
    quoted = page.get_by_role("dialog").locator("mark")
    expect(quoted).to_have_text(
        re.compile("^The office opens at seven in the morning and closes at eight in the evening[.]")
    )


def test_a_conversation_is_there_after_a_reload_until_a_new_one_is_begun(page: Page, base: str) -> None:
    page.goto(base)
    ask(page, "How long is the warranty of the router?")
    expect(page.locator(".turn").last.locator(".after")).to_be_visible()
    page.reload()
    expect(page.locator(".mine")).to_have_text("How long is the warranty of the router?")
    expect(page.locator(".turn").last.locator(".words")).to_contain_text("36 months")
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".turn")).to_have_count(0)
    expect(page.get_by_role("list", name="Questions to try").get_by_role("button").first).to_be_visible()


def test_a_link_to_a_document_opens_it(page: Page, base: str) -> None:
    documents = httpx.get(f"{base}/v1/documents").json()["documents"]
    shop = next(document for document in documents if document["key"] == "shop.html")
    page.goto(f"{base}/documents/{shop['id']}?start=0&end=4")
    expect(page.get_by_role("dialog")).to_contain_text("spare fuses")
    expect(page.get_by_role("dialog").locator("mark")).to_be_visible()


def test_markup_in_answers_and_sources_stays_text(page: Page, tmp_path: Path, serve: Serve) -> None:
    evil = '<img src="http://evil.example/x.png" onerror="alert(1)"> ![p](http://evil.example/p.png) [l](http://evil.example)'
    source = replace(SOURCE, title=evil, text=evil, heading_path=(evil,))
    citation = replace(
        CITATION, answer_span=AnswerSpan(0, len(evil)), document=replace(CITATION.document, title=evil)
    )
    script = [Sources((source,)), Token(evil), Cited(citation), Done("answered", evil, (citation,), 1.0)]
    with serve(ScriptedService(tmp_path, script)) as base:
        page.goto(base)
        ask(page, "How?")
        answer = page.locator(".turn").last
        expect(answer.locator(".after")).to_be_visible()
        expect(answer.locator(".words")).to_contain_text('<img src="http://evil.example/x.png"')
        assert answer.locator("img, a, script").count() == 0


def test_escape_stops_the_answer_and_keeps_what_was_said(page: Page, tmp_path: Path, serve: Serve) -> None:
    gate = Gate()
    script = [Sources((SOURCE,)), Token("Hold the button"), gate, Token(" never said"), Done("answered", "…")]
    with serve(ScriptedService(tmp_path, script)) as base:
        page.goto(base)
        ask(page, "How?")
        answer = page.locator(".turn").last
        expect(answer).to_contain_text("Hold the button")
        expect(page.get_by_role("button", name="Stop answering")).to_be_visible()
        page.keyboard.press("Escape")
        expect(answer).to_contain_text("Stopped.")
        expect(answer.locator(".words")).to_have_text("Hold the button")
        expect(page.get_by_role("button", name="Send")).to_be_visible()


def test_an_unverified_quote_is_marked_as_such(page: Page, tmp_path: Path, serve: Serve) -> None:
    doubtful = replace(CITATION, verified=False)
    script = [
        Sources((SOURCE,)),
        Token(CITATION.quote),
        Cited(doubtful),
        Done("answered", CITATION.quote, (doubtful,), 0.0),
    ]
    with serve(ScriptedService(tmp_path, script)) as base:
        page.goto(base)
        ask(page, "How?")
        expect(page.locator(".doubted")).to_have_text("0 of 1 quotes verified")
        expect(page.locator(".cited.doubtful")).to_be_visible()
        expect(page.locator(".ref.doubtful")).to_have_text("1?")


def test_a_refusal_names_the_nearest_passages(page: Page, tmp_path: Path, serve: Serve) -> None:
    refusal = Refusal("no_match", "The documents do not say.", (SOURCE,))
    script = [Sources((SOURCE,)), Token(refusal.message), Done("refused", refusal.message, refusal=refusal)]
    with serve(ScriptedService(tmp_path, script)) as base:
        page.goto(base)
        ask(page, "How?")
        expect(page.locator(".refusal")).to_contain_text("The documents do not answer this")
        expect(page.locator(".card")).to_contain_text("Router manual")
        page.reload()
        expect(page.locator(".refusal")).to_contain_text("The documents do not say.")


def test_an_error_can_be_asked_again(page: Page, tmp_path: Path, serve: Serve) -> None:
    service = ScriptedService(tmp_path, [FAILED])
    with serve(service) as base:
        page.goto(base)
        ask(page, "How?")
        expect(page.get_by_role("alert")).to_contain_text("The model's service failed.")
        service.script = [Token("Now."), Done("answered", "Now.")]
        page.get_by_role("button", name="Ask again").click()
        expect(page.locator(".turn").last).to_contain_text("Now.")
        assert [question for question, _ in service.asked] == ["How?", "How?"]


def test_without_an_index_the_page_says_what_to_do(page: Page, tmp_path: Path, serve: Serve) -> None:
    service = ScriptedService(tmp_path)
    service.unready = NO_INDEX
    with serve(service) as base:
        page.goto(base)
        ask(page, "How?")
        expect(page.get_by_role("alert")).to_contain_text("ragchat ingest")


def test_a_dropped_connection_is_taken_up_without_asking_twice(
    page: Page, tmp_path: Path, serve: Serve
) -> None:
    gate = Gate()
    script = [Sources(()), Token("Hold it "), gate, Token("longer."), Done("answered", "Hold it longer.")]
    service = ScriptedService(tmp_path, script)
    with serve(service) as base, relayed(base) as relay:
        asked_for: list[str] = []
        page.on("request", lambda one: asked_for.append(urlsplit(one.url).path))
        page.goto(relay.address)
        ask(page, "How?")
        answer = page.locator(".turn").last
        expect(answer).to_contain_text("Hold it")
        relay.cut()
        expect(answer).to_contain_text("Hold it")
        gate.opened.set()
        expect(answer.locator(".words")).to_have_text("Hold it longer.")
        assert len(service.asked) == 1
        assert any(path.endswith("/events") for path in asked_for)


def test_shift_enter_starts_a_new_line_and_blank_is_not_sent(
    page: Page, tmp_path: Path, serve: Serve
) -> None:
    service = ScriptedService(tmp_path)
    with serve(service) as base:
        page.goto(base)
        box = page.get_by_label("Your question")
        box.press("Enter")
        box.press_sequentially("first")
        box.press("Shift+Enter")
        box.press_sequentially("second")
        box.press("Enter")
        expect(page.locator(".after")).to_be_visible()
        assert page.locator(".mine").text_content() == "first\nsecond"
        assert [question for question, _ in service.asked] == ["first\nsecond"]


def test_a_narrow_screen_needs_no_sideways_scrolling(browser: Browser, tmp_path: Path, serve: Serve) -> None:
    long = replace(SOURCE, uri="https://help.example/" + "tickets" * 20, title="Return" * 20)
    done = Done("answered", CITATION.quote, (CITATION,), 1.0)
    script = [Sources((long,)), Token(CITATION.quote), Cited(CITATION), done]
    context = browser.new_context(viewport={"width": 320, "height": 640}, color_scheme="dark")
    page = context.new_page()
    with serve(ScriptedService(tmp_path, script)) as base:
        page.goto(base)
        ask(page, "How?")
        expect(page.locator(".after")).to_be_visible()
        width = page.locator("html").evaluate("page => page.scrollWidth")
        card, column = page.locator(".card").bounding_box(), page.locator("#thread").bounding_box()
    context.close()
    assert width <= 320
    assert card is not None
    assert column is not None
    assert card["x"] + card["width"] <= column["x"] + column["width"] + 1


def test_the_page_asks_and_reads_in_the_collection_of_its_address(page: Page, base: str, files: Path) -> None:
    folder = files.parent / "gardens"
    folder.mkdir()
    (folder / "pond.md").write_text("# Pond\n\nThe pond is cleaned every second Friday.\n", encoding="utf-8")
    embedder = load_embedder("local:minilm", threads=1)
    home = LocalStore(files.parent / "indexes" / "gardens")
    ingest([folder], home, embedder, IngestOptions(checks=(calibration(),)))

    page.goto(f"{base}/?collection=gardens")
    ask(page, "How often is the pond cleaned?")
    page.locator(".ref").first.click()
    reader = page.get_by_role("dialog")
    expect(reader.locator("mark")).to_contain_text("every second Friday")
    expect(page.locator("#reader-file")).to_have_attribute("href", re.compile(r"\?collection=gardens"))

    (pond,) = httpx.get(f"{base}/v1/documents?collection=gardens").json()["documents"]
    page.goto(f"{base}/documents/{pond['id']}?start=0&end=6&collection=gardens")
    expect(page.get_by_role("dialog")).to_contain_text("every second Friday")


def test_a_reader_is_told_that_the_conversation_is_not_saved(
    page: Page, tmp_path: Path, serve: Serve
) -> None:
    (tmp_path / "blocked").write_text("a file where the directory should be", encoding="utf-8")
    url = f"sqlite+aiosqlite:///{tmp_path / 'blocked' / 'conversations.sqlite'}"
    with serve(ScriptedService(tmp_path, database_url=url)) as base:
        page.goto(base)
        ask(page, "How?")
        expect(page.locator(".turn").last.locator(".note")).to_have_text(
            "This conversation cannot be saved right now."
        )
        expect(page.locator(".turn").last.locator(".words")).to_contain_text("Hold the power button")


def test_the_page_of_the_api_tries_a_route(page: Page, base: str) -> None:
    page.goto(f"{base}/docs")
    route = page.locator("details.route", has=page.locator(".path", has_text=re.compile("^/v1/chat/stream$")))
    post = route.filter(has=page.locator(".verb", has_text="POST"))
    post.locator("summary").click()
    post.locator("textarea").fill(
        '{"message": "How long is the warranty of the router?", "stream_format": "text"}'
    )
    post.get_by_role("button", name="Send").click()
    expect(post.locator(".answer")).to_contain_text("36 months")
    expect(post.locator(".answer")).to_contain_text("200")

    search = page.locator("details.route", has=page.locator(".path", has_text=re.compile("^/v1/search$")))
    search.locator("summary").click()
    search.get_by_label("q", exact=True).fill("spare fuses")
    search.get_by_role("button", name="Send").click()
    expect(search.locator(".answer")).to_contain_text('"passages"')
