"""Content is decided by position and density; what a click unfolds is content, what nobody can see is not."""

import pytest

from ingest.extract import Extracted, extract
from ragchat.documents.blocks import check_blocks
from tests.support.outlines import outline

PROSE = "".join(
    f"<p>Paragraph {n} says how the boat is moored, who holds the rope and when the harbour closes.</p>"
    for n in range(8)
)


def read(body: str, head: str = "") -> Extracted:
    extracted = extract(
        f"<!doctype html><html><head>{head}</head><body>{body}</body></html>".encode(), "page.html"
    )
    check_blocks(extracted.blocks, extracted.text)
    return extracted


def built(body: str) -> list[str]:
    extracted = read(body)
    return outline(extracted.blocks, extracted.text)


@pytest.mark.parametrize(
    "part",
    [
        "<div class='comment'><p>FACT: the crane was repaired.</p></div>",
        "<div id='sidebar-facts'><h3>Facts</h3><p>FACT, depth 4 m.</p></div>",
        "<section class='related'><h2>Related fees</h2><p>FACT: 12 euro a night.</p></section>",
        "<div class='login'><ol><li>Open the app.</li><li>FACT is typed in.</li></ol></div>",
        "<aside><p>FACT: never jump.</p></aside>",
        "<section><h2>Office</h2><footer><p>FACT: extension 12.</p></footer></section>",
        "<div role='complementary'><p>FACT: for members only.</p></div>",
        "<div class='ads'><table><tr><th>Day</th><th>Fee</th></tr><tr><td>FACT</td><td>9</td></tr></table></div>",
    ],
)
def test_inside_the_content_no_name_deletes_anything(part: str) -> None:
    assert "FACT" in read(f"<main><h1>Mooring</h1>{PROSE}{part}{PROSE}</main>").text
    assert "FACT" in read(f"<div class='page'><h1>Mooring</h1>{PROSE}{part}{PROSE}</div>").text


@pytest.mark.parametrize(
    "part",
    [
        "<section class='dates'><h2>Dates</h2><p>FACT: closed on 4 May.</p></section>",
        "<header><p>FACT: valid from June on.</p></header>",
        "<aside><p>FACT: the harbour master decides.</p></aside>",
    ],
)
def test_prose_beside_the_article_is_kept(part: str) -> None:
    assert "FACT" in read(f"<div>{part}<article><h1>Mooring</h1>{PROSE}</article></div>").text


@pytest.mark.parametrize(
    "part",
    [
        "<nav><ul><li><a href=/a>Boats</a></li><li><a href=/b>NOISE</a></li></ul></nav>",
        "<div class='cookie-bar'><p>NOISE: we like cookies.</p><button>Fine</button></div>",
        "<div role='dialog'><p>NOISE: take our newsletter.</p></div>",
        "<div class='share'><a href=#>NOISE</a> <a href=#>Tweet</a> <a href=#>Mail</a></div>",
        "<footer><p>© 2026 NOISE Ltd. All rights reserved.</p></footer>",
        "<footer><ul><li><a href=/i>NOISE</a></li><li><a href=/p>Privacy</a></li></ul></footer>",
        "<div class='related'><h3>More</h3><ul><li><a href=/1>NOISE one</a></li><li><a href=/2>Two</a></li></ul></div>",
        "<form class='newsletter'><p>NOISE by mail.</p><input type=email><button>Send</button></form>",
    ],
)
def test_furniture_around_the_content_goes(part: str) -> None:
    text = read(f"{part}<main><h1>Mooring</h1>{PROSE}</main>{part}").text
    assert "NOISE" not in text
    assert "Paragraph 7" in text


def test_the_heading_of_links_that_went_goes_with_them() -> None:
    links = "".join(f"<a class=card href=/{n}><div>Story {n}</div></a>" for n in range(4))
    text = read(
        f"<main><h1>Mooring</h1>{PROSE}<div><h3>More stories</h3><div>{links}</div></div></main>"
    ).text
    assert "stor" not in text.lower()


def test_a_list_of_links_inside_the_content_is_content() -> None:
    links = "".join(f"<li><a href=https://x.example/{n}.pdf>Form {n}</a></li>" for n in range(4))
    assert (
        "- [Form 3](https://x.example/3.pdf)"
        in read(f"<main><h1>Forms</h1>{PROSE}<ul>{links}</ul></main>").text
    )


