"""What answers, documents and their names must never do to a page; and whether everyone can use it (axe-core)."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from browsing import ask, ended, watched_page
from playwright.sync_api import Browser, Page, expect
from scripted_service import CITATION, FAILED, QUOTE, SOURCE, ScriptedService

from ingest.run import IngestOptions, ingest
from ragchat.answering.events import AnswerSpan, Cited, Done, Refusal, Sources, Token
from ragchat.corpus.local.store import LocalStore
from ragchat.models.loading import load_embedder
from ragchat.runtime.checks import calibration
from ragchat.runtime.runtime import Runtime
from ragchat.settings import Settings
from tests.support.node import installed
from tests.support.serving import Serve, served

pytestmark = pytest.mark.browser

PAYLOADS = (
    '<img src="http://evil.example/x.png" onerror="alert(1)">',
    "<script>alert(1)</script>",
    "<svg/onload=alert(1)><animate onbegin=alert(1) attributeName=x dur=1s>",
    '<iframe srcdoc="<script>parent.alert(1)</script>"></iframe>',
    "![p](http://evil.example/p.png) ![r][ref]\n\n[ref]: http://evil.example/r.png",
    "[l](javascript:alert(1)) [m](JaVaScRiPt:alert(1)) [n](data:text/html,<script>alert(1)</script>)",
    "<a href=\"javascript:alert(1)\" onmouseover=alert(1)>x</a> <base href='http://evil.example/'>",
    "<link rel=prefetch href=http://evil.example/> <meta http-equiv=refresh content='0;url=http://evil.example/'>",
    "<style>@import 'http://evil.example/x.css'; * { display: none }</style>",
    "```html\n<img src=http://evil.example/c.png onerror=alert(1)>\n```\nbehind",
    "| <img src=http://evil.example/t.png> | b |\n|---|---|\n| <video src=http://evil.example onerror=alert(1)> | x |",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>",
    "\"'><details open ontoggle=alert(1)>",
    "{{constructor.constructor('alert(1)')()}} ${alert(1)} <!--><img src=x onerror=alert(1)>-->",
)
EVIL_NAME = "<img src=x onerror=alert(1)> & 'quoted'.md"


def test_no_answer_or_source_becomes_markup_or_a_request(page: Page, tmp_path: Path, serve: Serve) -> None:
    service = ScriptedService(tmp_path)
    with serve(service) as base:
        page.goto(base)
        for evil in PAYLOADS:
            source = replace(SOURCE, title=evil, text=evil, uri=evil, heading_path=(evil,))
            document = replace(CITATION.document, title=evil, uri=evil)
            span = replace(CITATION.span, start=100, end=100 + len(evil), heading_path=(evil,))
            citation = replace(
                CITATION, answer_span=AnswerSpan(0, len(evil)), document=document, span=span, quote=evil
            )
            half = len(evil) // 2
            tokens = [Token(evil[:half]), Token(evil[half:])]
            service.script = [
                Sources((source,)),
                *tokens,
                Cited(citation),
                Done("answered", evil, (citation,), 1.0),
            ]
            answer = ended(ask(page, evil))
            assert (
                answer.locator(
                    "img, script, iframe, video, svg:not(.icon svg), style, link, meta, base"
                ).count()
                == 0
            )
            answer.locator(".ref").first.click()
            expect(page.locator(".bubble")).to_be_visible()
            page.keyboard.press("Escape")
            refusal = Refusal("no_match", evil, (source,), missing=(evil,), quotes=(citation,), next=evil)
            service.script = [Token(evil), Done("refused", evil, refusal=refusal)]
            ended(ask(page, evil))
        assert page.locator("a[href]:not(.brand, .admin)").count() == 0
        page.reload()
        expect(page.locator(".turn.mine")).to_have_count(2 * len(PAYLOADS))


def test_links_of_an_answer_lead_where_they_say(page: Page, tmp_path: Path, serve: Serve) -> None:
    text = "See [the bank](https://evil.example/login) or https://help.example/a."
    with serve(ScriptedService(tmp_path, [Token(text), Done("answered", text)])) as base:
        page.goto(base)
        answer = ended(ask(page, "Where?"))
        expect(answer.locator(".words")).to_contain_text("the bank (evil.example)")
        link = answer.get_by_role("link", name="the bank")
        expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")
        expect(link).to_have_attribute("target", "_blank")


@pytest.fixture(scope="module")
def evil_base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server over documents whose names, titles and text are made to get out."""
    home = tmp_path_factory.mktemp("evil")
    folder = home / "docs"
    folder.mkdir()
    body = "\n\n".join(f"The gadget number {n} is made of {evil}" for n, evil in enumerate(PAYLOADS))
    (folder / EVIL_NAME).write_text(f"---\ntitle: '{PAYLOADS[0]}'\n---\n# {PAYLOADS[1]}\n\n{body}\n", "utf-8")
    settings = Settings(_env_file=None, index_dir=home / "indexes")
    store = LocalStore(settings.index_dir / settings.collection)
    ingest([folder], store, load_embedder("local:minilm", threads=1), IngestOptions(checks=(calibration(),)))
    with served(Runtime(settings)) as address:
        yield address


