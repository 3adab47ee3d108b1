"""Every real file of the evaluation data ends in text, a clear refusal or a clear error, and never stops the run."""

import re
from collections import Counter
from pathlib import Path

import pytest

from ingest.extract import Extracted
from ingest.extract.ocr.tesseract import program
from ingest.extract.worker import ExtractionWorker, Limits
from ingest.sources import scan
from ragchat.errors import DocumentFailed

FAILING = {
    "office/protected.docx": "encrypted",
    "office/truncated.docx": "damaged",
    "pdf/fuzzed_kids.pdf": "damaged",
    "pdf/fuzzed_trailer.pdf": "damaged",
    "pdf/password_non_ascii.pdf": "encrypted",
    "pdf/password_openpassword.pdf": "encrypted",
    "pdf/password_rc4_128.pdf": "encrypted",
}
SCANS = {"pdf/scan_medical_report.pdf": "3 scanned pages", "pdf/scan_one_page.pdf": "1 scanned page"}
EMPTY = SCANS if program() is None else {}
FOLDERS = ("handbook", "httpx-docs", "html", "office", "pdf")


@pytest.fixture(scope="module")
def results(eval_dir: Path) -> dict[str, Extracted | DocumentFailed]:
    found: dict[str, Extracted | DocumentFailed] = {}
    with ExtractionWorker(Limits(seconds=20)) as worker:
        for folder in FOLDERS:
            for file in scan(eval_dir / "files" / folder):
                try:
                    found[f"{folder}/{file.key}"] = worker.extract(file.path)
                except DocumentFailed as failure:
                    found[f"{folder}/{file.key}"] = failure
    return found


def test_every_file_is_found_and_ends_as_it_should(results: dict[str, Extracted | DocumentFailed]) -> None:
    assert len(results) == 16 + 23 + 20 + 25 + 20
    failed = {key: result.code for key, result in results.items() if isinstance(result, DocumentFailed)}
    assert failed == FAILING
    empty = {key: r.reason for key, r in results.items() if isinstance(r, Extracted) and not r.text}
    assert empty.keys() == EMPTY.keys()
    for key, part in EMPTY.items():
        assert part in empty[key]


def test_offsets_fit_and_texts_are_clean(results: dict[str, Extracted | DocumentFailed]) -> None:
    for key, result in results.items():
        if isinstance(result, DocumentFailed):
            continue
        text = result.text
        assert result.title.strip(), key
        assert "\n\n\n" not in text, key
        assert "\r" not in text, key
        assert text == text.strip("\n"), key
        text.encode("utf-8")
        assert list(result.pages) == sorted(result.pages), key
        assert all(0 <= page <= len(text) for page in result.pages), key
        offsets = [heading.offset for heading in result.headings]
        assert offsets == sorted(offsets), key
        for heading in result.headings:
            assert heading.offset == 0 or text[heading.offset - 1] in "\n >", (key, heading)
            first = re.findall(r"\w+", heading.title)[:1]
            assert all(word in text[heading.offset : heading.offset + 400] for word in first), (key, heading)


def test_pages_match_the_pages_of_the_file(results: dict[str, Extracted | DocumentFailed]) -> None:
    counts = {"broken_page_content": 19, "invoice_multipage": 3, "protected_41_pages": 41, "multi_page": 5}
    for name, count in counts.items():
        result = results[f"pdf/{name}.pdf"]
        assert isinstance(result, Extracted)
        assert len(result.pages) == count


def test_characters_of_lying_and_noisy_pages_are_right(
    results: dict[str, Extracted | DocumentFailed],
) -> None:
    expected = {
        "html/misleading-charset.html": "اللغة العربية",
        "html/noisy-meta-encoding.html": "الاتحاد الجزائري",
        "html/big-preamble.html": "недвижимости",
        "html/two-titles.html": "head section",
        "office/shift_jis.csv": "名前: 佐藤太郎; 年齢: 30; 住所: 東京",
        "pdf/no_startxref.pdf": " ",
        "pdf/empty_password_aes256.pdf": "",
    }
    for key, part in expected.items():
        result = results[key]
        assert isinstance(result, Extracted)
        assert part in result.text, key


def test_hidden_text_of_a_page_does_not_appear(results: dict[str, Extracted | DocumentFailed]) -> None:
    result = results["html/hidden-nodes.html"]
    assert isinstance(result, Extracted)
    assert result.text.endswith("\n\n## Secondary header\n\n## Third header")


ROWS = (".csv", ".xlsx")
"""Formats whose rows repeat the header by design: only recall says something about them."""


@pytest.mark.parametrize(("kind", "floor"), [("html", 0.97), ("office", 0.93), ("pdf", 0.9)])
def test_words_agree_with_the_reference_texts(
    results: dict[str, Extracted | DocumentFailed], eval_dir: Path, kind: str, floor: float
) -> None:
    scores = {}
    for path in sorted((eval_dir / "files" / "expected" / kind).iterdir()):
        key = f"{kind}/{path.name.removesuffix('.md')}"
        result = results[key]
        assert isinstance(result, Extracted)
        precision, recall, f1 = agreement(result.text, reference(path))
        assert precision > 0.5, key
        scores[key] = recall if key.endswith(ROWS) else f1
    assert sum(scores.values()) / len(scores) >= floor, scores


def reference(path: Path) -> str:
    text = path.read_text("utf-8")
    if path.suffix != ".html":
        return text
    from selectolax.lexbor import LexborHTMLParser

    body = LexborHTMLParser(text).body
    assert body is not None
    return str(body.text(separator=" "))


def agreement(found: str, expected: str) -> tuple[float, float, float]:
    """Precision, recall and their harmonic mean over bags of words; addresses of links are none."""
    a, b = (
        Counter(re.findall(r"\w+", re.sub(r"\]\([^()\s]*\)", "]", text.lower())))
        for text in (found, expected)
    )
    common = (a & b).total()
    return common / a.total(), common / b.total(), 2 * common / (a.total() + b.total())
