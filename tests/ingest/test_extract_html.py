"""HTML: what is content, how it becomes lines, and how its characters are found."""

import pytest

from ingest.extract import Extracted, extract


def read(body: str, head: str = "") -> Extracted:
    return extract(
        f"<!doctype html><html><head>{head}</head><body>{body}</body></html>".encode(), "page.html"
    )


PROSE = (
    "<p>The device starts when the green button is held for three seconds, unless the lid is open.</p>" * 8
)


def test_hidden_elements_and_scripts_are_not_content() -> None:
    extracted = read(
        "<p>Seen.</p><p hidden>No1</p><p style='color:red; display: none'>No2</p><p aria-hidden=true>No3</p>"
        "<script>No4</script><style>No5</style><noscript>No6</noscript><template>No7</template>"
        "<div style='visibility:hidden'><p>No8</p></div><!-- No9 --><input value=No10>"
    )
    assert extracted.text == "Seen."


def test_what_a_page_shows_without_scripts_is_content_but_the_request_for_scripts() -> None:
    extracted = read(
        "<p>Seen.</p><noscript><p>High water is at <b>04:15</b> and 16:40.</p></noscript>"
        "<noscript>Please enable JavaScript in your browser.</noscript><noscript><img src=a alt='A photo'></noscript>"
    )
    assert extracted.text == "Seen.\n\nHigh water is at 04:15 and 16:40."


def test_navigation_footer_and_cookie_banner_go() -> None:
    extracted = read(
        "<header><a href=/>Home</a></header><nav><a href=/a>Products</a></nav>"
        f"<div class='cookie-banner'>We use cookies</div><main><h1>Start</h1>{PROSE}</main>"
        "<aside>Related</aside><footer>Copyright</footer>"
    )
    assert extracted.text.startswith("# Start\n\nThe device starts")
    for gone in ("Home", "Products", "cookies", "Related", "Copyright"):
        assert gone not in extracted.text


def test_the_densest_part_is_found_without_semantic_elements() -> None:
    links = "".join(f"<li><a href=/{n}>Link number {n}</a></li>" for n in range(30))
    extracted = read(
        f"<div><ul>{links}</ul></div><div><h2>Reset</h2>{PROSE}</div><div><ul>{links}</ul></div>"
    )
    assert extracted.text.startswith("## Reset")
    assert "Link number" not in extracted.text


def test_a_page_of_little_prose_is_kept_whole() -> None:
    assert read("<h1>Opening hours</h1><div>Mon-Fri 9-17</div>").text == "# Opening hours\n\nMon-Fri 9-17"


def test_content_named_like_furniture_is_kept_when_it_is_the_content() -> None:
    assert "three seconds" in read(f"<div class='sidebar-layout comments'>{PROSE}</div>").text


def test_a_name_of_furniture_on_half_of_the_page_means_something_else() -> None:
    rows = "".join(
        f"<div class='menu row'><p>Dish number {n} comes with rice and a salad.</p></div>" for n in range(40)
    )
    assert read(rows).text.count("comes with rice") == 40


def test_headings_lists_and_links_become_lines() -> None:
    extracted = read(
        "<h1>Guide <a class=headerlink href=#x>¶</a></h1><h2>Steps</h2><p>Read <a href=x>this</a> first.<br>Then:</p>"
        "<ul><li>one<ul><li>inner</li></ul></li><li><p>two</p></li></ul><ol start=3><li>c</li><li>d</li></ol><p>End</p>"
    )
    assert extracted.text == (
        "# Guide\n\n## Steps\n\nRead this first.\nThen:\n\n- one\n    - inner\n- two\n\n3. c\n4. d\n\nEnd"
    )
    assert [(h.level, h.title, h.offset) for h in extracted.headings] == [(1, "Guide", 0), (2, "Steps", 9)]


def test_tables_keep_rows_and_columns() -> None:
    extracted = read(
        "<table><caption>Prices</caption><tr><th>Plan<th>Per month<tr><td>Pro | Max<td>$20"
        "<tr><td rowspan=2>Team<td>$50<tr><td>$60</table>"
    )
    assert extracted.text == (
        "Prices\n\n| Plan | Per month |\n| --- | --- |\n| Pro \\| Max | $20 |\n| Team | $50 |\n| Team | $60 |"
    )


def test_a_table_for_layout_is_read_as_text() -> None:
    extracted = read(f"<table><tr><td><img src=x></td><td><h2>Essay</h2>{PROSE}</td></tr></table>")
    assert extracted.text.startswith("## Essay\n\nThe device")
    assert "|" not in extracted.text


def test_code_is_fenced_with_its_language_and_its_lines() -> None:
    extracted = read(
        "<p>Run <code>pip  install</code>:</p><pre><code class='language-sh'>a  b\n\tc<br>d</code></pre>"
    )
    assert extracted.text == "Run `pip install`:\n\n```sh\na  b\n\tc\nd\n```"


def test_title_and_facts_come_from_the_head() -> None:
    head = (
        "<title>Timeouts - HTTPX</title><meta name=author content='Ann'><meta property='og:site_name' content=Docs>"
        "<meta name=description content='How long to wait.'><link rel=canonical href='https://x.example/t'>"
    )
    extracted = read(f"<h1>Timeouts</h1>{PROSE}", head)
    assert extracted.title == "Timeouts"
    assert extracted.metadata == {
        "author": "Ann",
        "site": "Docs",
        "description": "How long to wait.",
        "url": "https://x.example/t",
    }
    assert read("<p>x</p>", "<title>Only  this</title>").title == "Only this"
    assert read("<p>x</p>").title == "Page"


@pytest.mark.parametrize(
    ("declared", "real"),
    [
        ("utf-8", "utf-8"),
        ("iso-8859-1", "cp1252"),
        ("windows-1251", "cp1251"),
        ("iso-8859-1", "utf-8"),
        ("utf-8", "cp1251"),
        ("unicode", "utf-16"),
        ("no-such-charset", "utf-8"),
    ],
)
def test_characters_are_found_by_mark_validity_declaration_detection(declared: str, real: str) -> None:
    words = (
        "Мы предлагаем услуги: аренда и продажа недвижимости"
        if real != "cp1252"
        else "Größe „mit“ Straße – €"
    )
    page = f"<html><head><meta charset='{declared}'></head><body><p>{words}</p></body></html>"
    assert extract(page.encode(real), "a.html").text == words


def test_a_page_drawn_by_scripts_has_a_reason() -> None:
    extracted = read("<div id=root></div><script>render()</script>")
    assert extracted.text == ""
    assert "scripts" in extracted.reason


@pytest.mark.parametrize("tag", ["div", "b", "ul><li", "table><tr><td", "blockquote"])
def test_absurd_nesting_ends_with_the_text(tag: str) -> None:
    assert "deep inside" in read(f"<{tag}>" * 3000 + "deep inside").text


def test_broken_markup_is_read_as_browsers_do() -> None:
    assert read("<p>one<p>two<b>three<p>four</i>").text == "one\n\ntwothree\n\nfour"
