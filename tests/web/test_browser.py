"""The chat page in a real browser: what a reader sees, does with the keyboard, and finds again later."""

import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from browsing import ask, ended, watched_page
from playwright.sync_api import Browser, Page, expect
from relay import relayed
from scripted_service import CITATION, FAILED, NO_INDEX, QUOTE, SOURCE, Gate, ScriptedService

from ingest.run import IngestOptions, ingest
from ragchat.answering.events import AnswerSpan, Cited, Done, QuoteSpan, Refusal, Sources, Token
from ragchat.corpus.local.store import LocalStore
from ragchat.models.loading import load_embedder
from ragchat.runtime.checks import calibration
from ragchat.runtime.runtime import Runtime
from ragchat.settings import Settings
from tests.support.serving import ROUTER, Serve

pytestmark = pytest.mark.browser


def test_an_answer_shows_its_quotes_and_opens_the_document_at_them(page: Page, base: str) -> None:
    page.goto(base)
    expect(page.get_by_text("4 documents")).to_be_visible()
    answer = ended(ask(page, "How do I reset the router?"))
    expect(answer.locator(".words")).to_contain_text("Hold the power button for ten seconds")
    expect(answer.locator(".checked")).to_have_text("The quote stands word for word in the documents")
    expect(answer.locator(".card").first).to_contain_text("Router manual")
    expect(answer.locator(".card mark").first).to_contain_text("power button")

    answer.locator(".ref").first.click()
    page.locator(".bubble .card").click()
    reader = page.get_by_role("dialog")
    expect(reader).to_contain_text("Router manual")
    expect(reader.locator("mark")).to_contain_text("power button")
    expect(reader.locator("mark")).to_be_in_viewport()
    expect(reader.locator("h2", has_text="Router manual").last).to_be_visible()
    expect(reader.locator(".flow")).not_to_contain_text("##")
    page.keyboard.press("Escape")
    expect(reader).to_be_hidden()


def test_offsets_stay_right_beyond_the_basic_plane(page: Page, base: str) -> None:
    page.goto(base)
    answer = ended(ask(page, "When does the office open?"))
    said = "The office opens at seven in the morning and closes at eight in the evening."
    expect(answer.locator(".card mark").first).to_contain_text(said)
    answer.locator(".card").first.click()
    expect(page.get_by_role("dialog").locator("mark").first).to_have_text(re.compile(f"^{re.escape(said)}"))


def test_a_conversation_is_there_after_a_reload_until_a_new_one_is_begun(page: Page, base: str) -> None:
    page.goto(base)
    ended(ask(page, "How long is the warranty of the router?"))
    page.reload()
    expect(page.locator(".mine")).to_have_text("How long is the warranty of the router?")
    expect(page.locator(".turn").last.locator(".words")).to_contain_text("36 months")
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".turn")).to_have_count(0)
    expect(page.get_by_role("list", name="Questions to try").get_by_role("button").first).to_be_visible()


def test_a_link_to_a_document_opens_it(page: Page, base: str) -> None:
    documents = httpx.get(f"{base}/v1/documents").json()["documents"]
    shop = next(document for document in documents if document["key"] == "shop.html")
    for sign in "?#":
        page.goto(f"{base}/documents/{shop['id']}{sign}start=0&end=6")
        expect(page.locator(".flow")).to_contain_text("spare fuses")
        expect(page.locator("mark")).to_be_visible()
    with page.expect_popup() as popup:
        page.get_by_text("Original file").click()
    expect(popup.value.locator("body")).to_contain_text("spare fuses")


def test_the_way_of_an_answer_is_given_by_the_keyboard_alone(page: Page, base: str) -> None:
    page.goto(base)
    expect(page.get_by_label("Your question")).to_be_focused()
    page.keyboard.type("How do I reset the router?")
    page.keyboard.press("Enter")
    answer = ended(page.locator(".turn").last)
    expect(page.get_by_label("Your question")).to_be_focused()
    answer.locator(".ref").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".bubble .card")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".bubble")).to_be_hidden()
    expect(answer.locator(".ref").first).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.locator(".reader .bar .name")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".reader")).to_be_hidden()


