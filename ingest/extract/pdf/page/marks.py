"""Signs that stand inside of text until the whole page is known: what is raised, lowered, struck out or a link.

Whether a raised number is an exponent or the mark of a footnote shows only when the foot of the page is known.
"""

import re
from collections.abc import Callable, Collection
from typing import Final

from ingest.extract.assembly.inline import fraction, is_power, link, lowered, note_mark, raised, struck

UP: Final = "\ufdd0"
DOWN: Final = "\ufdd1"
STRUCK: Final = "\ufdd2"
LINK: Final = "\ufdd3"
TO: Final = "\ufdd4"
END: Final = "\ufdd5"
"""Noncharacters: no text holds them."""
_ANY: Final = re.compile(f"[{UP}-{END}]")
_MARKED: Final = re.compile(f"([{UP}{DOWN}{STRUCK}{LINK}])([^{UP}-{END}]*)(?:{TO}([^{UP}-{END}]*))?{END}")
_FRACTION: Final = re.compile(
    f"{UP}(\\d{{1,4}}){END}\\s?[/\u2044]\\s?(?:{DOWN}(\\d{{1,4}}){END}|(\\d{{1,4}})(?!\\d))"
)
_SAME_LINK: Final = re.compile(r"\[([^\[\]]*)\]\(([^()\s]*)\) \[([^\[\]]*)\]\(\2\)")
_NOTE: Final = re.compile(
    f'\\s*(?:{UP}([^{UP}-{END}]{{1,3}}){END}[.)]?|(\\d{{1,2}}|[*†‡§]{{1,3}}|[a-z])[.)]?(?=\\s))\\s*(?=[^\\W\\d]|["“(])'
)


def marked(sign: str, text: str, to: str = "") -> str:
    """Text with a sign around it; blanks stay outside."""
    body = text.strip()
    if not body or _ANY.search(text):
        return text
    left, right = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{left}{sign}{body}{TO + to if to else ''}{END}{right}"


def without_marks(text: str) -> str:
    """The words alone."""
    return _ANY.sub("", re.sub(f"{TO}[^{END}]*", "", text)) if _ANY.search(text) else text


def raised_in(text: str) -> set[str]:
    """What is raised in a text, behind other words."""
    marks = (match[2] for match in _MARKED.finditer(text) if match[1] == UP and match.start())
    return {label for mark in marks for label in _labels(mark)}


def _labels(mark: str) -> list[str]:
    """The notes that a raised mark names: "1,2" two of them, "3)" one."""
    return [label for part in re.split(r"[,;\s]+", mark) if (label := part.strip(".)(")) or part]


def note_of(text: str) -> tuple[str, str] | None:
    """The mark and the words of a line that looks like a footnote; None for any other."""
    match = _NOTE.match(text)
    return ((match[1] or match[2]).strip(".)("), text[match.end() :]) if match else None


def resolved(text: str, notes: Collection[str]) -> str:
    """The text with what its signs mean written out; `notes` are the marks of the page's footnotes."""
    if not _ANY.search(text):
        return text
    text = _FRACTION.sub(lambda m: fraction(m[1], m[2] or m[3], text[: m.start()]), text)
    done = ""
    place = 0
    for match in _MARKED.finditer(text):
        done += _ANY.sub("", text[place : match.start()])
        done += _written(match, done, notes)
        place = match.end()
    done += _ANY.sub("", text[place:])
    while (joined := _SAME_LINK.sub(r"[\1 \3](\2)", done)) != done:
        done = joined
    return done


def _written(match: "re.Match[str]", before: str, notes: Collection[str]) -> str:
    sign, text = match[1], match[2]
    if (
        sign == UP
        and all(mark in notes for mark in re.split(r"[,;\s]+", text))
        and not is_power(before, text)
    ):
        return "".join(map(note_mark, re.split(r"[,;\s]+", text)))
    writers: dict[str, Callable[[], str]] = {
        UP: lambda: raised(text, before),
        DOWN: lambda: lowered(text, before),
        STRUCK: lambda: struck(text),
        LINK: lambda: link(text, match[3] or ""),
    }
    return writers[sign]()
