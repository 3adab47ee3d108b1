"""The sample knowledge base: enough documents, every format, no dead links, boilerplate left out."""

import re
from collections import Counter
from pathlib import Path

import pytest

from ingest.extract import extract

FILES = sorted(path for path in (Path(__file__).resolve().parents[2] / "corpus").rglob("*") if path.is_file())
LINK = re.compile(r"\]\((?!https?:)([^)#]+)\)")


def test_corpus_has_thirty_documents_in_six_formats(texts: dict[str, str]) -> None:
    kinds = Counter(path.suffix for path in FILES)
    assert set(kinds) == {".md", ".html", ".pdf", ".docx", ".csv", ".jsonl"}
    assert sum(kinds.values()) >= 34
    assert len(texts) >= 60
    assert sum(key.startswith(("KB-", "T-")) for key in texts) >= 12


@pytest.mark.parametrize(
    "path", [path for path in FILES if path.suffix != ".jsonl"], ids=lambda path: str(path.name)
)
def test_file_gives_text_and_a_title(path: Path) -> None:
    extracted = extract(path.read_bytes(), path.name)
    assert len(extracted.text.split()) >= 80
    assert extracted.title
    assert extracted.notes == ()


def test_long_documents_keep_their_headings(corpus: Path) -> None:
    for name in (
        "manuals/tern-t3-user-manual.pdf",
        "contracts/roost-service-agreement.docx",
        "support/faq.md",
    ):
        extracted = extract((corpus / name).read_bytes(), name)
        assert len(extracted.headings) >= 10


def test_pdfs_have_several_pages(corpus: Path) -> None:
    for path in corpus.rglob("*.pdf"):
        assert len(extract(path.read_bytes(), path.name).pages) >= 2


def test_web_pages_lose_their_navigation(texts: dict[str, str]) -> None:
    pages = {name: text for name, text in texts.items() if name.endswith(".html")}
    assert len(pages) == 4
    for text in pages.values():
        for boilerplate in (
            "Log in",
            "Imprint",
            "two cookies",
            "newsletter",
            "siteSection",
            "All rights reserved",
        ):
            assert boilerplate not in text


def test_links_between_documents_lead_somewhere(corpus: Path) -> None:
    links = [
        (path, target) for path in corpus.rglob("*.md") for target in LINK.findall(path.read_text("utf-8"))
    ]
    assert len(links) >= 40
    assert [f"{path.name}: {target}" for path, target in links if not (path.parent / target).is_file()] == []


def test_help_desk_ids_and_titles_are_unique(texts: dict[str, str]) -> None:
    tickets = [key for key in texts if re.fullmatch(r"(KB|T)-\d+", key)]
    assert len(tickets) == len(set(tickets)) == 30


def test_addresses_and_telephone_numbers_are_reserved_ones(texts: dict[str, str]) -> None:
    everything = "\n".join(texts.values())
    hosts = set(re.findall(r"(?:https?://|@)([\w.-]+\.[a-z]+)", everything))
    assert hosts
    assert [host for host in hosts if not host.endswith("example.com")] == []