def test_escape_stops_the_answer_and_keeps_what_was_said(page: Page, tmp_path: Path, serve: Serve) -> None:
    gate = Gate()
    script = [Sources((SOURCE,)), Token("Hold the button"), gate, Token(" never said"), Done("answered", "…")]
    with serve(ScriptedService(tmp_path, script)) as base:
        page.goto(base)
        answer = ask(page, "How?")
        expect(answer).to_contain_text("Hold the button")
        expect(page.get_by_role("button", name="Stop answering")).to_be_visible()
        page.keyboard.press("Escape")
        expect(answer.locator(".notice.stopped")).to_contain_text("Ask again for the whole answer")
        expect(answer.locator(".words")).to_have_text("Hold the button")
        expect(page.get_by_role("button", name="Send")).to_be_visible()


def test_what_was_not_verified_never_looks_like_what_was(page: Page, tmp_path: Path, serve: Serve) -> None:
    text = f"{QUOTE} And more."
    more = replace(CITATION, n=2, verified=False, answer_span=AnswerSpan(len(QUOTE) + 1, len(text)))
    script = [
        Sources((SOURCE, replace(SOURCE, n=2))),
        Token(text),
        Cited(CITATION),
        Cited(more),
        Done("answered", text, (CITATION, more), 0.5),
    ]
    with serve(ScriptedService(tmp_path, script)) as base:
        page.goto(base)
        answer = ended(ask(page, "How?"))
        expect(answer.locator(".checked.doubtful")).to_contain_text("1 of 2 quotes")
        expect(answer.locator(".cited.doubtful")).to_have_text("And more.")
        expect(answer.locator(".ref.doubtful")).to_have_text("2?")
        doubtful = answer.locator(".card.doubtful")
        expect(doubtful).to_contain_text("not verified")
        expect(doubtful.locator("mark")).to_have_count(0)
        expect(answer.locator(".card").first.locator("mark")).to_have_text(QUOTE)
        colours = [
            answer.locator(place).first.evaluate("one => getComputedStyle(one).color")
            for place in (".ref:not(.doubtful)", ".ref.doubtful")
        ]
        assert colours[0] != colours[1]


def test_numbers_count_from_one_and_a_card_names_the_section_of_its_quote(
    page: Page, tmp_path: Path, serve: Serve
) -> None:
    elsewhere = replace(SOURCE, n=4, heading_path=("Router manual", "Preface"), page=1)
    key = QUOTE.index("ten seconds")
    cited = replace(CITATION, n=4, key_span=QuoteSpan(key, key + len("ten seconds")))
    script = [
        Sources((replace(SOURCE, n=1), elsewhere)),
        Token(QUOTE),
        Cited(cited),
        Done("answered", QUOTE, (cited,), 1.0),
    ]
    with serve(ScriptedService(tmp_path, script)) as base:
        page.goto(base)
        answer = ended(ask(page, "How?"))
        expect(answer.locator(".ref")).to_have_text("1")
        card = answer.locator(".sources .card")
        expect(card.locator(".n")).to_have_text("1")
        expect(card.locator(".place")).to_have_text("Page 3 · Reset · manuals/router.md")
        expect(card.locator("mark strong")).to_have_text("ten seconds")


