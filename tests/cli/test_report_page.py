"""`ragchat ingest --report FILE.html`: one page that tells what a run did, safe to open whatever files are called."""

from conftest import Shell  # type: ignore[import-not-found,unused-ignore]


def test_the_page_tells_what_came_failed_and_was_passed_over(shell: Shell) -> None:
    shell.write("docs/<b>a&b.md", "# A\n\nWords.\n")
    shell.write("docs/broken.pdf", "%PDF-1.4 nothing")
    shell.write("docs/tool.exe", "MZ")
    done = shell.run("ingest", "docs", "--report", "out/report.html")
    assert done.code == 1
    page = (shell.folder / "out" / "report.html").read_text("utf-8")
    assert "&lt;b&gt;a&amp;b.md" in page
    assert "<b>a" not in page
    assert "broken.pdf" in page
    assert "program" in page
    assert "<script" not in page
    assert "out/report.html" in done.err


def test_a_page_that_cannot_be_written_says_so(shell: Shell) -> None:
    shell.write("docs/a.md", "# A\n\nWords.\n")
    shell.write("taken", "a file")
    done = shell.run("ingest", "docs", "--report", "taken/report.html")
    assert done.code == 3
    assert "Cannot write" in done.err
