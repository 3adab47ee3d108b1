"""What stands in Markdown files beside Markdown: facts at the top, HTML, components, pictures, marks for programs."""

import pytest

from ingest.extract import Extracted, extract
from ragchat.documents.blocks import check_blocks
from tests.support.outlines import outline


def read(source: str, name: str = "page.md") -> Extracted:
    extracted = extract(source.encode(), name)
    check_blocks(extracted.blocks, extracted.text)
    for heading in extracted.headings:
        assert heading.title.split()[0] in extracted.text[heading.offset :].split("\n")[0]
    return extracted


def built(source: str, name: str = "page.md") -> list[str]:
    extracted = read(source, name)
    return outline(extracted.blocks, extracted.text)


def test_facts_at_the_top_are_metadata_and_can_be_asked_for() -> None:
    extracted = read(
        "---\ntitle: Leave\nowner: {name: Ann}\neffective: 2026-04-01\napplies_to:\n  - Works\n  - Trade\n"
        "layout: wide\n---\nText.\n"
    )
    assert extracted.title == "Leave"
    assert extracted.text == "Owner name: Ann\nEffective: 2026-04-01\nApplies to: Works, Trade\n\nText."
    assert [block.kind for block in extracted.blocks] == ["pair", "pair", "pair", "paragraph"]
    assert extracted.metadata == {
        "owner.name": "Ann", "effective": "2026-04-01", "applies_to": "Works, Trade", "layout": "wide",
    }  # fmt: skip


def test_facts_in_toml_are_read_and_those_that_are_not_quite_yaml_too() -> None:
    assert (
        read('+++\ntitle = "Keys"\nvalid = 2027-12-31\n+++\n\nText.\n').text == "Valid: 2027-12-31\n\nText."
    )
    assert read("---\nsubject: Re: the keys\nroom:\t4\n---\nText.\n").metadata == {
        "subject": "Re: the keys",
        "room": "4",
    }


@pytest.mark.parametrize(
    "source",
    [
        "---\n\nFirst things. Second things.\n\n---\n\n# Title\n\nRest.",
        "---\n# Title\n\nFirst things.\n\n- one\n\n---\n\nRest.",
        "---\nFirst things: they matter.\nSecond things do too.\nThird as well, and more.\n\n---\nRest.",
        "---\nFirst things",
    ],
)
def test_a_rule_at_the_top_swallows_nothing(source: str) -> None:
    assert read(source).text == source


def test_html_is_rendered_and_its_blocks_are_found() -> None:
    source = (
        "<h1 align=center>Setup</h1>\n\n<p align=center><b>Plug in</b> and<br>wait.</p>\n\n"
        "<table><tr><th>Key</th><th>Use</th></tr><tr><td>F1</td><td>lock</td></tr></table>\n\n<ul><li>one</li></ul>\n"
    )
    assert built(source) == [
        "heading: # Setup",
        "paragraph: Plug in and",
        "table <- Plug in and",
        "  header: | Key | Use |",
        "  row: | F1 | lock | <- | Key | Use |",
        "list",
        "  item: - one",
    ]
    assert read(source).title == "Setup"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("H<sub>2</sub>O &amp; 7&nbsp;°dH", "H2O & 7 °dH"),
        ("10<sup>6</sup>, 1<sup>1</sup>/<sub>2</sub>", "10⁶, 1 1/2"),
        ("<s>9</s> <del>8</del> <b>7</b> <i>6</i>", "~~9~~ ~~8~~ **7** *6*"),
        ("one<br>two<br/>three", "one\ntwo\nthree"),
        ("| a<br>b | c |\n|---|---|\n| d | e |", "| a b | c |\n|---|---|\n| d | e |"),
        ("<span class=x>see</span> <a href='https://x.example'>this</a>", "see [this](https://x.example)"),
        ("mail <a@b.example>, go to <https://x.example>", "mail <a@b.example>, go to <https://x.example>"),
        ("`<br>` and ``a ` <b>`` and \\<b>", "`<br>` and ``a ` <b>`` and \\<b>"),
        ("cp <source> <your target>, 5 < 6", "cp <source> <your target>, 5 < 6"),
        ("```\n<b>&amp;</b>\n```", "```\n<b>&amp;</b>\n```"),
        ("    <b>code</b>", "    <b>code</b>"),
        ("![plan](data:image/png;base64,AAAA) ![map](map.png)", "[Image: plan] ![map](map.png)"),
        ("see ![plan][p]\n\n[p]: <data:image/png;base64,AAAA>\n", "see ![plan][p]"),
        ("new <Badge>beta</Badge> <Icon name='x' /> text", "new beta  text"),
    ],
)
def test_inside_a_line(source: str, text: str) -> None:
    assert read(source).text == text


def test_details_are_answers_to_their_summary_at_any_depth() -> None:
    source = (
        "<details open>\n<summary>Shows <b>F-9</b></summary>\n\nCheck it.\n\n<details><summary>Why?</summary>Dirt."
        "</details>\n\n</details>\n\nRest.\n"
    )
    assert read(source).text == "Shows F-9\n\nCheck it.\n\nWhy?\n\nDirt.\n\nRest."
    assert built(source) == [
        "question: Shows F-9",
        "answer <- Shows F-9",
        "  paragraph: Check it.",
        "  question: Why?",
        "  answer: Dirt. <- Why?",
        "paragraph: Rest.",
    ]


def test_opening_lines_of_notes_and_tabs_read_as_people_see_them() -> None:
    source = (
        '!!! danger "High voltage"\n    Stay away.\n\n    - really\n\n=== "Linux"\n\n    Run:\n\n        make\n\n'
        ":::tip[Know]\nThis.\n:::\n\n```{note}\nThat.\n```\n\n> [!WARNING]\n> Hot.\n"
    )
    assert read(source).text == (
        "Danger: High voltage\nStay away.\n\n- really\n\nLinux\n\nRun:\n\n    make\n\nTip: Know\nThis.\n\nNote\n"
        "That.\n\n> **Warning**\n> Hot."
    )
    assert built(source)[5:9] == [
        "question: Linux",
        "answer <- Linux",
        "  paragraph: Run:",
        "  code: make <- Run:",
    ]


def test_marks_inside_code_stay() -> None:
    source = '````\n!!! note "x"\n    y\n:::\n```{note}\n````'
    assert read(source).text == source


def test_imports_and_components_are_no_text() -> None:
    source = (
        "import {Tabs} from '../ui'\nimport x from \"y\"\n\nexport const meta = {\n  layout: 'doc'\n}\n\n"
        "# Start\n\n<Tabs items={['a', 'b']}>\n  <TabItem value=\"l\" label=\"Linux\">\n\n    Run **it**.\n\n"
        "  </TabItem>\n</Tabs>\n\n"
        '<Callout type="warning">Never dry.</Callout>\n\n{/* not this */}\n\n<Note>\n\nWait.\n\n</Note>\n'
    )
    assert built(source, "page.mdx") == [
        "heading: # Start",
        "question: Linux",
        "answer: Run **it**. <- Linux",
        "quotation",
        "  paragraph: Warning",
        "  paragraph: Never dry. <- Warning",
        "quotation",
        "  paragraph: Note",
        "  paragraph: Wait. <- Note",
    ]