def test_each_outcome_looks_different_and_says_what_to_do(page: Page, tmp_path: Path, serve: Serve) -> None:
    said = "The documents do not say."
    refused = Refusal("no_match", said, (SOURCE,), missing=("zebra",), next="Try other words.")
    nearest = Refusal("nearest", "This may help.", (SOURCE,), quotes=(CITATION,))
    ends = {
        "answered": [
            Sources((SOURCE,)),
            Token(QUOTE),
            Cited(CITATION),
            Done("answered", QUOTE, (CITATION,), 1.0),
        ],
        "refused": [Token(said), Done("refused", said, refusal=refused)],
        "nearest": [Token("This may help."), Done("refused", "This may help.", refusal=nearest)],
        "blocked": [Token("No."), Done("blocked", "No.", refusal=Refusal("blocked", "No."))],
        "incomplete": [Token("Hold"), Done("incomplete", "Hold")],
        "error": [Token("Hold"), FAILED],
    }
    offers = {
        "refused": "Ask in other words",
        "blocked": "Ask in other words",
        "nearest": "Search the documents",
        "incomplete": "Ask again",
        "error": "Ask again",
    }
    service = ScriptedService(tmp_path)
    looks: set[str] = set()
    with serve(service) as base:
        page.goto(base)
        for outcome, script in ends.items():
            service.script = script
            answer = ended(ask(page, f"How is {outcome}?"))
            expect(answer).to_have_attribute("data-outcome", outcome)
            if outcome != "answered":
                notice = answer.locator(".notice")
                looks.add(
                    str(
                        notice.evaluate(
                            "one => { const s = getComputedStyle(one); return s.borderLeft + s.background }"
                        )
                    )
                )
                expect(notice.locator("h3")).not_to_be_empty()
            if outcome in offers:
                expect(answer.get_by_role("button", name=offers[outcome]).first).to_be_visible()
        assert len(looks) == len(ends) - 1
        expect(page.locator('[data-outcome="refused"]')).to_contain_text("Not found in the documents: zebra")
        expect(page.locator('[data-outcome="refused"] .card')).to_contain_text("Router manual")
        expect(page.locator('[data-outcome="nearest"] .card .unproven')).to_have_text(QUOTE)
        expect(page.locator('[data-outcome="nearest"] mark')).to_have_count(0)
        page.reload()
        expect(page.locator('[data-outcome="refused"]')).to_contain_text(said)


def test_an_error_can_be_asked_again(page: Page, tmp_path: Path, serve: Serve) -> None:
    service = ScriptedService(tmp_path, [FAILED])
    with serve(service) as base:
        page.goto(base)
        expect(ended(ask(page, "How?")).get_by_role("alert")).to_contain_text("The model's service failed.")
        service.script = [Token("Now."), Done("answered", "Now.")]
        page.get_by_role("alert").get_by_role("button", name="Ask again").click()
        expect(ended(page.locator(".turn").last)).to_contain_text("Now.")
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
        answer = ask(page, "How?")
        expect(answer).to_contain_text("Hold it")
        relay.cut()
        expect(answer).to_contain_text("Hold it")
        gate.opened.set()
        expect(answer.locator(".words")).to_have_text("Hold it longer.")
        assert len(service.asked) == 1
        assert any(path.endswith("/events") for path in asked_for)


def test_an_answer_goes_on_after_a_reload(page: Page, tmp_path: Path, serve: Serve) -> None:
    gate = Gate()
    script = [Token("Hold it "), gate, Token("longer."), Done("answered", "Hold it longer.")]
    with serve(ScriptedService(tmp_path, script)) as base:
        page.goto(base)
        expect(ask(page, "How?")).to_contain_text("Hold it")
        page.reload(wait_until="commit")
        answer = page.locator(".turn").last
        expect(answer).to_contain_text("Hold it")
        gate.opened.set()
        expect(answer.locator(".words")).to_have_text("Hold it longer.")
        expect(ended(answer)).to_have_attribute("data-outcome", "answered")


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
        ended(page.locator(".turn").last)
        assert page.locator(".mine p").text_content() == "first\nsecond"
        assert [question for question, _ in service.asked] == ["first\nsecond"]


