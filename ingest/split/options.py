"""How documents are cut; the values that go into an index's manifest and decide whether a file is split again."""

import re
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import PurePosixPath
from typing import Literal, TypeAlias, get_args

from ragchat.documents import Document
from ragchat.errors import UsageError

Strategy: TypeAlias = Literal["auto", "markdown", "recursive", "sentences", "code", "rows"]
"""auto: code for source files, rows for tables, markdown for the rest.

markdown: by headings and pages, then balanced at paragraph and sentence ends. recursive: LangChain's splitter on
characters. sentences: a window of whole sentences that moves on by `tokens - overlap`. code: LangChain's splitter for
the file's language. rows: whole table rows.
"""

CODE_LANGUAGES = {
    "c": "c", "h": "c", "cc": "cpp", "cpp": "cpp", "cxx": "cpp", "hpp": "cpp", "cs": "csharp", "ex": "elixir",
    "exs": "elixir", "go": "go", "hs": "haskell", "java": "java", "js": "js", "jsx": "js", "mjs": "js", "cjs": "js",
    "kt": "kotlin", "kts": "kotlin", "lua": "lua", "php": "php", "pl": "perl", "pm": "perl", "proto": "proto",
    "ps1": "powershell", "py": "python", "pyi": "python", "rb": "ruby", "rs": "rust", "r": "r", "scala": "scala",
    "sol": "sol", "swift": "swift", "ts": "ts", "tsx": "ts",
}  # fmt: skip
"""File endings and LangChain's name of the language."""

_LINES_FILE = re.compile(r".*?\.(?:jsonl|ndjson)(?=#)", re.I)
TABLE_TYPES = ("text/csv", "text/tab-separated-values")


@dataclass(frozen=True, slots=True)
class SplitRule:
    """Another strategy for documents whose key matches a glob (`*` crosses folders): `faq/*`, `*.log`.

    The line of a JSONL file is matched by its whole key, `faq.jsonl#17`, and by its file's.
    """

    pattern: str
    strategy: Strategy

    def matches(self, key: str) -> bool:
        file = _LINES_FILE.match(key)
        return fnmatch(key, self.pattern) or (file is not None and fnmatch(file[0], self.pattern))


@dataclass(frozen=True, slots=True)
class SplitOptions:
    """`tokens` is the most that a chunk holds and `overlap` what windows share, both in estimated model tokens.

    The default leaves room in a window of 256 for title and headings. Sections below `smallest` tokens join the next
    one. `language` (LangChain's name) overrides what the file's ending says. Of `rules` the first that matches decides,
    `strategy` for documents that none matches.
    """

    strategy: Strategy = "auto"
    tokens: int = 190
    overlap: int = 0
    smallest: int = 40
    language: str | None = None
    rules: tuple[SplitRule, ...] = ()

    def __post_init__(self) -> None:
        if not 16 <= self.tokens <= 8192 or not 0 <= self.overlap < self.tokens:
            raise UsageError(
                f"Cannot split into chunks of {self.tokens} tokens overlapping by {self.overlap}.",
                hint="Chunks hold 16 to 8192 tokens and overlap by less than that.",
            )


def split_options(text: str, tokens: int = 190, overlap: int = 0) -> SplitOptions:
    """What people write: `sentences`, or `auto, *.log=rows, faq/*=sentences`. Raises UsageError for anything else."""
    strategy: Strategy = "auto"
    rules: list[SplitRule] = []
    for part in (part.strip() for part in text.split(",")):
        pattern, is_rule, name = part.rpartition("=")
        if is_rule and pattern.strip():
            rules.append(SplitRule(pattern.strip(), _strategy(name.strip())))
        elif part:
            strategy = _strategy(part)
    return SplitOptions(strategy=strategy, tokens=tokens, overlap=overlap, rules=tuple(rules))


def _strategy(name: str) -> Strategy:
    known: tuple[Strategy, ...] = get_args(Strategy)
    for strategy in known:
        if name == strategy:
            return strategy
    raise UsageError(
        f"There is no way of splitting called {name!r}.",
        hint=f"Known: {', '.join(known)}; for some files only: '*.log=rows, faq/*=sentences'.",
    )


def strategy_for(document: Document, options: SplitOptions) -> Strategy:
    """The strategy that splits this document; never "auto"."""
    chosen = next((rule.strategy for rule in options.rules if rule.matches(document.key)), None)
    if (chosen or options.strategy) != "auto":
        return chosen or options.strategy
    if code_language(document, options):
        return "code"
    return "rows" if document.media_type in TABLE_TYPES else "markdown"


def code_language(document: Document, options: SplitOptions) -> str | None:
    """LangChain's name of the document's programming language, None when it is not source code."""
    return options.language or CODE_LANGUAGES.get(PurePosixPath(document.key).suffix[1:].lower())
