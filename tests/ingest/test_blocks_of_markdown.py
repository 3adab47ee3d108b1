"""What the parser of Markdown knows of a text's build is kept: lists, steps, tables, notes, tabs, definitions."""

import pytest

from ingest.extract.markdown.blocks import markdown_blocks
from ingest.extract.markdown.parser import Flavour
from ragchat.documents.blocks import check_blocks
from tests.support.outlines import outline


def built(text: str, flavour: Flavour = "markdown") -> list[str]:
    blocks = markdown_blocks(text, flavour)
    check_blocks(blocks, text)
    return outline(blocks, text)


def test_headings_hold_what_stands_under_them_and_lists_their_lead_in() -> None:
    text = "# Care\n\nBefore use. Do this:\n\n1. Open\n   - gently\n2. Close\n\n## Parts\n\n- hose\n"
    assert built(text) == [
        "heading: # Care",
        "paragraph: Before use. Do this:",
        "list <- Do this:",
        "  step: 1. Open",
        "    list <- 1. Open",
        "      item: - gently",
        "  step: 2. Close",
        "heading: ## Parts",
        "list",
        "  item: - hose",
    ]


def test_rows_are_led_by_their_header_and_tables_by_what_introduces_them() -> None:
    text = "Prices:\n\n| Zone | Fee |\n| --- | --- |\n| A | 4 |\n| B | 7 |\n"
    assert built(text) == [
        "paragraph: Prices:",
        "table <- Prices:",
        "  header: | Zone | Fee |",
        "  row: | A | 4 | <- | Zone | Fee |",
        "  row: | B | 7 | <- | Zone | Fee |",
    ]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ('!!! danger "High voltage"\n    Stay away.\n\n    Call a fitter.\n', '!!! danger "High voltage"'),
        (":::tip Know this\nStay away.\n\nCall a fitter.\n:::\n", ":::tip Know this"),
        ("```{warning} Beware\nStay away.\n\nCall a fitter.\n```\n", "```{warning} Beware"),
    ],
    ids=["MkDocs", "Docusaurus", "MyST"],
)
def test_a_note_is_a_quotation_whose_paragraphs_are_read_under_its_title(text: str, title: str) -> None:
    assert built(text) == [
        "quotation",
        f"  paragraph: {title}",
        f"  paragraph: Stay away. <- {title}",
        f"  paragraph: Call a fitter. <- {title}",
    ]


def test_an_alert_of_github_is_the_quotation_that_it_is() -> None:
    assert built("> [!NOTE]\n> Wait.\n") == ["quotation", "  paragraph: > [!NOTE]"]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ('=== "Linux"\n\n    Run this:\n\n        make\n', '=== "Linux"'),
        ('??? question "And then?"\n    Run this:\n\n        make\n', '??? question "And then?"'),
        (":::details More\nRun this:\n\n    make\n:::\n", ":::details More"),
        ("```{tab-item} Linux\nRun this:\n\n    make\n```\n", "```{tab-item} Linux"),
    ],
    ids=["tab", "folded", "details", "MyST"],
)
def test_what_unfolds_is_an_answer_to_its_title(text: str, title: str) -> None:
    assert built(text)[:4] == [
        f"question: {title}",
        f"answer <- {title}",
        "  paragraph: Run this:",
        "  code: make <- Run this:",
    ]


def test_a_line_of_equal_signs_still_underlines_a_heading() -> None:
    assert built("Title\n===\n\nText.") == ["heading: Title", "paragraph: Text."]


def test_definitions_are_pairs_and_footnotes_are_footnotes() -> None:
    text = "Words used:\n\nSump\n: Lowest part\n\nPurge\n: To blow out\n: also to clean\n\nSee[^1].\n\n"
    text += "[^1]: A note\n    goes on.\n\n[x]: http://a.b\n"
    assert built(text) == [
        "paragraph: Words used:",
        "list <- Words used:",
        "  pair: Sump",
        "  pair: Purge",
        "paragraph: See[^1].",
        "footnote: [^1]: A note",
        "footnote: [x]: http://a.b",
    ]


def test_a_fence_of_code_is_code_whatever_it_holds() -> None:
    text = "```yaml\n!!! note\n    # no heading\nkey: value\nother: value\n```\n"
    assert built(text) == ["code: ```yaml"]


def test_loose_text_has_no_underlined_headings_and_plain_text_none_at_all() -> None:
    text = "# One\n\nTwo\n---\n"
    assert built(text, "loose") == ["heading: # One", "paragraph: Two"]
    assert built(text, "plain") == ["paragraph: # One", "paragraph: Two"]


def test_plain_text_keeps_its_lists() -> None:
    assert built("You need:\n- a key\n- a lamp\n\n1. Go in.\n2. Look.", "plain") == [
        "paragraph: You need:",
        "list <- You need:",
        "  item: - a key",
        "  item: - a lamp",
        "list",
        "  step: 1. Go in.",
        "  step: 2. Look.",
    ]
