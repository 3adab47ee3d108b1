"""Words on pictures: read by Tesseract where it is, and told where it is not."""

import os
from pathlib import Path

import pytest

from ingest.extract import extract
from ingest.extract.ocr import picture, tesseract
from ingest.extract.pdf import document, engines
from ingest.sources.kinds import skip_by_name

REPOSITORY = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("RAGCHAT_EVAL_DIR", REPOSITORY.parent / "shared" / "eval")).parent
FILES = SHARED / "ingest" / "dev" / "files" / "formats"
DOT = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010800000000"
    "3a7e9b550000000a49444154789c63f80f00010101001bb6ee560000000049454e44ae426082"
)

needs_tesseract = pytest.mark.skipif(tesseract.program() is None, reason="Tesseract is not installed")
needs_files = pytest.mark.skipif(not FILES.exists(), reason="the shared inputs are not here")


@needs_tesseract
@needs_files
@pytest.mark.parametrize("name", ["scan.png", "scan.pdf"])
def test_a_scan_is_read(name: str) -> None:
    extracted = extract((FILES / name).read_bytes(), name)
    assert "Lost helmets cost 18 euro" in extracted.text
    assert extracted.metadata.keys() & {"ocr", "ocr_pages"}


@needs_tesseract
def test_a_picture_without_words_is_empty() -> None:
    assert extract(DOT, "dot.png").reason == "the picture shows no words that can be read"


def test_without_tesseract_pictures_are_skipped_and_scans_say_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in (picture, document, engines):
        monkeypatch.setattr(module, "program", lambda: None)
    monkeypatch.setattr("ingest.sources.kinds.recogniser", lambda: None)
    assert "tesseract-ocr" in extract(DOT, "dot.png").reason
    assert skip_by_name("scan.png") == "image"
    if FILES.exists():
        assert "tesseract-ocr" in extract((FILES / "scan.pdf").read_bytes(), "scan.pdf").reason


def test_words_that_it_is_not_sure_of_are_left_out() -> None:
    head = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext"
    rows = [
        (1, 1, 1, 1, 95.0, "Lost"), (1, 1, 1, 2, 90.0, "helmets"), (1, 1, 2, 1, 93.0, "cost"),
        (1, 2, 1, 1, 12.0, "|~"), (1, 2, 1, 2, 20.0, "ii"),
    ]  # fmt: skip
    table = "\n".join(
        [head, *(f"5\t1\t{b}\t{p}\t{line}\t{w}\t0\t0\t9\t9\t{c}\t{t}" for b, p, line, w, c, t in rows)]
    )
    assert tesseract._paragraphs(table) == ["Lost helmets\ncost"]


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("iso2022_jp", "桟橋は二つあり、朝六時に開きます。"),
        ("cp850", "Le quai est fermé à midi, où êtes-vous passé, garçon ? La marée décide."),
        ("iso8859_15", "Das Anlegen kostet 9 € für Gäste."),
        ("cp874", "ท่าเรือมีสองแห่งและเปิดเวลาหกโมงเช้าทุกวัน"),
    ],
)
def test_encodings_of_old_systems_are_told(encoding: str, words: str) -> None:
    assert words in extract((f"{words}\r\n" * 3).encode(encoding), "pier.txt").text


def test_a_sign_of_currency_far_from_numbers_is_no_euro() -> None:
    assert "¤" in extract("Zeichen ¤ für Währungen, größer.".encode("cp1252"), "x.txt").text
