"""No regular expression of the code base takes quadratic time: each is fed the strings that would hurt it.

CPU time at two sizes is compared, never a time alone. An expression that is only tried at the beginning of a text
(`match`, `fullmatch`) is tested so; every other one must find all its places in linear time.
"""

import re
import signal
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from types import FrameType

import pytest

from tests.support.growth import assert_linear
from tests.support.patterns import Used, expressions, shapes

QUICK_SIZE, QUICK_SECONDS = 3_000, 0.004
"""Characters of a first try, and the CPU seconds above which growth is measured: what is quadratic takes far more."""
SIZE = 2_000
MOST_SECONDS = 3
"""CPU seconds after which a try is given up, which is then no linear one: nothing that is linear comes near."""
BOUNDED = {
    "ingest.extract.html.line._ADDRESSED": "its signs are written by the line itself, always three together",
    "ingest.extract.rst.inline._TOKEN": "repeats at most 2,000 signs for one that opens",
}
"""Expressions that are slow on strings that they are never given."""
GROUPS = 8


@cache
def every_expression() -> list[Used]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of other people's modules
        return expressions("ragchat", "ingest")


class TooLongError(Exception):
    pass


@contextmanager
def given_up_after(seconds: float) -> Iterator[None]:
    """CPU seconds of this process; the interpreter looks for signals while it matches."""

    def stop(_: int, __: FrameType | None) -> None:
        raise TooLongError

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def tried(used: Used, text: str | bytes) -> None:
    if used.anchored:
        used.pattern.match(text)
        used.pattern.fullmatch(text)
    else:
        for _ in used.pattern.finditer(text):
            pass


def hurt_by(used: Used) -> list[str]:
    """The first repeated thing on which the expression grows faster than it does; nothing for a linear one."""
    found = []
    for unit, before, after in shapes(used.pattern):

        def attempt(size: int, unit: str = unit, before: str = before, after: str = after) -> None:
            text = before + unit * (size // len(unit)) + after
            tried(used, text.encode("utf-8") if isinstance(used.pattern.pattern, bytes) else text)

        try:
            with given_up_after(MOST_SECONDS):
                began = time.process_time()
                attempt(QUICK_SIZE)
                if time.process_time() - began > QUICK_SECONDS:
                    assert_linear(attempt, SIZE)
        except (AssertionError, TooLongError) as error:
            found.append(f"{unit!r} after {before!r}: {type(error).__name__} {error}")
            break
    return found


@pytest.mark.parametrize("group", range(GROUPS))
def test_no_expression_grows_faster_than_its_text(group: int) -> None:
    hurt = {
        used.where: found
        for used in every_expression()[group::GROUPS]
        if used.where not in BOUNDED and (found := hurt_by(used))
    }
    assert hurt == {}


def test_the_expressions_of_all_rooms_are_found() -> None:
    places = {used.where.split(".")[1] for used in every_expression()}
    assert {"extract", "split", "answering", "language", "evaluation"} <= places
    assert len(every_expression()) > 250


def test_an_exception_is_still_there_and_still_slow_enough_to_need_its_reason() -> None:
    assert {used.where for used in every_expression()} >= set(BOUNDED)


@pytest.mark.parametrize("bad", [r"\s*#\s*$", r"(a|b|ab)*c", r"[ \t]*\n", r"(\w+\s?)*;"])
def test_a_quadratic_or_worse_expression_is_seen(bad: str) -> None:
    assert hurt_by(Used("here", re.compile(bad), frozenset({"search"})))
