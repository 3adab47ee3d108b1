"""The worker process: the same texts, and hangs, crashes and hungry files that cost only themselves."""

import os
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Timer

import pytest

from ingest.extract import extract
from ingest.extract.worker import ExtractionWorker, Limits
from ingest.extract.worker.limits import MOST_CHILDREN, children_here
from ingest.extract.worker.process import RECYCLE_MEMORY_BYTES
from ragchat.errors import DocumentFailed

PdfMaker = Callable[..., bytes]
HTML = b"<!doctype html><title>T</title><meta name=author content=Ann><h1>One</h1><p>two</p>"


def endless_pdf() -> bytes:
    """A page whose content is a form that draws itself many times over on each of many levels."""
    objects = ["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>"]
    objects.append(
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</XObject<</F 5 0 R>>>>>>"
    )
    objects.append("<</Length 5>>stream\n/F Do\nendstream")
    for level in range(5, 30):
        body = "/F Do " * 30
        objects.append(
            f"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</F {level + 1} 0 R>>>>"
            f"/Length {len(body)}>>stream\n{body}\nendstream"
        )
    objects.append("<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Length 0>>stream\n\nendstream")
    body = b"%PDF-1.4\n"
    offsets = []
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += f"{number} 0 obj{content}endobj\n".encode()
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    count = len(objects) + 1
    trailer = f"trailer<</Size {count}/Root 1 0 R>>\nstartxref\n{len(body)}\n%%EOF"
    return body + f"xref\n0 {count}\n0000000000 65535 f \n{table}{trailer}".encode()


def hungry_pdf() -> bytes:
    """A page whose content stream unpacks to half a gigabyte."""
    packer = zlib.compressobj(1)
    block = b" " * (1 << 24)
    packed = b"".join(packer.compress(block) for _ in range(32)) + packer.flush()
    head = (
        "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>endobj\n"
        f"4 0 obj<</Filter/FlateDecode/Length {len(packed)}>>stream\n"
    )
    return head.encode() + packed + b"\nendstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF"


def test_the_worker_gives_what_the_extractor_gives(make_pdf: PdfMaker, tmp_path: Path) -> None:
    pdf = make_pdf([["1 One"], ["2 Two"]], outline=[("One", 0, 0), ("Two", 1, 0)])
    (tmp_path / "a.md").write_text("# A\n")
    with ExtractionWorker() as worker:
        assert worker.extract(HTML, "a.html") == extract(HTML, "a.html")
        assert worker.extract(pdf, "a.pdf") == extract(pdf, "a.pdf")
        assert worker.extract(tmp_path / "a.md") == extract(b"# A\n", "a.md")


def test_plain_formats_need_no_process() -> None:
    with ExtractionWorker() as worker:
        worker.extract(b"# A\n", "a.md")
        worker.extract(b"a,b\n1,2\n", "a.csv")
        assert worker.process_ids == []
        worker.extract(HTML, "a.html")
        assert len(worker.process_ids) == 1


def test_one_process_serves_many_files_and_ends_with_the_worker() -> None:
    with ExtractionWorker() as worker:
        ids = {(worker.extract(HTML, f"{n}.html").title, worker.process_ids[0]) for n in range(5)}
        ((_, process_id),) = ids
    assert process_id is not None
    with pytest.raises(ProcessLookupError):
        os.kill(process_id, 0)


def test_a_failure_keeps_its_code_and_the_process(make_pdf: PdfMaker) -> None:
    with ExtractionWorker() as worker:
        worker.extract(HTML, "a.html")
        before = worker.process_ids[0]
        with pytest.raises(DocumentFailed) as failure:
            worker.extract(make_pdf([["x"]], password="pw"), "a.pdf")
        assert failure.value.code == "encrypted"
        assert failure.value.hint
        assert worker.process_ids[0] == before


def test_a_file_that_never_ends_is_stopped_and_the_next_is_read() -> None:
    began = time.monotonic()
    with ExtractionWorker(Limits(seconds=2.0)) as worker:
        with pytest.raises(DocumentFailed) as failure:
            worker.extract(endless_pdf(), "loop.pdf")
        assert failure.value.code == "timeout"
        assert worker.extract(HTML, "a.html").text
    assert time.monotonic() - began < 30


