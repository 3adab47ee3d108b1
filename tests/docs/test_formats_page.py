"""The page of formats is made from the table that the reader works by."""

from importlib import import_module
from pathlib import Path

import pytest

from ingest.extract.formats import FORMATS, MEDIA_TYPES, MODULES, Format

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "formats.md").read_text("utf-8")


@pytest.mark.parametrize("one", FORMATS, ids=lambda one: one.name)
def test_every_format_is_on_the_page_as_the_table_says(one: Format) -> None:
    assert f"| {one.name} | {one.suffixes} | {one.kept} |" in PAGE


def test_every_format_has_a_module_that_reads_it() -> None:
    for kind in set(MEDIA_TYPES.values()):
        assert callable(import_module(f"ingest.extract.{MODULES[kind]}").extract)


def test_no_ending_is_promised_twice() -> None:
    endings = [suffix for one in FORMATS for suffix in one.suffixes.split()]
    assert len(endings) == len(set(endings))
