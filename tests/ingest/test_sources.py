"""Scanning roots and reading JSONL."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.sources import (
    JsonlDocument,
    JsonlFailure,
    ScanOptions,
    SourceFile,
    iterate_jsonl,
    root_of,
    scan,
)
from ragchat.corpus.local.store import LocalStore

Tree = Callable[[dict[str, bytes | str]], Path]


def keys(files: "list[SourceFile]") -> list[str]:
    return [file.key for file in files if not file.skipped and not file.error]


def reasons(root: Path, options: ScanOptions | None = None) -> dict[str, str]:
    return {file.key: file.skipped for file in scan(root, options) if file.skipped}


def test_keys_are_posix_paths_relative_to_the_root_in_sorted_order(tree: Tree) -> None:
    root = tree({"b/z.md": "z", "b.md": "b", "a.txt": "a", "b/a/c.html": "c", "B.md": "B"})
    found = keys(list(scan(root)))
    assert found == ["B.md", "a.txt", "b.md", "b/a/c.html", "b/z.md"]
    assert found == sorted(found)


def test_a_file_carries_its_size_and_time(tree: Tree) -> None:
    root = tree({"a.md": "four"})
    os.utime(root / "a.md", ns=(1, 1_234_567_890_123_456_789))
    (file,) = scan(root)
    assert (file.size, file.mtime_ns, file.path) == (4, 1_234_567_890_123_456_789, root / "a.md")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        (".env", "A=1", "hidden"),
        ("notes.md~", "x", "temporary file"),
        ("~$report.docx", "x", "temporary file"),
        ("draft.swp", "x", "temporary file"),
        ("logo.svg", b"<svg/>", "image"),
        ("tool.exe", b"MZ", "program"),
        ("all.7z", b"7z", "archive"),
        ("old.xlsb", b"PK", "old Office format"),
        ("style.css", "p{}", "web asset"),
        ("core", b"\x00\x01\x02\x03" * 100, "binary"),
        ("data.weird", bytes(range(256)), "binary"),
    ],
)
def test_what_is_no_document_is_skipped_for_a_reason_that_can_be_counted(
    tree: Tree, name: str, content: bytes | str, reason: str
) -> None:
    assert reasons(tree({name: content, "kept.md": "kept"})) == {name: reason}


def test_hidden_and_tool_folders_are_not_entered(tree: Tree) -> None:
    root = tree({".git/config": "x", "node_modules/a/README.md": "x", "__pycache__/a.txt": "x", "a.md": "x"})
    assert keys(list(scan(root))) == ["a.md"]
    assert reasons(root) == {".git/": "hidden", "node_modules/": "tool folder", "__pycache__/": "tool folder"}


def test_a_name_that_says_nothing_is_decided_by_its_content(tree: Tree) -> None:
    root = tree({"README": "plain words", "settings.yaml": "a: 1", "manual": b"%PDF-1.7\n%\xe2\xe3"})
    assert keys(list(scan(root))) == ["README", "manual", "settings.yaml"]


def test_globs_and_the_ignore_file_select_files(tree: Tree) -> None:
    root = tree(
        {
            ".ragchatignore": "drafts/\n*.log\n!keep.log\n",
            "drafts/a.md": "x",
            "a.log": "x",
            "keep.log": "x",
            "b.md": "x",
            "deep/c.html": "x",
        }
    )
    assert keys(list(scan(root))) == ["b.md", "deep/c.html", "keep.log"]
    assert keys(list(scan(root, ScanOptions(include=("*.md", "*.html"))))) == ["b.md", "deep/c.html"]
    assert keys(list(scan(root, ScanOptions(exclude=("deep/**",))))) == ["b.md", "keep.log"]
    assert reasons(root)["drafts/"] == "excluded"


def test_links_lead_neither_out_of_the_root_nor_into_a_loop(tmp_path: Path) -> None:
    outside, root = tmp_path / "outside", tmp_path / "root"
    outside.mkdir()
    (root / "sub").mkdir(parents=True)
    (outside / "secret.md").write_text("secret")
    (root / "a.md").write_text("a")
    (root / "sub" / "loop").symlink_to(root)
    (root / "leak.md").symlink_to(outside / "secret.md")
    (root / "leakdir").symlink_to(outside)
    (root / "again.md").symlink_to(root / "a.md")
    (root / "gone.md").symlink_to(root / "nothing.md")
    (root / "self.md").symlink_to(root / "self.md")
    assert keys(list(scan(root))) == ["a.md"]
    found = reasons(root)
    assert found["leak.md"] == found["leakdir"] == "link out of the root"
    assert found["again.md"] == found["sub/loop"] == "link to what is scanned anyway"
    assert found["gone.md"] == found["self.md"] == "broken link"


def test_a_mounted_config_map_is_read_through_its_links(tmp_path: Path) -> None:
    (tmp_path / "..2026").mkdir()
    (tmp_path / "..2026" / "faq.md").write_text("x")
    (tmp_path / "..data").symlink_to(tmp_path / "..2026")
    (tmp_path / "faq.md").symlink_to(Path("..data") / "faq.md")
    assert keys(list(scan(tmp_path))) == ["faq.md"]


def test_a_single_file_is_a_root_of_its_own(tree: Tree) -> None:
    root = tree({"notes.md": "x", "other.md": "y"})
    (file,) = scan(root / "notes.md")
    assert file.key == "notes.md"
    assert root_of(root / "notes.md") == str((root / "notes.md").resolve())
    assert root_of(root / "sub" / "..") == root_of(root)


def test_an_index_inside_the_root_is_no_document(tmp_path: Path) -> None:
    home = LocalStore(tmp_path / "indexes" / "default")
    (tmp_path / "a.md").write_text("# A")
    with home.run():
        assert reasons(tmp_path)["indexes/default/"] == "ragchat index"
    assert [file.key for file in scan(tmp_path) if not file.skipped] == ["a.md"]


def test_a_pipe_that_is_named_is_reported_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    (file,) = scan(tmp_path / "pipe.md")
    assert file.error == "not a regular file"


def test_a_path_that_does_not_exist_is_reported_not_raised(tmp_path: Path) -> None:
    (file,) = scan(tmp_path / "gone.md")
    assert "No such file" in file.error


def test_an_unreadable_folder_is_reported_and_the_rest_is_scanned(tree: Tree) -> None:
    root = tree({"a/x.md": "x", "b/y.md": "y"})
    (root / "a").chmod(0)
    try:
        files = list(scan(root))
    finally:
        (root / "a").chmod(0o755)
    if os.geteuid() == 0:  # root may read everything
        assert keys(files) == ["a/x.md", "b/y.md"]
    else:
        assert keys(files) == ["b/y.md"]
        assert [file.key for file in files if file.error] == ["a/"]


def test_names_that_are_not_utf8_become_distinct_storable_keys(tmp_path: Path) -> None:
    for raw in (b"caf\xe9.md", b"caf\xe8.md"):
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + raw)).write_text("x")
    found = keys(list(scan(tmp_path)))
    assert len(set(found)) == 2
    for key in found:
        key.encode("utf-8")


def lines(path: Path, *values: object) -> Path:
    path.write_text("\n".join(v if isinstance(v, str) else json.dumps(v) for v in values), "utf-8")
    return path


def test_every_line_of_a_jsonl_is_a_document(tmp_path: Path) -> None:
    path = lines(
        tmp_path / "kb.jsonl",
        {"id": "a", "title": "First", "text": "# One\n\nBody", "url": "https://kb.example/a"},
        "",
        {
            "id": 7,
            "text": "No title",
            "metadata": {"tags": ["x", "y"], "n": 1, "deep": {"a": 1}},
            "acl": ["hr"],
        },
    )
    first, second = iterate_jsonl(path)
    assert first == JsonlDocument(1, "a", "First", "# One\n\nBody", "https://kb.example/a")
    assert second == JsonlDocument(3, "7", "7", "No title", metadata={"tags": "x, y", "n": 1}, acl=("hr",))


def test_a_bad_line_fails_alone_and_says_which(tmp_path: Path) -> None:
    path = tmp_path / "kb.jsonl"
    good = {"id": "a", "title": "A", "text": "a"}
    lines(path, good, "{not json", "[1]", {"title": "x", "text": "y"}, {"id": "b"}, good, {**good, "id": "c"})
    with path.open("ab") as file:
        file.write(b'\n{"id": "d", "text": "\xff"}')
    results = list(iterate_jsonl(path))
    assert [r.id for r in results if isinstance(r, JsonlDocument)] == ["a", "c"]
    failures = [(r.line, r.code) for r in results if isinstance(r, JsonlFailure)]
    assert failures == [
        (2, "damaged"), (3, "damaged"), (4, "no_id"), (5, "no_text"), (6, "duplicate_id"), (8, "damaged"),
    ]  # fmt: skip
    assert "line 6" in next(r.message for r in results if isinstance(r, JsonlFailure) and r.line == 6)


def test_offsets_into_a_jsonl_text_stay_true(tmp_path: Path) -> None:
    text = "\u0000a\r\nb\rc e\u0301 \ud800 the answer"
    path = lines(tmp_path / "kb.jsonl", {"id": "a", "title": "t", "text": text})
    (document,) = iterate_jsonl(path)
    assert isinstance(document, JsonlDocument)
    assert len(document.text) == len(text)
    assert document.text.find("the answer") == text.find("the answer")
    document.text.encode("utf-8")


def test_a_byte_order_mark_and_overlong_lines_are_survived(tmp_path: Path) -> None:
    path = tmp_path / "kb.jsonl"
    small = b'{"id": "a", "text": "x"}\n'
    path.write_bytes(
        b"\xef\xbb\xbf" + small + b'{"id": "b", "text": "' + b"x" * 5000 + b'"}\n' + small[:9] + b'c"}\n'
    )
    first, second, third = iterate_jsonl(path, max_line_bytes=1000)
    assert isinstance(first, JsonlDocument)
    assert isinstance(second, JsonlFailure)
    assert isinstance(third, JsonlFailure)
    assert (second.line, second.code, third.line, third.code) == (2, "too_large", 3, "no_text")


def test_an_unreadable_jsonl_is_one_failure(tmp_path: Path) -> None:
    (failure,) = iterate_jsonl(tmp_path / "gone.jsonl")
    assert isinstance(failure, JsonlFailure)
    assert failure.code == "unreadable"