def test_what_can_be_done_with_an_answer(page: Page, tmp_path: Path, serve: Serve) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    service = ScriptedService(tmp_path)
    with serve(service) as base:
        page.goto(base)
        answer = ended(ask(page, "How?"))
        answer.get_by_role("button", name="Copy the answer with its sources").click()
        expect(page.locator(".toast")).to_have_text("Copied")
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied.startswith(f"{QUOTE} [1]\n\nSources:\n[1] Router manual, Page 3: “{QUOTE}”")

        answer.get_by_role("button", name="This answer did not help").click()
        page.get_by_label("What should it have said?").fill("The blue button.")
        page.get_by_role("button", name="Send comment").click()
        expect(page.get_by_label("What should it have said?")).to_have_count(0)
        expect(answer.get_by_role("button", name="This answer did not help")).to_have_attribute(
            "aria-pressed", "true"
        )
        message = answer.get_attribute("data-message")
        rated = httpx.get(f"{base}/v1/messages/{message}").json()["feedback"]
        assert rated == {"rating": "down", "comment": "The blue button."}

        with page.expect_download() as download:
            page.get_by_role("button", name="Export as Markdown").click()
        assert f"## How?\n\n{QUOTE} [1]" in download.value.path().read_text("utf-8")

        page.locator(".mine").hover()
        page.get_by_role("button", name="Edit the question").click()
        expect(page.get_by_label("Your question")).to_have_value("How?")

        answer.get_by_role("button", name="Copy a link to this answer").click()
        expect(page.locator(".toast")).to_have_text("Copied")
        link = page.evaluate("navigator.clipboard.readText()")
        page.get_by_role("button", name="New conversation").click()
        page.goto("about:blank")
        page.goto(link)
        expect(page.locator(".turn").last.locator(".words")).to_contain_text(QUOTE)


def test_conversations_are_listed_opened_and_deleted(page: Page, tmp_path: Path, serve: Serve) -> None:
    with serve(ScriptedService(tmp_path)) as base:
        page.goto(base)
        ended(ask(page, "First question?"))
        page.get_by_role("button", name="New conversation").click()
        ended(ask(page, "Second question?"))
        listed = page.locator(".conversations .one")
        expect(listed).to_have_text(["Second question?", "First question?"])
        listed.last.click()
        expect(page.locator(".mine")).to_have_text("First question?")
        page.get_by_role("button", name="Delete: First question?").click()
        expect(listed).to_have_text(["Second question?"])
        expect(page.locator(".turn")).to_have_count(0)


@pytest.mark.parametrize(
    ("language", "said"), [("en-GB", "This answer was not found."), ("de", "nicht gefunden")]
)
def test_a_link_to_an_answer_that_is_gone_says_so(
    browser: Browser, base: str, language: str, said: str
) -> None:
    with watched_page(browser, locale=language) as page:
        page.goto(f"{base}/#answer=nowhere/nothing")
        expect(page.locator(".toast")).to_contain_text(said)


def test_a_refusal_leads_to_a_search(page: Page, base: str) -> None:
    page.goto(base)
    answer = ended(ask(page, "Who painted the zebra fuses?"))
    expect(answer.locator(".notice")).to_be_visible()
    answer.get_by_role("button", name="Search the documents").click()
    expect(page.locator(".results .card").first).to_be_visible()
    expect(page.get_by_label("Search the documents")).to_be_focused()


def test_nothing_is_offered_that_the_service_does_not_have(page: Page, base: str) -> None:
    offered = httpx.get(f"{base}/openapi.json").json()["paths"]
    page.goto(base)
    page.wait_for_load_state("networkidle")
    assert page.get_by_text("Add documents").is_visible() == ("post" in offered["/v1/documents"])
    assert page.get_by_label("Collection").is_visible() is False


