"""How documents are cut; the values that go into an index's manifest and decide whether a file is split again."""

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal, TypeAlias

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

TABLE_TYPES = ("text/csv", "text/tab-separated-values")


@dataclass(frozen=True, slots=True)
class SplitOptions:
    """`tokens` is the most that a chunk holds and `overlap` what windows share, both in estimated model tokens.

    The default leaves room in a window of 256 for title and headings. Sections below `smallest` tokens join the next
    one. `language` (LangChain's name) overrides what the file's ending says.
    """

    strategy: Strategy = "auto"
    tokens: int = 190
    overlap: int = 0
    smallest: int = 40
    language: str | None = None

    def __post_init__(self) -> None:
        if not 16 <= self.tokens <= 8192 or not 0 <= self.overlap < self.tokens:
            raise UsageError(
                f"Cannot split into chunks of {self.tokens} tokens overlapping by {self.overlap}.",
                hint="Chunks hold 16 to 8192 tokens and overlap by less than that.",
            )


def strategy_for(document: Document, options: SplitOptions) -> Strategy:
    """The strategy that splits this document; never "auto"."""
    if options.strategy != "auto":
        return options.strategy
    if code_language(document, options):
        return "code"
    return "rows" if document.media_type in TABLE_TYPES else "markdown"


def code_language(document: Document, options: SplitOptions) -> str | None:
    """LangChain's name of the document's programming language, None when it is not source code."""
    return options.language or CODE_LANGUAGES.get(PurePosixPath(document.key).suffix[1:].lower())
