"""Builds bench/sample_questions.jsonl: quotes of the sample corpus become spans of its canonical text.

People write quotes (tools/corpus_text/sample_questions.jsonl); offsets depend on the extractors, so they are looked
up here. A quote is matched without regard to space, table bars and asterisks, " … " stands for up to GAP characters,
and the first part must be found exactly once. Usage: `build_sample_questions.py [--check]`.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, TypedDict

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from ingest.extract import extract  # noqa: E402  # run as a script from anywhere, also without an install
from ingest.sources.jsonl import JsonlDocument, iterate_jsonl  # noqa: E402
from ragchat.documents import Span  # noqa: E402

CORPUS: Final = ROOT / "corpus"
QUOTES: Final = ROOT / "tools" / "corpus_text" / "sample_questions.jsonl"
OUTPUT: Final = ROOT / "bench" / "sample_questions.jsonl"
GAP: Final = 250
"""Largest number of characters that " … " in a quote may stand for: a table row, or one sentence."""
IGNORED: Final = frozenset("*|")


class Quote(TypedDict):
    """Words of one document."""

    document_id: str
    quote: str


class Question(TypedDict, total=False):
    """One line of the source; `history` only in follow-up questions."""

    id: str
    question: str
    answerable: bool
    evidence: list[Quote]
    answers: list[str]
    history: list[dict[str, str]]


class QuoteNotFound(Exception):
    """A quote that is missing from its document, or stands in it more than once."""


def corpus_texts(corpus: Path = CORPUS) -> dict[str, str]:
    """Canonical texts by document id: the id of a JSONL line, else the path relative to `corpus`."""
    return dict(_texts(corpus))


def _texts(corpus: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(corpus.rglob("*.*")):
        if path.suffix == ".jsonl":
            for document in iterate_jsonl(path):
                if not isinstance(document, JsonlDocument):
                    raise ValueError(f"{path.name}: {document.message}")
                yield document.id, document.text
        else:
            yield path.relative_to(corpus).as_posix(), extract(path.read_bytes(), path.name).text


def find(text: str, quote: str) -> Span:
    """Where `quote` stands in `text`; QuoteNotFound unless there is exactly one place."""
    letters, offsets = _squeeze(text)
    first, *others = ("".join(_squeeze(part)[0]) for part in quote.split(" … "))
    start = letters.find(first)
    if start < 0 or letters.find(first, start + 1) >= 0:
        raise QuoteNotFound(f"{'more than once' if start >= 0 else 'nowhere'}: {quote!r}")
    end = start + len(first)
    for part in others:
        found = letters.find(part, end, end + GAP + len(part))
        if found < 0:
            raise QuoteNotFound(f"not near the start of the quote: {part!r} of {quote!r}")
        end = found + len(part)
    return Span(offsets[start], offsets[end - 1] + 1)


def _squeeze(text: str) -> tuple[str, list[int]]:
    """The characters that count, and the offset of each."""
    offsets = [
        at for at, character in enumerate(text) if not character.isspace() and character not in IGNORED
    ]
    return "".join(text[at] for at in offsets), offsets


def resolved(question: Question, texts: Mapping[str, str]) -> dict[str, object]:
    """The question in the form that `ragchat eval` reads."""
    evidence: list[dict[str, object]] = []
    for item in question["evidence"]:
        span = find(texts.get(item["document_id"], ""), item["quote"])
        evidence.append({"document_id": item["document_id"], "start": span.start, "end": span.end})
    return {**question, "evidence": evidence}


def build(quotes: Path = QUOTES, corpus: Path = CORPUS) -> str:
    """The whole file; ValueError with every quote that could not be placed."""
    texts = corpus_texts(corpus)
    lines: list[str] = []
    problems: list[str] = []
    for line in quotes.read_text("utf-8").splitlines():
        question: Question = json.loads(line)
        try:
            lines.append(json.dumps(resolved(question, texts), ensure_ascii=False))
        except QuoteNotFound as missing:
            problems.append(f"{question['id']}: {missing}")
    if problems:
        raise ValueError("quotes that the corpus does not hold:\n" + "\n".join(problems))
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes the questions, or with --check compares them; exit code 1 when they are stale or cannot be built."""
    parser = argparse.ArgumentParser(description="Build the golden questions of the sample corpus.")
    parser.add_argument("--check", action="store_true", help="compare with the committed file, write nothing")
    options = parser.parse_args(arguments)
    try:
        content = build()
    except ValueError as problem:
        print(problem, file=sys.stderr)
        return 1
    if options.check:
        same = OUTPUT.is_file() and OUTPUT.read_text("utf-8") == content
        print("as built" if same else "differs: run tools/build_sample_questions.py")
        return 0 if same else 1
    OUTPUT.write_text(content, "utf-8")
    print(f"{OUTPUT.name}: {content.count(chr(10))} questions")
    return 0


if __name__ == "__main__":
    sys.exit(main())