PANELS = [
    ("<h3><button aria-controls=p>Who pays?</button></h3><div id=p hidden><p>The owner.</p></div>", False),
    ("<a data-toggle=collapse href='#p'>Who pays?</a><div id=p class=hidden><p>The owner.</p></div>", True),
    ("<button data-bs-target='#p'>Who pays?</button><div id=p style='display:none'><p>The owner.</p></div>", True),
    ("<h4>Who pays?</h4><div style='display:none'><p>The owner.</p></div>", False),
    ("<div class=accordion-head>Who pays?</div><div style='display: none'><p>The owner.</p></div>", True),
    ("<details><summary>Who pays?</summary><p>The owner.</p></details>", True),
    ("<p><button onclick='dlg.showModal()'>Who pays?</button></p><dialog id=dlg><p>The owner.</p></dialog>", True),
    ("<dl><dt>Who pays?</dt><dd style='display:none'>The owner.</dd></dl>", True),
    ("<p role=tablist><a role=tab aria-controls=p>Who pays?</a><div id=p role=tabpanel hidden>The owner.</div>", True),
]  # fmt: skip


@pytest.mark.parametrize(("markup", "answered"), PANELS)
def test_what_a_click_unfolds_stands_under_its_title(markup: str, answered: bool) -> None:
    lines = built(f"<main><h1>Questions</h1>{PROSE}{markup}</main>")[-2:]
    if answered:
        assert lines == ["question: Who pays?", "answer: The owner. <- Who pays?"]
    else:
        assert [line.lstrip("heading: #") for line in lines] == ["Who pays?", "paragraph: The owner."]


@pytest.mark.parametrize(
    "markup",
    [
        "<div style='display:none'>SECRET</div>",
        "<p hidden>SECRET</p>",
        "<h2>Title</h2><p hidden>SECRET</p>",
        "<div class='d-none'>SECRET</div>",
        "<span aria-hidden=true>SECRET</span>",
        "<template><p>SECRET</p></template>",
        "<dialog><p>SECRET</p></dialog>",
        "<div class='internal'><p>SECRET</p></div>",
        "<div id=menu role=dialog style='display:none'><p>SECRET</p></div>",
    ],
)
def test_what_nobody_can_unfold_is_not_content(markup: str) -> None:
    style = "<style>@media print {.x{display:none}} .internal{color:red;display:none}</style>"
    assert "SECRET" not in read(f"<main>{PROSE}{markup}</main>", style).text


@pytest.mark.parametrize(
    ("style", "markup"),
    [
        ("", "<div class='d-none d-md-block'><p>SEEN</p></div>"),
        ("", "<div class='hidden-costs'><p>SEEN</p></div>"),
        (".tab{display:none} .tab.open{display:block}", "<div class=tab><p>SEEN</p></div>"),
        ("@media print{.page{display:none}}", "<div class=page><p>SEEN</p></div>"),
    ],
)
def test_what_is_hidden_only_sometimes_is_content(style: str, markup: str) -> None:
    assert "SEEN" in read(f"<main>{PROSE}{markup}</main>", f"<style>{style}</style>").text


def test_pages_inside_the_page_and_what_stands_in_for_them_are_read() -> None:
    text = read(
        f"<main>{PROSE}<iframe srcdoc='&lt;p&gt;Inner page&lt;/p&gt;'></iframe><object><p>Stand-in</p></object>"
        "<x-box><template shadowrootmode=open><p>Shadow</p></template></x-box></main>"
    ).text
    assert text.endswith("Inner page\n\nStand-in\n\nShadow")


def test_the_storage_format_of_confluence_is_read() -> None:
    lines = built(
        "<ac:structured-macro ac:name='info'><ac:rich-text-body><p>Only members.</p></ac:rich-text-body>"
        "</ac:structured-macro>"
        "<ac:structured-macro ac:name='code'><ac:plain-text-body><![CDATA[moor --all <x>]]></ac:plain-text-body>"
        "</ac:structured-macro><p>See <ac:link><ri:page ri:content-title='Rules'/></ac:link>.</p>"
    )
    assert lines == ["quotation", "  paragraph: Only members.", "code: ```", "paragraph: See Rules."]
