"""What leaves the index, and what only seems to."""

import json
from pathlib import Path

import pytest

from ingest.options import IngestOptions
from ingest.removals import matched, require_few
from ingest.run import ingest
from ragchat.corpus.local.store import LocalStore
from ragchat.corpus.values import KnownDocument
from ragchat.errors import PublishRefused
from tests.support.vectors import HashEmbedder


def known(key: str, content: str = "bytes") -> KnownDocument:
    return KnownDocument(f"id-{key}", key, content, 1, 1, "options")


@pytest.fixture
def home(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "indexes" / "default")


def counts(home: LocalStore, *paths: Path) -> dict[str, int]:
    report = ingest(list(paths), home, HashEmbedder(), IngestOptions())
    return {status: number for status, number in report.documents.items() if number}


def keys(home: LocalStore) -> set[str]:
    with home.open() as generation:
        return {document.key for document in generation.documents(limit=1000)}


def test_each_new_document_takes_the_place_of_at_most_one_that_went() -> None:
    found = matched([known("a"), known("b"), known("c"), known("d", "other")], {"bytes": ["x", "y"]})
    assert {new: old.key for new, old in found.renamed.items()} == {"x": "a", "y": "b"}
    assert [document.key for document in found.removed] == ["c", "d"]


@pytest.mark.parametrize(("removed", "synced", "stops"), [(10, 10, False), (11, 40, False), (11, 20, True)])
def test_only_many_and_much_at_once_stops(removed: int, synced: int, stops: bool) -> None:
    gone = [known(str(number)) for number in range(removed)]
    if not stops:
        require_few(gone, synced)
        return
    with pytest.raises(PublishRefused, match=f"remove {removed} of {synced}"):
        require_few(gone, synced)


def test_a_renamed_folder_and_a_parent_that_takes_over_are_not_deletions(
    home: LocalStore, tmp_path: Path
) -> None:
    folder = tmp_path / "kb" / "a"
    folder.mkdir(parents=True)
    for number in range(30):
        (folder / f"{number}.md").write_text(f"# {number}\n\nNote {number}.\n", encoding="utf-8")
    assert counts(home, folder) == {"added": 30}
    assert counts(home, tmp_path / "kb") == {"renamed": 30}
    folder.rename(tmp_path / "kb" / "b")
    assert counts(home, tmp_path / "kb") == {"renamed": 30}
    assert keys(home) == {f"b/{number}.md" for number in range(30)}


def test_an_emptied_folder_stops_the_run(home: LocalStore, tmp_path: Path) -> None:
    folder = tmp_path / "kb"
    folder.mkdir()
    for number in range(12):
        (folder / f"{number}.md").write_text(f"# {number}\n\nNote {number}.\n", encoding="utf-8")
    counts(home, folder)
    for path in folder.iterdir():
        path.unlink()
    with pytest.raises(PublishRefused):
        counts(home, folder)
    assert len(keys(home)) == 12


def lines(*numbers: int) -> str:
    return "".join(json.dumps({"id": n, "text": f"Answer number {n}."}) + "\n" for n in numbers)


def test_a_torn_export_removes_nothing_and_a_whole_one_does(home: LocalStore, tmp_path: Path) -> None:
    export = tmp_path / "faq.jsonl"
    export.write_text(lines(*range(8)), encoding="utf-8")
    assert counts(home, export) == {"added": 8}
    export.write_text(lines(*range(8))[:100], encoding="utf-8")
    assert counts(home, export) == {"unchanged": 2, "failed": 1}
    assert len(keys(home)) == 8
    export.write_text(lines(0, 1, 2), encoding="utf-8")
    assert counts(home, export) == {"unchanged": 3, "removed": 5}


def test_a_failed_line_is_reported_again_until_it_is_mended(home: LocalStore, tmp_path: Path) -> None:
    export = tmp_path / "faq.jsonl"
    export.write_text(lines(1) + "{broken\n", encoding="utf-8")
    assert counts(home, export) == {"added": 1, "failed": 1}
    assert counts(home, export) == {"unchanged": 1, "failed": 1}
    export.write_text(lines(1, 2), encoding="utf-8")
    assert counts(home, export) == {"unchanged": 1, "added": 1}
    assert counts(home, export) == {"unchanged": 2}


def test_a_file_whose_name_reads_like_a_line_of_another_stays(home: LocalStore, tmp_path: Path) -> None:
    folder = tmp_path / "kb"
    folder.mkdir()
    (folder / "a.jsonl#b.md").write_text("# x\n\nmango\n", encoding="utf-8")
    assert counts(home, folder) == {"added": 1}
    assert counts(home, folder) == {"unchanged": 1}
    assert keys(home) == {"a.jsonl%23b.md"}


def test_a_root_that_is_no_longer_there_is_pointed_out(home: LocalStore, tmp_path: Path) -> None:
    for name in ("old", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.md").write_text(f"# A\n\nWords of {name}.\n", encoding="utf-8")
    counts(home, tmp_path / "old", tmp_path / "other")
    (tmp_path / "old").rename(tmp_path / "new")
    report = ingest([tmp_path / "other"], home, HashEmbedder(), IngestOptions())
    assert [str(tmp_path / "old") in warning for warning in report.warnings] == [True]


def test_a_dry_run_leaves_no_trace(home: LocalStore, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# A\n\nWords.\n", encoding="utf-8")
    report = ingest([tmp_path / "a.md"], home, HashEmbedder(), IngestOptions(dry_run=True))
    assert report.documents["added"] == 1
    assert not (tmp_path / "indexes").exists()
