"""What a survey finds to be new, changed, unchanged, gone or out of reach."""

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.sources import ScanOptions, root_of
from ingest.survey import Survey, file_key, scopes, source_of, survey
from ragchat.corpus.values import KnownDocument
from ragchat.errors import UsageError

OPTIONS = "options-1"


class Index:
    """Knows documents by root, as the writer does."""

    def __init__(self) -> None:
        self.documents: dict[str, list[KnownDocument]] = {}

    def roots(self) -> list[str]:
        return sorted(self.documents)

    def known(self, root: str) -> Iterable[KnownDocument]:
        return self.documents.get(root, [])

    def remember(self, root: Path, *keys: str, options: str = OPTIONS) -> None:
        """As if these files had just been ingested."""
        for key in keys:
            stat = (root / source_of(key)).stat() if root.is_dir() else root.stat()
            known = KnownDocument(f"id-{key}", key, "hash", stat.st_size, stat.st_mtime_ns, options)
            self.documents.setdefault(root_of(root), []).append(known)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "docs"
    for name in ("a.md", "sub/b.md", "sub/c.txt"):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# {name}\n\nWords.\n", encoding="utf-8")
    return root


def surveyed(path: Path, index: Index) -> Survey:
    (scope,) = scopes([path], index.roots())
    return survey(scope, index, ScanOptions(), OPTIONS)


def keys(found: Survey) -> tuple[set[str], set[str], set[str]]:
    return (
        {candidate.file.key for candidate in found.candidates},
        {known.key for known in found.unchanged},
        {known.key for known in found.gone},
    )


def test_everything_is_a_candidate_the_first_time(folder: Path) -> None:
    assert keys(surveyed(folder, Index())) == ({"a.md", "sub/b.md", "sub/c.txt"}, set(), set())


def test_size_time_and_options_tell_what_changed(folder: Path) -> None:
    index = Index()
    index.remember(folder, "a.md", "sub/b.md")
    index.remember(folder, "sub/c.txt", options="other")
    os.utime(folder / "a.md", ns=(1, 1))
    assert keys(surveyed(folder, index)) == ({"a.md", "sub/c.txt"}, {"sub/b.md"}, set())


def test_what_is_no_longer_there_is_gone(folder: Path) -> None:
    index = Index()
    index.remember(folder, "a.md", "sub/b.md", "sub/c.txt")
    (folder / "sub/b.md").unlink()
    assert keys(surveyed(folder, index)) == (set(), {"a.md", "sub/c.txt"}, {"sub/b.md"})


def test_a_path_inside_a_known_root_refreshes_only_that_part(folder: Path) -> None:
    index = Index()
    index.remember(folder, "a.md", "sub/b.md", "sub/c.txt")
    (folder / "a.md").unlink()
    (folder / "sub/c.txt").unlink()
    assert keys(surveyed(folder / "sub", index)) == (set(), {"sub/b.md"}, {"sub/c.txt"})
    (folder / "sub/b.md").write_text("changed", encoding="utf-8")
    assert keys(surveyed(folder / "sub/b.md", index)) == ({"sub/b.md"}, set(), set())


def test_a_folder_takes_over_the_roots_inside_it(folder: Path) -> None:
    index = Index()
    index.remember(folder / "sub", "b.md", "c.txt")
    candidates, _, gone = keys(surveyed(folder, index))
    assert candidates == {"a.md", "sub/b.md", "sub/c.txt"}
    assert gone == {"b.md", "c.txt"}


def test_lines_of_a_jsonl_file_belong_to_it(folder: Path) -> None:
    index = Index()
    (folder / "t.jsonl").write_text('{"id": 1, "text": "x"}\n', encoding="utf-8")
    index.remember(folder, "a.md", "sub/b.md", "sub/c.txt", "t.jsonl#1", "t.jsonl#2")
    assert keys(surveyed(folder, index))[1] == {"a.md", "sub/b.md", "sub/c.txt", "t.jsonl#1", "t.jsonl#2"}
    (folder / "t.jsonl").unlink()
    assert keys(surveyed(folder, index))[2] == {"t.jsonl#1", "t.jsonl#2"}
    assert source_of("notes on C# and F#.md") == "notes on C# and F#.md"


def test_a_folder_that_cannot_be_read_loses_nothing(folder: Path) -> None:
    index = Index()
    index.remember(folder, "a.md", "sub/b.md", "sub/c.txt")
    hidden = folder.with_name("unreachable")
    (folder / "sub").rename(hidden)
    (folder / "sub").symlink_to(hidden)  # a link out of the root is not followed
    assert keys(surveyed(folder, index))[2] == {"sub/b.md", "sub/c.txt"}
    if os.geteuid() == 0:
        pytest.skip("root can read every folder")
    (folder / "sub").unlink()
    hidden.rename(folder / "sub")
    (folder / "sub").chmod(0)
    try:
        found = surveyed(folder, index)
    finally:
        (folder / "sub").chmod(0o755)
    assert keys(found) == (set(), {"a.md"}, set())
    assert found.unreadable


def test_a_path_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nowhere"):
        scopes([tmp_path / "nowhere"], [])


def test_content_put_back_under_its_old_time_is_found(folder: Path) -> None:
    index = Index()
    index.remember(folder, "a.md", "sub/b.md", "sub/c.txt")
    path = folder / "a.md"
    before = path.stat()
    index.documents[root_of(folder)] = [
        replace(known, changed_ns=(folder / known.key).stat().st_ctime_ns)
        for known in index.documents[root_of(folder)]
    ]
    assert keys(surveyed(folder, index))[0] == set()
    path.write_text(path.read_text("utf-8").replace("Words", "Other"), encoding="utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert keys(surveyed(folder, index))[0] == {"a.md"}


def test_rehash_reads_every_file(folder: Path) -> None:
    index = Index()
    index.remember(folder, "a.md", "sub/b.md", "sub/c.txt")
    (scope,) = scopes([folder], index.roots())
    found = survey(scope, index, ScanOptions(), OPTIONS, rehash=True)
    assert keys(found) == ({"a.md", "sub/b.md", "sub/c.txt"}, set(), set())


def test_a_renamed_folder_takes_over_its_documents(folder: Path) -> None:
    index = Index()
    index.remember(folder, "a.md", "sub/b.md", "sub/c.txt")
    renamed = folder.rename(folder.with_name("docs-2026"))
    new, _, gone = keys(surveyed(renamed, index))
    assert (new, gone) == ({"a.md", "sub/b.md", "sub/c.txt"}, {"a.md", "sub/b.md", "sub/c.txt"})


def test_another_folder_beside_one_that_vanished_takes_over_nothing(folder: Path) -> None:
    index = Index()
    index.remember(folder, "a.md", "sub/b.md", "sub/c.txt")
    folder.rename(folder.parent.parent / "elsewhere-docs")
    other = folder.with_name("other")
    other.mkdir()
    (other / "a.md").write_text("# Another\n", encoding="utf-8")
    assert keys(surveyed(other, index))[2] == set()


def test_keys_inside_of_files_belong_to_their_file() -> None:
    assert source_of("mail/offer.eml#/prices.xlsx") == "mail/offer.eml"
    assert source_of("bundle.tar.gz#/rules/gate.md") == "bundle.tar.gz"
    assert source_of("message-1#/policy.txt") == "message-1"
    assert source_of("notes#1.md") == "notes#1.md"
    assert file_key("odd#/b.md") == "odd%23/b.md"
