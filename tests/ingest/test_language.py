"""The language of a new collection is told by the documents that the run will read, whatever their format."""

from pathlib import Path

import docx
import pytest

from ingest.language import BYTES, guessed_language, unmarked
from ingest.sources import ScanOptions

CORPUS = Path(__file__).parents[2] / "corpus"
GERMAN = "Alle Mitarbeiter haben 28 Urlaubstage im Jahr, und was sie bis März nicht nehmen, verfällt. " * 3
ENGLISH = "There are the notes of what was said in the meetings that we had with them. " * 3


def written(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".docx":
        document = docx.Document()
        document.add_paragraph(text)
        document.save(str(path))
    else:
        path.write_text(text, encoding="utf-8")


def test_a_folder_without_text_files_is_parsed(tmp_path: Path) -> None:
    for name in "abc":
        written(tmp_path / f"{name}.docx", GERMAN)
    assert guessed_language([tmp_path]) == "de"
    written(tmp_path / "read.md", ENGLISH)
    assert guessed_language([tmp_path]) == "de", "most of the text decides, not what is easiest to read"


def test_pdf_files_are_looked_into() -> None:
    assert guessed_language(sorted((CORPUS / "manuals").glob("*.pdf"))) == "en"


def test_damaged_files_tell_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7 and then nothing")
    (tmp_path / "b.docx").write_bytes(b"PK\x03\x04" + b"\0" * 200)
    assert guessed_language([tmp_path]) is None
    assert guessed_language(["langchain:JSONLoader"]) is None


@pytest.mark.parametrize("folder", ["node_modules", ".venv", "venv", "drafts"])
def test_what_the_run_leaves_out_does_not_tell(tmp_path: Path, folder: str) -> None:
    for number in range(5):
        written(tmp_path / folder / f"{number}.md", ENGLISH)
    written(tmp_path / "z" / "urlaub.md", GERMAN)
    assert guessed_language([tmp_path], ScanOptions(exclude=("drafts",))) == "de"


def test_markup_is_left_out_in_linear_time() -> None:
    page = "<p>Das <b>ist</b><SCRIPT src=x>if (a < b) the()</SCRIPT> <style>p {}</script></style>gut<script>of the"
    assert unmarked(page).split() == ["Das", "ist", "gut"]
    assert unmarked("<script" * (BYTES // 7)).strip() == ""
    assert unmarked("<script></style>" * (BYTES // 16)).strip() == ""
    assert unmarked("<" * BYTES).strip("<") == ""