def test_the_page_asks_for_each_thing_once(page: Page, base: str) -> None:
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url.removeprefix(base)))
    page.goto(base)
    expect(page.locator(".prompts button").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert "/v1/suggestions" in asked
    assert sorted(asked) == sorted(set(asked))


def test_files_are_sent_and_it_is_said_of_each_how_it_ended(page: Page, files: Path, serve: Serve) -> None:
    with serve(Runtime(Settings(_env_file=None, index_dir=files.parent / "uploaded"))) as base:
        page.goto(base)
        page.get_by_label("Add documents").set_input_files(
            [
                {
                    "name": "pond.md",
                    "mimeType": "text/markdown",
                    "buffer": b"# Pond\n\nThe pond is two feet deep.",
                },
                {"name": "broken.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 nothing follows"},
            ]
        )
        expect(page.locator(".uploads li").first).to_have_text("pond.md: added", timeout=30_000)
        expect(page.locator(".uploads li").last).to_contain_text("broken.pdf: failed: ")
        expect(ended(ask(page, "How deep is the pond?")).locator(".words")).to_contain_text("two feet deep")


def test_a_collection_is_chosen_from_those_that_there_are(page: Page, tmp_path: Path, serve: Serve) -> None:
    service = ScriptedService(tmp_path)
    with serve(service) as base:
        page.goto(base)
        page.get_by_label("Collection").select_option("manuals")
        page.wait_for_url("**collection=manuals")
        expect(page.get_by_label("Collection")).to_have_value("manuals")
        ended(ask(page, "How?"))
        assert service.asked[-1][1]["collection"] == "manuals"


def test_from_a_collection_that_is_not_there_the_page_leads_to_one_that_is(page: Page, base: str) -> None:
    page.goto(f"{base}/?collection=nowhere")
    expect(page.locator(".served.bad")).to_contain_text("There is no such collection.")
    page.get_by_label("Collection").select_option("default")
    expect(page.locator(".served")).to_contain_text("4 documents")
    expect(ended(ask(page, "How do I reset the router?")).locator(".card").first).to_be_visible()


def test_who_answers_is_chosen_and_remembered(page: Page, tmp_path: Path, serve: Serve) -> None:
    service = ScriptedService(tmp_path)  # says that a model called "scripted" answers
    with serve(service) as base:
        page.goto(base)
        ended(ask(page, "How?"))
        assert service.asked[-1][1]["model"] is None
        page.get_by_label("Who answers").select_option("extractive")
        ended(ask(page, "How then?"))
        assert service.asked[-1][1]["model"] == "extractive"
        page.reload()
        expect(page.get_by_label("Who answers")).to_have_value("extractive")
        page.get_by_label("Who answers").select_option("scripted")
        ended(ask(page, "And now?"))
        assert service.asked[-1][1]["model"] is None


def test_the_address_of_a_citation_opens_the_viewer_and_marks_nothing_once_the_document_changed(
    page: Page, tmp_path: Path, serve: Serve
) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "router.md").write_text(ROUTER, encoding="utf-8")
    home = LocalStore(tmp_path / "indexes" / "default")
    embedder, options = load_embedder("local:minilm", threads=1), IngestOptions(checks=(calibration(),))
    ingest([folder], home, embedder, options)
    with serve(Runtime(Settings(_env_file=None, index_dir=tmp_path / "indexes"))) as base:
        said = httpx.post(f"{base}/v1/chat", json={"message": "How do I reset the router?"}).json()
        (citation,) = said["citations"]
        page.goto(f"{base}{citation['url']}")
        expect(page.locator("mark").first).to_contain_text("power button")
        (folder / "router.md").write_text(f"# New\n\nA preface.\n\n{ROUTER}", encoding="utf-8")
        ingest([folder], home, embedder, options)
        expect(page.locator("mark")).not_to_have_count(0)
        page.wait_for_timeout(1000)  # a newer generation is served within a second
        page.goto("about:blank")
        page.goto(f"{base}{citation['url']}")
        expect(page.locator(".note")).to_contain_text("has changed since it was quoted")
        expect(page.locator("mark")).to_have_count(0)


