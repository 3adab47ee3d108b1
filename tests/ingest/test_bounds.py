"""What a file may cost: sizes are looked at before bytes, memory is a share of the machine's, time is linear."""

import os
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from ingest.extract import extract
from ingest.extract.clean import MOST_BLANKS, clean
from ingest.extract.worker import ExtractionWorker, Limits
from ingest.extract.worker.limits import LEAST_MEMORY, MOST_MEMORY, child_memory, machine_memory
from ingest.extract.worker.worker import SMALL_BYTES
from ragchat.errors import DocumentFailed
from tests.support.growth import assert_linear

GIB = 1024**3
TEXTS = {
    "blanks": ("a.txt", " "),
    "blank lines with blanks": ("a.txt", " \n"),
    "tabs": ("a.md", "\t"),
    "headings": ("a.md", "## a\n\n"),
    "bare headings": ("a.md", "# a\n"),
    "numbers in a cell": ("a.csv", "1,2.3,"),
    "header fields": ("a", "w: x\r\n x\r\n"),
    "attributes of an XML element": ("a.xml", None),
    "attributes of an HTML element": ("a.html", None),
}


def hostile(name: str, unit: str | None, size: int) -> bytes:
    if unit is None:
        attributes = " ".join(f"a{number}='1'" for number in range(size // 8))
        return f"<root><p {attributes}>word</p></root>".encode()
    return (unit * (size // len(unit)) + "x").encode()


@pytest.mark.parametrize("case", TEXTS)
def test_twice_the_text_takes_twice_the_time(case: str) -> None:
    name, unit = TEXTS[case]
    assert_linear(lambda size: extract(hostile(name, unit, size), name), 10_000)


def test_a_file_over_the_limit_is_refused_by_its_size(tmp_path: Path) -> None:
    path = tmp_path / "sparse.txt"
    with path.open("wb") as file:
        file.truncate(200 * GIB)  # a hole: reading it would take longer than any test may
    with ExtractionWorker() as worker, pytest.raises(DocumentFailed) as failure:
        worker.read(path)
    assert failure.value.code == "too_large"


def test_a_file_that_grows_while_it_is_read_is_read_to_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "proc"
    path.symlink_to("/proc/self/status")  # says that it has no size, and has
    with ExtractionWorker() as worker:
        assert b"VmRSS" in worker.read(path)
    with ExtractionWorker(Limits(max_bytes=20)) as worker, pytest.raises(DocumentFailed) as failure:
        worker.read(path)
    assert failure.value.code == "too_large"


def test_a_pipe_is_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    with ExtractionWorker() as worker, pytest.raises(DocumentFailed) as failure:
        worker.read(tmp_path / "pipe.md")
    assert failure.value.code == "unreadable"


def test_a_little_text_needs_no_process_and_much_of_it_has_the_limits_of_all() -> None:
    little, much = b"word " * 1000, b"word " * (SMALL_BYTES // 5 + 1)
    with ExtractionWorker() as worker:
        worker.extract(little, "a.txt")
        assert worker.process_ids == []
        assert worker.extract(much, "a.txt") == extract(much, "a.txt")
        assert len(worker.process_ids) == 1


def test_a_row_of_nothing_but_blanks_is_kept_no_longer_than_a_table_is_wide() -> None:
    assert clean("a" + " " * 5_000 + "b") == "a" + " " * MOST_BLANKS + "b"
    assert clean("a" + " " * MOST_BLANKS + "b") == "a" + " " * MOST_BLANKS + "b"


def test_a_sheet_whose_one_cell_is_the_last_is_read() -> None:
    from openpyxl import Workbook

    book, stream = Workbook(), BytesIO()
    sheet = book.active
    assert sheet is not None
    sheet["XFD1048576"] = "far away"
    book.save(stream)
    assert "far away" in extract(stream.getvalue(), "far.xlsx").text


def book(chapter: str, named: int = 1) -> bytes:
    """An EPUB of one chapter that its reading order names so many times."""
    container = '<container><rootfiles><rootfile full-path="c.opf"/></rootfiles></container>'
    item = '<item id="a" href="a.xhtml" media-type="application/xhtml+xml"/>'
    spine = '<itemref idref="a"/>' * named
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr("META-INF/container.xml", container)
        archive.writestr("c.opf", f"<package><manifest>{item}</manifest><spine>{spine}</spine></package>")
        archive.writestr("a.xhtml", f"<html><body>{chapter}</body></html>")
    return stream.getvalue()


def test_a_file_that_needs_more_memory_than_it_may_have_says_so() -> None:
    with ExtractionWorker(Limits(memory_bytes=320 * 1024**2)) as worker:
        with pytest.raises(DocumentFailed) as failure:
            worker.extract(book("<p>words</p>" * 2_000_000), "a.epub")
        assert failure.value.code == "too_large"
        assert worker.extract(b"<p>small</p>", "a.html").text == "small"


def test_a_book_reads_each_chapter_once_however_often_it_names_it() -> None:
    assert extract(book("<p>Once upon a time.</p>", named=3), "a.epub").text.count("Once") == 1


class TestMemory:
    def test_a_child_gets_half_of_a_small_machine_and_no_more_than_enough_of_a_large_one(self) -> None:
        assert child_memory(2 * GIB) == GIB
        assert child_memory(64 * GIB) == MOST_MEMORY
        assert child_memory(256 * 1024**2) == LEAST_MEMORY
        assert child_memory(0) == MOST_MEMORY

    def test_a_container_counts_for_what_it_may_have(self, tmp_path: Path) -> None:
        (tmp_path / "meminfo").write_text("MemTotal:       16777216 kB\n")
        (tmp_path / "cgroup").write_text("0::/pod/inner\n")
        for folder, limit in (("pod", "2147483648"), ("pod/inner", "max")):
            (tmp_path / "fs" / folder).mkdir(parents=True)
            (tmp_path / "fs" / folder / "memory.max").write_text(f"{limit}\n")
        assert machine_memory(tmp_path / "cgroup", tmp_path / "fs", tmp_path / "meminfo") == 2 * GIB

    def test_the_old_kind_of_control_group_is_read_too(self, tmp_path: Path) -> None:
        (tmp_path / "meminfo").write_text("MemTotal:       16777216 kB\n")
        (tmp_path / "cgroup").write_text("4:memory:/job\n3:cpu:/\n")
        for folder, limit in (("memory", "9223372036854771712"), ("memory/job", "1073741824")):
            (tmp_path / "fs" / folder).mkdir(parents=True, exist_ok=True)
            (tmp_path / "fs" / folder / "memory.limit_in_bytes").write_text(limit)
        assert machine_memory(tmp_path / "cgroup", tmp_path / "fs", tmp_path / "meminfo") == GIB

    def test_a_machine_that_says_nothing_is_not_guessed(self, tmp_path: Path) -> None:
        assert machine_memory(tmp_path / "no", tmp_path / "none", tmp_path / "nothing") == 0
