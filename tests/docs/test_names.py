"""Whatever the documentation names is there: modules, attributes of modules, files and folders of the repository."""

import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "bench").rglob("*.md")]
)
TOPS = "ragchat|ingest|tests|bench|tools|docs|corpus|deploy|widget|indexes"
MODULE = re.compile(
    r"(?<![\w./@-])(?:ragchat|ingest|bench|tests)(?:\.[a-z_][\w]*)+(?![\w(]*/)(?:\.[A-Za-z_]\w*)*"
)
PLACE = re.compile(rf"(?<![\w./~:$-])(?:{TOPS})(?:/[\w.*{{}}-]+)+/?")
PLACEHOLDER = re.compile(r"[{*]|/CODE\.|^indexes/|^ingest/extract/mail\.py$")
"""Patterns, what an index is made of, and what a reader of docs/extending.md is told to write."""
NOT_OURS = re.compile(
    r"^(?:ragchat|ingest|tests|bench)\.(?:md|py|json|jsonl|toml|log|example|txt|sqlite|db|org|com)\b"
)
SOURCES = sorted(
    path.relative_to(ROOT).as_posix()
    for top in ("ragchat", "ingest", "bench", "tools")
    for path in (ROOT / top).rglob("*.py")
)


def named_modules(text: str) -> Iterator[str]:
    for match in MODULE.finditer(text):
        if not NOT_OURS.match(match[0]):
            yield match[0]


def exists(dotted: str) -> bool:
    """A module, or something in one."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        path = ROOT.joinpath(*parts[:length])
        if path.with_suffix(".py").is_file():
            rest = parts[length:]
            text = path.with_suffix(".py").read_text("utf-8")
            return not rest or re.search(rf"\b{re.escape(rest[0])}\b", text) is not None
        if path.is_dir():
            rest = parts[length:]
            start = path / "__init__.py"
            return not rest or (start.is_file() and rest[0] in start.read_text("utf-8"))
    return find_spec(parts[0]) is not None


def missing_places(text: str) -> set[str]:
    named = {match[0].rstrip("./") for match in PLACE.finditer(text) if not PLACEHOLDER.search(match[0])}
    return {name for name in named if not (ROOT / name).exists() and not _is_decision(name)}


def _is_decision(name: str) -> bool:
    """docs/adr/0011 is the one decision of that number."""
    number = re.fullmatch(r"docs/adr/(\d{4})", name)
    return number is not None and len(list((ROOT / "docs" / "adr").glob(f"{number[1]}-*.md"))) == 1


@pytest.mark.parametrize("page", PAGES)
def test_every_module_and_every_file_that_a_page_names_is_there(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    missing = {name for name in named_modules(text) if not exists(name)}
    assert (missing, missing_places(text)) == (set(), set())


def test_every_file_that_a_module_names_is_there() -> None:
    missing = {name: missing_places((ROOT / name).read_text("utf-8")) for name in SOURCES}
    assert {name: places for name, places in missing.items() if places} == {}


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = [int(path.name[:4]) for path in sorted((ROOT / "docs" / "adr").glob("*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))
