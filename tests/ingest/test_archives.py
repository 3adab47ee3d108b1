"""Documents inside files: each is a document of its own, is updated and goes with its file, and no bomb unpacks."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from pathlib import Path

import pytest

from ingest.extract import extract
from ingest.extract.worker import ExtractionWorker
from ingest.options import IngestOptions
from ingest.run import ingest
from ragchat.corpus.local.store import LocalStore
from ragchat.errors import DocumentFailed
from ragchat.models.minilm import MiniLMEmbedder

GATE = b"# Gate\n\nThe gate is locked at nine.\n"
FEES = b"Fee,Sum\nLate return,7\n"


def zipped(**files: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_in_", "/").replace("_dot_", "."), content)
    return held.getvalue()


def tarred(**files: bytes) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name.replace("_in_", "/").replace("_dot_", "."))
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return held.getvalue()


BUNDLE = {
    "rules_in_gate_dot_md": GATE,
    "fees_dot_csv": FEES,
    "__MACOSX_in_x_dot_md": b"no",
    "logo_dot_png": b"\x89PNG",
}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("bundle.zip", zipped(**BUNDLE)),
        ("bundle.tar", tarred(**BUNDLE)),
        ("bundle.tgz", gzip.compress(tarred(**BUNDLE))),
        ("bundle.tar.bz2", bz2.compress(tarred(**BUNDLE))),
        ("bundle.txz", lzma.compress(tarred(**BUNDLE))),
    ],
    ids=["zip", "tar", "tgz", "tar.bz2", "txz"],
)
def test_every_document_inside_is_read(name: str, content: bytes) -> None:
    with ExtractionWorker() as worker:
        extracted = worker.extract(content, name)
    assert extracted.text == ""
    found = {part.name: part.extracted for part in extracted.parts}
    assert set(found) == {"rules/gate.md", "fees.csv"}
    assert found["rules/gate.md"] is not None
    assert found["rules/gate.md"].title == "Gate"
    assert extracted.notes


def test_a_packed_file_is_its_content() -> None:
    (part,) = extract(gzip.compress(GATE), "gate.md.gz").parts
    assert (part.name, part.extracted and part.extracted.title) == ("gate.md", "Gate")


def test_archives_inside_archives_end() -> None:
    inner = zipped(gate_dot_md=GATE)
    assert [part.name for part in extract(zipped(inner_dot_zip=inner), "a.zip").parts] == [
        "inner.zip/gate.md"
    ]
    for _ in range(6):
        inner = zipped(inner_dot_zip=inner)
    (part,) = extract(inner, "deep.zip").parts
    assert (part.extracted, part.code) == (None, "unsupported")


def test_one_that_cannot_be_read_fails_by_its_name() -> None:
    parts = {
        part.name: part for part in extract(zipped(a_dot_docx=b"PK\x03\x04x", b_dot_md=GATE), "a.zip").parts
    }
    assert parts["a.docx"].code == "damaged"
    assert parts["b.md"].extracted is not None


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (gzip.compress(bytes(500 * 1024 * 1024), 9), "bomb.gz", "too_large"),
        (zipped(a_dot_md=GATE)[:40], "cut.zip", "damaged"),
        (gzip.compress(GATE)[:20], "cut.gz", "damaged"),
    ],
    ids=["bomb", "cut zip", "cut gz"],
)
def test_bombs_and_damage_are_refused(content: bytes, name: str, code: str) -> None:
    with pytest.raises(DocumentFailed) as failure:
        extract(content, name)
    assert failure.value.code == code


def test_names_that_lead_out_are_names_inside() -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("../../etc/gate.md", GATE)
    assert [part.name for part in extract(held.getvalue(), "a.zip").parts] == ["etc/gate.md"]


def test_a_broken_member_does_not_spoil_the_others() -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("a.md", GATE)
        archive.writestr("b.md", b"# Broken\n\nXYZXYZ\n")
    content = held.getvalue().replace(b"XYZXYZ", b"XYZXYQ", 1)
    parts = {part.name: part for part in extract(content, "a.zip").parts}
    assert parts["a.md"].extracted is not None
    assert parts["b.md"].code == "damaged"


def test_a_tar_that_is_cut_off_is_damaged() -> None:
    whole = tarred(a_dot_md=GATE, b_dot_md=GATE)
    with pytest.raises(DocumentFailed) as failure:
        extract(whole[:1500], "a.tar")
    assert failure.value.code == "damaged"


def test_only_what_changed_inside_is_a_change(embedder: MiniLMEmbedder, tmp_path: Path) -> None:
    folder, store = tmp_path / "docs", LocalStore(tmp_path / "index")
    folder.mkdir()
    pages = {f"p_in_{n}_dot_md": f"# Page {n}\n\nWords of page {n}.\n".encode() for n in range(14)}
    bundle = folder / "message-1"
    bundle.write_bytes(zipped(**pages, broken_dot_docx=b"PK\x03\x04x"))
    (folder / "x.md").write_text("# X\n\nOther words.\n")
    ingest([folder], store, embedder)
    again = ingest([folder], store, embedder)
    assert (again.documents["unchanged"], again.documents["failed"], again.published) == (15, 1, False)
    bundle.write_bytes(zipped(**(pages | {"p_in_3_dot_md": b"# Page 3\n\nNew words.\n"})))
    changed = ingest([folder], store, embedder)
    assert (changed.documents["updated"], changed.documents["unchanged"]) == (1, 14)
    quiet = ingest([folder], store, embedder)
    assert (quiet.documents["unchanged"], quiet.published) == (15, False)
    moved = {name.replace("p_in_", "q_in_"): content for name, content in pages.items()}
    bundle.write_bytes(zipped(**moved))
    report = ingest([folder], store, embedder)
    assert report.documents["renamed"] >= 13


@pytest.fixture(scope="module")
def embedder() -> MiniLMEmbedder:
    return MiniLMEmbedder(threads=1)


def keys(store: LocalStore, embedder: MiniLMEmbedder) -> dict[str, str]:
    with store.open(embedder=embedder.spec) as generation:
        return {document.key: document.title for document in generation.documents()}


def test_documents_inside_follow_their_file(embedder: MiniLMEmbedder, tmp_path: Path) -> None:
    folder, store = tmp_path / "docs", LocalStore(tmp_path / "index")
    folder.mkdir()
    bundle = folder / "bundle.zip"
    bundle.write_bytes(zipped(gate_dot_md=GATE, fees_dot_csv=FEES))
    (folder / "other.md").write_text("# Other\n\nThe cellar is open from six.\n")
    first = ingest([folder], store, embedder)
    assert first.documents["added"] == 3
    assert keys(store, embedder) == {
        "bundle.zip#/gate.md": "Gate", "bundle.zip#/fees.csv": "Fees", "other.md": "Other",
    }  # fmt: skip
    bundle.touch()
    again = ingest([folder], store, embedder)
    assert (again.documents["unchanged"], again.chunks.embedded) == (3, 0)
    bundle.write_bytes(zipped(gate_dot_md=GATE.replace(b"nine", b"ten")))
    ingest([folder], store, embedder, IngestOptions(allow_deletes=True))
    assert set(keys(store, embedder)) == {"bundle.zip#/gate.md", "other.md"}
    bundle.unlink()
    ingest([folder], store, embedder, IngestOptions(allow_deletes=True))
    assert set(keys(store, embedder)) == {"other.md"}


def test_a_part_that_failed_is_told_again(embedder: MiniLMEmbedder, tmp_path: Path) -> None:
    folder, store = tmp_path / "docs", LocalStore(tmp_path / "index")
    folder.mkdir()
    (folder / "bundle.zip").write_bytes(zipped(a_dot_docx=b"PK\x03\x04x", b_dot_md=GATE))
    for _ in range(2):
        report = ingest([folder], store, embedder)
        assert [failure.key for failure in report.failures] == ["bundle.zip#/a.docx"]