def test_no_document_or_file_name_becomes_markup_or_a_request(page: Page, evil_base: str) -> None:
    page.goto(evil_base)
    ended(ask(page, "What is the gadget number 2 made of?"))
    page.locator(".card").first.click()
    expect(page.locator(".reader .flow")).to_contain_text("gadget number 2")
    assert page.locator(".reader").locator("img, script, iframe, style, video").count() == 0
    (document,) = httpx.get(f"{evil_base}/v1/documents").json()["documents"]
    page.goto(f"{evil_base}/documents/{document['id']}#start=0&end=400")
    expect(page.locator(".flow")).to_contain_text("gadget number 13")
    assert page.locator("img, script:not([src='/static/page.js']), iframe, style, video").count() == 0


@pytest.fixture(scope="module")
def axe() -> str:
    """The checker as one script; it is loaded by the debugger, which no policy forbids."""
    return (installed() / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")


def faults(page: Page, axe: str) -> list[str]:
    """What axe finds, by rule and place."""
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


@pytest.mark.timeout(240)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_page(
    browser: Browser, tmp_path: Path, serve: Serve, axe: str, scheme: str
) -> None:
    doubtful = replace(CITATION, verified=False)
    service = ScriptedService(tmp_path)
    with serve(service) as base, watched_page(browser, color_scheme=scheme) as page:
        page.goto(base)
        assert faults(page, axe) == []
        ended(ask(page, "How?"))
        table = f"{QUOTE}\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```\ncode\n```"
        service.script = [
            Sources((SOURCE,)),
            Token(table),
            Cited(doubtful),
            Done("answered", table, (doubtful,), 0.0),
        ]
        ended(ask(page, "And then?")).get_by_role("button", name="This answer did not help").click()
        refusal = Refusal("no_match", "No.", (SOURCE,))
        nearest = Refusal("nearest", "Perhaps.", (SOURCE,), quotes=(CITATION,))
        for script in (
            [Token("No."), Done("refused", "No.", refusal=refusal)],
            [Token("Perhaps."), Done("refused", "Perhaps.", refusal=nearest)],
            [Token("Hold"), Done("incomplete", "Hold")],
            [FAILED],
        ):
            service.script = script
            ended(ask(page, "Why?"))
        assert faults(page, axe) == []
        page.locator(".ref").first.click()
        expect(page.locator(".bubble")).to_be_visible()
        assert faults(page, axe) == []


def test_axe_finds_nothing_in_the_viewer_and_the_widget(
    browser: Browser, base: str, axe: str, tmp_path: Path, serve: Serve
) -> None:
    document = httpx.get(f"{base}/v1/documents").json()["documents"][0]
    with watched_page(browser) as page:
        page.goto(f"{base}/documents/{document['id']}#start=20&end=60")
        expect(page.locator(".flow")).to_be_visible()
        assert faults(page, axe) == []
    with serve(ScriptedService(tmp_path)) as other, watched_page(browser, locale="ar") as page:
        page.goto(f"{other}/docs")
        page.evaluate(
            """() => { const script = document.createElement('script'); script.src = '/widget.js';
            script.dataset.title = 'Ask us'; script.dataset.open = ''; document.body.append(script) }"""
        )
        expect(page.get_by_role("dialog", name="Ask us")).to_be_visible()
        page.get_by_role("dialog", name="Ask us").locator("textarea").fill("كيف؟")
        page.keyboard.press("Enter")
        ended(page.locator(".turn").last)
        assert [fault for fault in faults(page, axe) if "ragchat-widget" in fault] == []
