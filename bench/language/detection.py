"""How well a fragment's language is told: the tables, beside small detectors where they are installed.

    python -m bench.language.detection        # pip install py3langid lingua-language-detector to compare

Questions: tests/language/casual_questions.toml; "fitted" are those at even places, "held out" the others.
"""

import argparse
import time
import tomllib
from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ragchat.language.detection import language_of_question

QUESTIONS: dict[str, list[str]] = tomllib.loads(
    (Path(__file__).resolve().parents[2] / "tests" / "language" / "casual_questions.toml").read_text("utf-8")
)
Detector = Callable[[str], str]


def right(detector: Detector, first: int) -> tuple[int, int]:
    """Of every second question from `first` on, how many are told, and how many there are."""
    told = [
        detector(question) == language
        for language, questions in QUESTIONS.items()
        for question in questions[first::2]
    ]
    return sum(told), len(told)


def detectors() -> Iterator[tuple[str, Callable[[], Detector]]]:
    """Names, and how each is made."""
    for default in ("en", "de", ""):
        yield f"tables, {default or 'nothing'} expected", partial(_tables, default)
    if find_spec("py3langid"):
        yield "py3langid", _py3langid
    if find_spec("lingua"):
        yield "lingua", _lingua


def _tables(default: str) -> Detector:
    return lambda text: language_of_question(text, default)


def _py3langid() -> Detector:
    import py3langid

    py3langid.set_languages(list(QUESTIONS))
    return lambda text: str(py3langid.classify(text)[0])


def _lingua() -> Detector:
    import lingua

    known = [one for one in lingua.Language.all() if one.iso_code_639_1.name.lower() in QUESTIONS]
    made: Any = lingua.LanguageDetectorBuilder.from_languages(*known).build()
    return lambda text: made.detect_language_of(text).iso_code_639_1.name.lower()


def main() -> None:
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    for name, make in detectors():
        began = time.perf_counter()
        detector = make()
        detector("wie lange")
        first = time.perf_counter() - began
        began = time.perf_counter()
        (fitted, half), (held, other) = right(detector, 0), right(detector, 1)
        each = (time.perf_counter() - began) / (half + other)
        print(f"{name:26} fitted {fitted} of {half}  held out {held} of {other}  "
              f"first {first:.2f} s  each {each * 1e3:.2f} ms")  # fmt: skip


if __name__ == "__main__":
    main()
