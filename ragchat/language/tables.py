"""The languages that are known: one table each in tables/, read when it is first asked for, and kept.

`add_language` makes another table known to this process. A language without a table still has its stemmer where
Snowball knows one; nothing else of it is known.
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from threading import Lock
from types import MappingProxyType
from typing import Final

from ragchat.language.language import Language
from ragchat.language.reading import language_of_table, units_of
from ragchat.language.table_file import TableFile

_FOLDER: Final = files("ragchat.language") / "tables"
_INTERNATIONAL: Final = "international.toml"
_CODE: Final = re.compile(r"[a-z]{2,3}")


class _Known:
    """The languages with a table, by code; read once, English first (it decides where nothing else does)."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._tables: Mapping[str, Language] | None = None

    def all(self) -> Mapping[str, Language]:
        tables = self._tables
        if tables is None:
            with self._lock:
                tables = self._tables = self._tables or MappingProxyType(_shipped())
        return tables

    def put(self, language: Language) -> None:
        tables = self.all()
        with self._lock:
            self._tables = MappingProxyType({**tables, language.code: language})

    def drop(self, code: str) -> None:
        tables = self.all()
        with self._lock:
            self._tables = MappingProxyType({one: table for one, table in tables.items() if one != code})


_KNOWN: Final = _Known()


def languages() -> Mapping[str, Language]:
    """Every language with a table, by its code. The mapping does not change; a language added makes a new one."""
    return _KNOWN.all()


def language_named(code: str) -> Language:
    """The language of an ISO 639-1 code; one of which little is known where there is no table for it."""
    return _KNOWN.all().get(code) or _plain(code)


def read_language(path: Path) -> Language:
    """The language that a file describes. Raises UsageError naming the key that is wrong."""
    return language_of_table(path.name, path.read_text("utf-8"), _international()[0])


def add_language(path: Path) -> Language:
    """Makes the language of a file known to this process, in place of another one of its code."""
    language = read_language(path)
    _KNOWN.put(language)
    return language


def remove_language(code: str) -> None:
    """Forgets an added language."""
    _KNOWN.drop(code)


def _shipped() -> dict[str, Language]:
    names = sorted(file.name for file in _FOLDER.iterdir() if file.name.endswith(".toml"))
    names = sorted((name for name in names if name != _INTERNATIONAL), key=lambda name: name != "en.toml")
    tables = [language_of_table(name, _text(name), _international()[0]) for name in names]
    return {table.code: table for table in tables}


@cache
def _international() -> tuple[Mapping[str, str], Mapping[str, str], frozenset[str]]:
    """Units written alike everywhere, Snowball's names of languages without a table, those that elide."""
    file = TableFile.of(_INTERNATIONAL, _text(_INTERNATIONAL))
    units, stemmers, words = units_of(file.table("units")), file.table("stemmers"), file.table("words")
    found = units, {code: stemmers.text(code) for code in stemmers}, words.words("eliding")
    file.finish()
    return found


@cache
def _plain(code: str) -> Language:
    if not _CODE.fullmatch(code):
        code = "und"  # ISO 639: undetermined
    units, stemmers, eliding = _international()
    head = f'''code = "{code}"
stemmer = "{stemmers.get(code, "")}"
elides = {str(code in eliding).lower()}
[numbers]
grouping = [","]'''
    return language_of_table(code, head, units)


def _text(name: str) -> str:
    return (_FOLDER / name).read_text("utf-8")