def test_without_a_network_the_answer_is_taken_up_when_it_is_back(
    page: Page, tmp_path: Path, serve: Serve
) -> None:
    gate = Gate()
    half = len(QUOTE) // 2
    script = [
        Sources((SOURCE,)),
        Token(QUOTE[:half]),
        gate,
        Token(QUOTE[half:]),
        Cited(CITATION),
        Done("answered", QUOTE, (CITATION,), 1.0),
    ]
    service = ScriptedService(tmp_path, script)
    with serve(service) as base, relayed(base) as relay:
        page.goto(relay.address)
        answer = ask(page, "How?")
        expect(answer.locator(".words")).to_have_text(QUOTE[:half])
        page.context.set_offline(True)
        relay.cut()  # the browser lets a running response live; a network that is gone does not
        expect(answer).to_contain_text("Reconnecting")
        assert page.evaluate("navigator.onLine") is False
        gate.opened.set()
        expect(answer).to_have_attribute("aria-busy", "true")
        page.context.set_offline(False)
        expect(ended(answer).locator(".words")).to_contain_text(QUOTE)
        expect(answer.locator(".ref")).to_have_count(1)
        assert len(service.asked) == 1


def test_a_question_without_a_network_waits_for_it_or_is_stopped(
    page: Page, tmp_path: Path, serve: Serve
) -> None:
    service = ScriptedService(tmp_path)
    with serve(service) as base:
        page.goto(base)
        page.context.set_offline(True)
        answer = ask(page, "How?")
        expect(answer).to_contain_text("Reconnecting")
        page.wait_for_timeout(2500)  # all the tries of a page that is online are over by then
        expect(answer).to_contain_text("Reconnecting")
        page.context.set_offline(False)
        expect(ended(answer).locator(".words")).to_contain_text(QUOTE)
        assert len(service.asked) == 1
        page.context.set_offline(True)
        answer = ask(page, "And then?")
        expect(answer).to_contain_text("Reconnecting")
        page.keyboard.press("Escape")
        expect(answer.locator(".notice.stopped")).to_be_visible()
        assert len(service.asked) == 1


def test_a_narrow_screen_needs_no_sideways_scrolling(browser: Browser, tmp_path: Path, serve: Serve) -> None:
    long = replace(SOURCE, uri="https://help.example/" + "tickets" * 20, title="Return" * 20)
    done = Done("answered", CITATION.quote, (CITATION,), 1.0)
    script = [Sources((long,)), Token(CITATION.quote), Cited(CITATION), done]
    phone = {"width": 320, "height": 640}
    with (
        serve(ScriptedService(tmp_path, script)) as base,
        watched_page(browser, viewport=phone, color_scheme="dark", has_touch=True) as page,
    ):
        page.goto(base)
        answer = ended(ask(page, "How?"))
        assert page.locator("html").evaluate("one => one.scrollWidth") <= 320
        assert page.locator(".scroller").evaluate("one => one.scrollWidth <= one.clientWidth")
        answer.locator(".ref").tap()
        place = page.locator(".bubble").bounding_box()
        assert place is not None
        assert place["x"] >= 0
        assert place["x"] + place["width"] <= 320
        assert (
            page.locator(".panel").evaluate("one => getComputedStyle(one).backgroundColor")
            == "rgb(20, 24, 22)"
        )


def test_the_page_asks_and_reads_in_the_collection_of_its_address(page: Page, base: str, files: Path) -> None:
    folder = files.parent / "gardens"
    folder.mkdir()
    (folder / "pond.md").write_text("# Pond\n\nThe pond is cleaned every second Friday.\n", encoding="utf-8")
    embedder = load_embedder("local:minilm", threads=1)
    home = LocalStore(files.parent / "indexes" / "gardens")
    ingest([folder], home, embedder, IngestOptions(checks=(calibration(),)))

    page.goto(f"{base}/?collection=gardens")
    expect(page.locator(".served")).to_contain_text("1 document ·")
    ended(ask(page, "How often is the pond cleaned?")).locator(".card").first.click()
    reader = page.get_by_role("dialog")
    expect(reader.locator("mark")).to_contain_text("every second Friday")
    expect(reader.get_by_text("Original file")).to_have_attribute("href", re.compile(r"\?collection=gardens"))

    (pond,) = httpx.get(f"{base}/v1/documents?collection=gardens").json()["documents"]
    page.goto(f"{base}/documents/{pond['id']}#start=0&end=6&collection=gardens")
    expect(page.locator(".flow")).to_contain_text("every second Friday")


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
