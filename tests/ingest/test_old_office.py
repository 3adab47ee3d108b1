"""Office files of before 2007: by their text where LibreOffice is not installed."""

import os
import struct
from pathlib import Path

import pytest

from ingest.extract import extract
from ingest.extract.assembly.building import TextBuilder
from ingest.extract.legacy import document, word
from ingest.extract.legacy.slides import add_slides
from ragchat.documents.blocks import check_blocks
from ragchat.errors import DocumentFailed

REPOSITORY = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("RAGCHAT_EVAL_DIR", REPOSITORY.parent / "shared" / "eval")).parent
FILES = SHARED / "ingest" / "dev" / "files" / "formats"


class Streams:
    """A container by its streams."""

    title = ""

    def __init__(self, **streams: bytes) -> None:
        self._streams = {name.replace("_", " "): content for name, content in streams.items()}

    def stream(self, name: str) -> bytes:
        return self._streams[name]


def word_document(text: str, notes: str = "", *, flags: int = 0x0200) -> Streams:
    """A Word 97 document of one uncompressed and one compressed piece."""
    body = text + notes
    half = len(body) // 2
    first, second = body[:half].encode("utf-16-le"), body[half:].encode("cp1252")
    header = bytearray(1024)
    struct.pack_into("<H", header, 0x0A, flags)
    struct.pack_into("<II", header, 0x4C, len(text), len(notes))
    table = struct.pack("<III", 0, half, len(body))
    for where in (1024, 0x40000000 | 2 * (1024 + len(first))):
        table += struct.pack("<HIH", 0, where, 0)
    clx = b"\x01\x02\x00xx\x02" + struct.pack("<I", len(table)) + table
    struct.pack_into("<II", header, 0x1A2, 0, len(clx))
    return Streams(WordDocument=bytes(header) + first + second, **{"1Table": clx})


def text_of(container: Streams) -> str:
    builder = TextBuilder()
    word.add_text(builder, container)  # type: ignore[arg-type]
    check_blocks(builder.blocks, builder.text)
    return builder.text


def test_paragraphs_tables_fields_and_notes_of_word_97() -> None:
    text = "Rules\rSee \x13 HYPERLINK x \x14the form\x15 now.\rDay\x07Gate\x07\x07Sunday\x073\x07\x07Café at nine.\r"
    shown = text_of(word_document(text, "A note.\r"))
    assert shown.startswith("Rules\n\nSee the form now.\n\n| Day | Gate |")
    assert "| Sunday | 3 |" in shown
    assert shown.endswith("Café at nine.\n\nA note.")


def test_an_encrypted_one_says_so() -> None:
    with pytest.raises(DocumentFailed) as failure:
        text_of(word_document("secret\r", flags=0x0300))
    assert failure.value.code == "encrypted"


def test_a_broken_one_is_damaged() -> None:
    with pytest.raises(DocumentFailed) as failure:
        text_of(Streams(WordDocument=b"\xec\xa5", **{"0Table": b""}))
    assert failure.value.code == "damaged"


def record(kind: int, content: bytes, *, version: int = 0, instance: int = 0) -> bytes:
    return struct.pack("<HHI", version | instance << 4, kind, len(content)) + content


def test_slides_have_their_outline_and_their_boxes() -> None:
    outline = b"".join(
        [
            record(1011, struct.pack("<I", 7) + bytes(16)),
            record(3999, struct.pack("<I", 0)),
            record(4008, b"Safety week"),
            record(3999, struct.pack("<I", 1)),
            record(4000, "Helmets are worn.\rIn hall 3.".encode("utf-16-le")),
        ]
    )
    listed = record(1000, record(4080, outline, version=0xF), version=0xF)
    box = record(0xF00D, record(3999, struct.pack("<I", 4)) + record(4008, b"Ask Ida."), version=0xF)
    slide = record(1006, box, version=0xF)
    directory = record(6002, struct.pack("<II", 7 | 1 << 20, len(listed)))
    builder = TextBuilder()
    add_slides(builder, Streams(PowerPoint_Document=listed + slide + directory))  # type: ignore[arg-type]
    assert builder.text == "# Safety week\n\nHelmets are worn.\n\nIn hall 3.\n\nAsk Ida."
    assert len(builder.pages) == 1


@pytest.mark.skipif(not FILES.exists(), reason="the shared inputs are not here")
@pytest.mark.parametrize("installed", [True, False])
def test_real_files_of_both_ways(installed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not installed:
        monkeypatch.setattr(document, "converted", lambda data, suffix: None)
    for name, words in (("legacy.doc", "kept for 11 years"), ("legacy.xls", "Tool: Torque key")):
        extracted = extract((FILES / name).read_bytes(), name)
        assert words in extracted.text
        check_blocks(extracted.blocks, extracted.text)