def test_a_crash_costs_the_file_only() -> None:
    with ExtractionWorker() as worker:
        worker.extract(HTML, "a.html")
        assert len(worker.process_ids) == 1
        crash = Timer(0.5, os.kill, (worker.process_ids[0], signal.SIGSEGV))
        crash.start()
        with pytest.raises(DocumentFailed) as failure:
            worker.extract(endless_pdf(), "crash.pdf")
        assert failure.value.code == "crashed"
        assert "SIGSEGV" in failure.value.message
        assert worker.extract(HTML, "c.html").title == "T"


def test_a_process_that_died_between_files_costs_nothing() -> None:
    with ExtractionWorker() as worker:
        worker.extract(HTML, "a.html")
        first = worker.process_ids[0]
        assert first is not None
        os.kill(first, signal.SIGKILL)
        os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)
        assert worker.extract(HTML, "b.html").title == "T"
        assert worker.process_ids[0] != first


def test_a_hungry_file_meets_the_memory_limit_not_the_machine() -> None:
    with ExtractionWorker(Limits(memory_bytes=300 * 1024 * 1024)) as worker:
        assert ending(worker, hungry_pdf()) in ("too_large", "damaged", "crashed", "empty")
        assert worker.extract(HTML, "a.html").text


def ending(worker: ExtractionWorker, data: bytes) -> str:
    try:
        return "text" if worker.extract(data, "a.pdf").text else "empty"
    except DocumentFailed as failure:
        return failure.code


def test_a_file_over_the_cap_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "big.txt"
    path.write_bytes(b"x" * 2000)
    with ExtractionWorker(Limits(max_bytes=1000)) as worker, pytest.raises(DocumentFailed) as failure:
        worker.extract(path)
    assert failure.value.code == "too_large"


def test_a_file_that_is_gone_is_unreadable(tmp_path: Path) -> None:
    with ExtractionWorker() as worker, pytest.raises(DocumentFailed) as failure:
        worker.extract(tmp_path / "gone.pdf")
    assert failure.value.code == "unreadable"


def test_importing_the_extractors_imports_no_parser() -> None:
    code = (
        "import sys, ingest.extract, ingest.extract.worker, ingest.sources\n"
        "heavy = {'pypdf', 'pypdfium2', 'docx', 'lxml', 'selectolax', 'markdown_it', 'charset_normalizer'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_large_parent_does_not_make_its_child_look_worn() -> None:
    ballast = b"x" * (RECYCLE_MEMORY_BYTES + 50_000_000)
    with ExtractionWorker() as worker:
        worker.extract(HTML, "a.html")
        first = worker.process_ids[0]
        worker.extract(HTML, "b.html")
        assert worker.process_ids[0] == first is not None
    assert ballast


def test_several_files_are_read_side_by_side_each_in_a_process_of_its_own(make_pdf: PdfMaker) -> None:
    pdfs = {f"{n}.pdf": make_pdf([[f"{n} words"]]) for n in range(6)}
    with ExtractionWorker(Limits(seconds=20.0), children=2) as worker, ThreadPoolExecutor(6) as pool:
        endless = pool.submit(worker.extract, endless_pdf(), "loop.pdf")
        while not worker.process_ids:
            time.sleep(0.01)
        read = pool.map(worker.extract, pdfs.values(), pdfs)
        assert [one.text.split()[0] for one in read] == ["0", "1", "2", "3", "4", "5"]
        assert not endless.done(), "the others did not wait for it"
        assert len(worker.process_ids) == 2
        first, second = worker.process_ids
        worker.close()
        with pytest.raises(DocumentFailed):
            endless.result(20)
        assert worker.process_ids == []
        assert worker.extract(HTML, "a.html").title == "T"
    for process_id in (first, second):
        with pytest.raises(ProcessLookupError):
            os.kill(process_id, 0)


def test_no_more_children_than_the_memory_bounds() -> None:
    gib = 1024**3
    assert [children_here(cores, 64 * gib) for cores in (1, 2, 4, 32)] == [1, 2, 4, MOST_CHILDREN]
    assert children_here(8, 8 * gib) == 3
    assert [children_here(8, machine) for machine in (4 * gib, gib, 1)] == [1, 1, 1]
    assert children_here(2, 0) == 2
