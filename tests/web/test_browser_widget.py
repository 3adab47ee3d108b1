"""The widget on other people's pages, in a real browser: one line embeds it, their policies and styles leave it be."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from browsing import ask, ended, watched_page
from playwright.sync_api import Browser, Locator, Page, expect
from scripted_service import QUOTE, SOURCE, Gate, ScriptedService

from ragchat.answering.events import Done, Refusal, Sources, Token
from tests.support.hosting import Site, hosted
from tests.support.serving import Serve

pytestmark = pytest.mark.browser

HOSTILE = """
* { font: 40px/3 cursive !important; color: red !important; background: yellow !important; display: none; }
html { font-size: 44px; } html, body, h1, ragchat-widget { display: block !important; }
ragchat-widget { opacity: 0 !important; visibility: hidden !important; transform: rotate(9deg) !important; zoom: 3; }
body { direction: rtl; text-transform: uppercase; letter-spacing: 1em; text-align: justify; }
button, textarea, dialog { position: static !important; width: 1px !important; pointer-events: none !important; }
"""


@dataclass
class Embedded:
    """A strict site, the service that it may embed, and how its pages are written."""

    site: Site
    base: str
    service: ScriptedService

    def write(self, body: str, *, path: str = "/", headers: bool = True) -> str:
        """A page with `body` under the strictest policy that lets the widget in; its address."""
        policy = f"default-src 'self'; script-src {self.base}; connect-src {self.base}; img-src 'self'"
        self.site.headers = {"Content-Security-Policy": policy} if headers else {}
        style = '<link rel="stylesheet" href="/hostile.css">'
        self.site.pages[path] = f"<!doctype html><title>Shop</title>{style}<h1>Shop</h1>{body}"
        self.site.pages.setdefault("/hostile.css", "")
        self.site.pages.setdefault("/favicon.ico", "")
        return self.site.origin + path

    def line(self, attributes: str = "") -> str:
        return f'<script async src="{self.base}/widget.js" {attributes}></script>'


@pytest.fixture
def embedded(tmp_path: Path, serve: Serve) -> Iterator[Embedded]:
    with hosted() as site:
        service = ScriptedService(tmp_path, widget_origins=(f"shop={site.origin}", site.origin))
        with serve(service) as base:
            yield Embedded(site, base, service)


def launcher(page: Page) -> Locator:
    return page.get_by_role("button", name="Open the chat")


def test_one_line_embeds_it_under_a_strict_policy_and_hostile_styles(page: Page, embedded: Embedded) -> None:
    embedded.site.pages["/hostile.css"] = HOSTILE
    page.goto(embedded.write(embedded.line('data-title="Ask us" data-site="shop"')))
    launcher(page).click()
    panel = page.get_by_role("dialog", name="Ask us")
    expect(panel).to_be_visible()
    answer = ended(ask(page, "How?"))
    expect(answer.locator(".words")).to_contain_text(QUOTE)
    look: dict[str, Any] = panel.evaluate(
        """one => { const s = getComputedStyle(one), box = one.getBoundingClientRect();
        const send = one.querySelector('.send').getBoundingClientRect();
        return { size: s.fontSize, colour: s.color, direction: s.direction, spacing: s.letterSpacing,
                 transform: s.textTransform, width: box.width, right: innerWidth - box.right, send: send.width } }"""
    )
    assert look == {
        "size": "16px", "colour": "rgb(29, 34, 31)", "direction": "ltr", "spacing": "normal",
        "transform": "none", "width": 410, "right": 20, "send": pytest.approx(37.6, abs=0.1),
    }  # fmt: skip
    expect(page.locator("h1")).to_have_css("color", "rgb(255, 0, 0)")
    answer.locator(".ref").click()
    expect(page.locator(".bubble mark")).to_have_text(QUOTE)
    assert page.evaluate("document.cookie") == ""


def test_the_focus_goes_round_in_it_and_back_to_its_button(page: Page, embedded: Embedded) -> None:
    page.goto(embedded.write(embedded.line()))
    launcher(page).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Your question")).to_be_focused()
    inside = "document.querySelector('ragchat-widget').shadowRoot.activeElement?.closest('.panel') !== null"
    for _ in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate(inside)
    for _ in range(5):
        page.keyboard.press("Shift+Tab")
        assert page.evaluate(inside)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(launcher(page)).to_be_focused()


def test_what_happens_in_it_is_told_to_the_page(page: Page, embedded: Embedded) -> None:
    refusal = Refusal("no_match", "No.", (SOURCE,))
    page.goto(embedded.write(embedded.line('data-support="help@shop.example"')))
    page.evaluate(
        """() => { window.told = []; for (const name of ['answer', 'refusal', 'feedback', 'error'])
        document.addEventListener('ragchat:' + name, (event) => told.push([name, event.detail])) }"""
    )
    launcher(page).click()
    answer = ended(ask(page, "How?"))
    answer.get_by_role("button", name="This answer helped").click()
    embedded.service.script = [Sources((SOURCE,)), Token("No."), Done("refused", "No.", refusal=refusal)]
    refused = ended(ask(page, "Why?"))
    expect(refused.get_by_role("link", name="Ask a person")).to_have_attribute(
        "href", "mailto:help@shop.example"
    )
    told = page.evaluate("told")
    assert [name for name, _ in told] == ["answer", "feedback", "refusal"]
    assert told[0][1]["question"] == "How?"
    assert told[1][1]["rating"] == "up"
    assert told[2][1]["reason"] == "no_match"


def test_a_page_that_is_not_listed_gets_no_answer(browser: Browser, embedded: Embedded) -> None:
    page = browser.new_page()
    page.goto(embedded.write(embedded.line('data-site="another"')))
    launcher(page).click()
    expect(ended(ask(page, "How?")).get_by_role("alert")).to_contain_text("This page may not use the widget.")
    page.close()
    assert embedded.service.asked == []


def test_its_attributes_and_properties_take_effect_at_once(page: Page, embedded: Embedded) -> None:
    page.goto(
        embedded.write(
            f'<ragchat-widget mode="inline" title="One"></ragchat-widget>{embedded.line("data-embed=manual")}'
        )
    )
    widget = page.locator("ragchat-widget")
    expect(page.get_by_role("region", name="One")).to_be_visible()
    ended(ask(page, "How?"))
    widget.evaluate(
        "one => { one.title = 'Two'; one.placeholder = 'Just ask'; one.disclaimer = 'No advice.' }"
    )
    expect(page.get_by_role("region", name="Two")).to_be_visible()
    expect(page.get_by_placeholder("Just ask")).to_be_visible()
    expect(page.get_by_text("No advice.")).to_be_visible()
    expect(page.locator(".words")).to_contain_text(QUOTE)
    widget.evaluate("one => one.setAttribute('theme', 'dark')")
    expect(page.locator(".panel")).to_have_css("background-color", "rgb(20, 24, 22)")
    page.evaluate(
        "document.querySelector('ragchat-widget').attributeStyleMap.set('--ragchat-paper', 'rgb(1, 2, 3)')"
    )
    expect(page.locator(".panel")).to_have_css("background-color", "rgb(1, 2, 3)")
    widget.evaluate(
        """one => { one.strings = { send: 'Away with it' }; one.examples = ['First?', 'Second?'] }"""
    )
    expect(page.get_by_role("button", name="Away with it")).to_be_visible()
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".prompts button")).to_have_text(["First?", "Second?"])
    widget.evaluate("one => one.setAttribute('mode', 'float')")
    expect(launcher(page)).to_be_visible()
    widget.evaluate("one => one.setAttribute('open', '')")
    expect(page.get_by_role("dialog", name="Two")).to_be_visible()


@pytest.mark.parametrize(
    ("language", "direction", "send"),
    [
        ("de-AT", "ltr", "Senden"),
        ("fr", "ltr", "Envoyer"),
        ("es", "ltr", "Enviar"),
        ("ja", "ltr", "送信"),
        ("ar", "rtl", "إرسال"),
    ],
)
def test_it_speaks_languages_in_their_direction(
    page: Page, embedded: Embedded, language: str, direction: str, send: str
) -> None:
    page.goto(embedded.write(embedded.line(f'data-language="{language}" data-open')))
    expect(page.locator("button.send").first).to_have_attribute("aria-label", send)
    expect(page.locator(".panel")).to_have_css("direction", direction)
    box, button = (
        page.locator(".field textarea").bounding_box(),
        page.locator("button.send").first.bounding_box(),
    )
    assert box is not None
    assert button is not None
    assert (button["x"] > box["x"]) == (direction == "ltr")


def test_two_on_a_page_are_two_conversations(page: Page, embedded: Embedded) -> None:
    two = "".join(
        f'<ragchat-widget id="{name}" mode="inline" title="{name.upper()}"></ragchat-widget>' for name in "ab"
    )
    page.goto(embedded.write(two + embedded.line("data-embed=manual")))
    first, second = page.locator("#a"), page.locator("#b")
    first.get_by_label("Your question").fill("From A?")
    first.get_by_label("Your question").press("Enter")
    expect(ended(first.locator(".turn").last)).to_contain_text(QUOTE)
    expect(second.locator(".turn")).to_have_count(0)
    second.get_by_label("Your question").fill("From B?")
    second.get_by_label("Your question").press("Enter")
    ended(second.locator(".turn").last)
    page.reload()
    expect(first.locator(".mine")).to_have_text("From A?")
    expect(second.locator(".mine")).to_have_text("From B?")
    ids = {options["conversation_id"] for _, options in embedded.service.asked}
    assert len(ids) == 2


def test_on_a_phone_it_fills_the_screen_and_survives_a_reload(browser: Browser, embedded: Embedded) -> None:
    size = {"width": 320, "height": 568}
    with watched_page(browser, viewport=size, has_touch=True, reduced_motion="reduce") as page:
        page.goto(embedded.write(f'<meta name="viewport" content="width=device-width">{embedded.line()}'))
        launcher(page).tap()
        expect(page.get_by_role("dialog")).to_be_visible()
        assert page.get_by_role("dialog").bounding_box() == {"x": 0, "y": 0, **size}
        ended(ask(page, "How?"))
        page.reload()
        launcher(page).tap()
        expect(page.locator(".mine")).to_have_text("How?")
        assert page.locator(".scroller").evaluate("one => one.scrollWidth <= one.clientWidth")
        page.get_by_role("button", name="Close").first.tap()
        expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_long_answer_streams_without_moving_what_is_read(page: Page, embedded: Embedded) -> None:
    """Layout shift as browsers count it (https://wicg.github.io/layout-instability/)."""
    gate = Gate()
    paragraph = "The **button** is on the back of the device, below the `label`. "
    tokens = [Token(word + " ") for _ in range(60) for word in [*paragraph.split(), "\n\n"]]
    whole = "".join(token.token for token in tokens)
    embedded.service.script = [gate, *tokens, Done("answered", whole)]
    page.goto(embedded.write(embedded.line("data-open")))
    page.evaluate(
        """() => { window.shifts = []; new PerformanceObserver((list) => { for (const one of list.getEntries())
        shifts.push(one.value) }).observe({ type: 'layout-shift', buffered: false }) }"""
    )
    answer = ask(page, "How?")
    question = page.locator(".mine").last
    page.wait_for_function(
        "document.querySelector('ragchat-widget').shadowRoot.querySelector('.turn[aria-busy=true]')"
    )
    before = question.bounding_box()
    gate.opened.set()
    ended(answer)
    assert question.bounding_box() == before
    assert sum(page.evaluate("shifts")) < 0.01
    said = page.locator("[aria-live]").text_content() or ""
    assert said.startswith("The button is on the back")
