"""LangChain's document loaders as sources."""

from pathlib import Path

import pytest

from ingest.options import IngestOptions
from ingest.run import ingest
from ragchat.corpus.local.store import LocalStore
from ragchat.errors import UsageError
from tests.support.vectors import HashEmbedder


def counts(home: LocalStore, source: str) -> dict[str, int]:
    report = ingest([source], home, HashEmbedder(), IngestOptions())
    return {status: number for status, number in report.documents.items() if number}


def test_the_documents_of_a_loader_are_indexed_and_synced_by_content(tmp_path: Path) -> None:
    table = tmp_path / "prices.csv"
    table.write_text("plan,price\nStarter,9\nTeam,49\n", encoding="utf-8")
    home = LocalStore(tmp_path / "indexes" / "default")
    source = f"langchain:CSVLoader?file_path={table}"
    assert counts(home, source) == {"added": 2}
    assert counts(home, source) == {"unchanged": 2}
    table.write_text("plan,price\nStarter,9\nTeam,59\nBig,99\n", encoding="utf-8")
    assert counts(home, source) == {"added": 1, "updated": 1, "unchanged": 1}
    with home.open() as generation:
        assert any("price: 59" in generation.read_document(d.id).text for d in generation.documents())


def test_a_loader_that_fails_removes_nothing(tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("The boiler is serviced in May.", encoding="utf-8")
    home = LocalStore(tmp_path / "indexes" / "default")
    source = f"langchain:TextLoader?file_path={notes}"
    assert counts(home, source) == {"added": 1}
    notes.unlink()
    assert counts(home, source) == {"failed": 1}
    with home.open() as generation:
        assert generation.document_count == 1


@pytest.mark.parametrize("source", ["langchain:NoSuchLoader", "langchain:TextLoader?wrong=1"])
def test_what_is_no_loader_is_said_before_anything_is_done(tmp_path: Path, source: str) -> None:
    home = LocalStore(tmp_path / "indexes" / "default")
    with pytest.raises(UsageError, match="Loader"):
        ingest([source], home, HashEmbedder(), IngestOptions())
    assert home.current() is None
