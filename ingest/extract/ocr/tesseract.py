"""Tesseract as a program: a picture in, paragraphs out. What it is not sure of is left out, since a photo gives it
"words" too.

It runs below the reading child and within its limits of memory and time. Languages: those of our tables that are
installed, at most MOST_LANGUAGES of them, since each makes it slower.
"""

import csv
import os
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from itertools import groupby
from statistics import fmean
from typing import Final

SURE: Final = 50.0
"""Mean confidence (0 to 100) that the words of a line have at least."""
FEWEST_LETTERS: Final = 3
"""Letters and digits that a picture's text holds at least; less is a stroke taken for a word."""
MOST_LANGUAGES: Final = 3
_LANGUAGES: Final = ("eng", "deu", "fra", "spa", "ita", "nld", "por")


@cache
def program() -> str | None:
    """Where Tesseract is; None where it is not installed."""
    return shutil.which("tesseract")


@cache
def _languages() -> str:
    found = subprocess.run(
        [program() or "tesseract", "--list-langs"], capture_output=True, text=True, timeout=10, check=False
    )
    installed = set(found.stdout.split())
    return "+".join([one for one in _LANGUAGES if one in installed][:MOST_LANGUAGES]) or "eng"


def paragraphs_of(picture: bytes, seconds: float) -> list[str] | None:
    """What is written on a picture (PNG, JPEG, TIFF, PNM, …), None where Tesseract is missing, fails on it or takes
    longer than `seconds`."""
    path = program()
    if path is None or seconds <= 0:
        return None
    try:
        done = subprocess.run(
            [path, "stdin", "stdout", "-l", _languages(), "--psm", "3", "tsv"],
            input=picture,
            capture_output=True,
            timeout=seconds,
            check=False,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        )
    except (subprocess.TimeoutExpired, OSError):
        return None
    if done.returncode:
        return None
    return _paragraphs(done.stdout.decode("utf-8", "replace"))


def _paragraphs(table: str) -> list[str]:
    """Of Tesseract's table of words: level, page, block, paragraph, line, word, …, confidence, text."""
    rows = [
        row
        for row in csv.reader(table.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
        if len(row) == 12
    ]
    words = [row for row in rows if row[0] == "5" and row[11].strip()]
    found: list[str] = []
    for _, paragraph in groupby(words, key=lambda row: tuple(row[1:4])):
        lines = [list(line) for _, line in groupby(paragraph, key=lambda row: row[4])]
        sure = [_line(line) for line in lines if fmean(float(word[10]) for word in line) >= SURE]
        if sure:
            found.append("\n".join(sure))
    enough = sum(map(str.isalnum, "".join(found))) >= FEWEST_LETTERS
    return found if enough else []


def _line(words: Sequence[Sequence[str]]) -> str:
    return " ".join(word[11].strip() for word in words)
