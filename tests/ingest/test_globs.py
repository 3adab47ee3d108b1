"""Ignore patterns: the same answers as pathspec's, in time linear in the path, and no line that is silently dropped."""

import random

import pytest
from pathspec import GitIgnoreSpec

from ingest.sources.globs import globs, linear
from ragchat.errors import UsageError
from tests.support.growth import assert_linear

SEGMENTS = [
    "**",
    "*",
    "a",
    "b",
    "a*",
    "*a",
    "*a*",
    "a*b*",
    "?",
    "a?",
    "[ab]*",
    "[!a]",
    "*a*b*a",
    "b*a*a",
    "\\*",
]
HOSTILE = {
    "stars in a name": ("a*" * 40 + "b", "a"),
    "a star beside each sign": ("?*" * 40 + "b", "ac"),
    "folders of any depth": ("**/a*/" * 12 + "x", "ab/"),
    "the same folder over and over": ("**/a/" * 12 + "x", "a/"),
}


def test_every_pattern_says_what_pathspec_says() -> None:
    rng = random.Random(11)  # noqa: S311  # the same patterns in every run
    differing = []
    for _ in range(1500):
        segments = [rng.choice(SEGMENTS) for _ in range(rng.randint(1, 5))]
        pattern = rng.choice(["", "/", "!"]) + "/".join(segments) + rng.choice(["", "/"])
        theirs, ours = GitIgnoreSpec.from_lines([pattern], backend="simple"), globs([pattern], "a test")
        for _ in range(8):
            names = ["".join(rng.choices("abc*", k=rng.randint(1, 4))) for _ in range(rng.randint(1, 5))]
            path = "/".join(names) + rng.choice(["", "/"])
            if theirs.check_file(path).include != ours.check_file(path).include:
                differing.append((pattern, path))
    assert differing == []


@pytest.mark.parametrize("case", HOSTILE)
def test_a_pattern_of_many_wild_cards_takes_linear_time(case: str) -> None:
    pattern, unit = HOSTILE[case]
    spec = globs([pattern], "a test")
    assert_linear(lambda size: spec.match_file(unit * (size // len(unit))), 500)


def test_an_expression_without_wild_cards_stays_as_it_is() -> None:
    (pattern,) = GitIgnoreSpec.from_lines(["/drafts/old.md"]).patterns
    assert linear(pattern.regex.pattern) == pattern.regex.pattern


@pytest.mark.parametrize("line", ["!", "[z-a]", "\\"])
def test_a_line_that_is_no_pattern_is_an_error_that_names_it(line: str) -> None:
    with pytest.raises(UsageError, match="is no pattern") as error:
        globs(["*.tmp", line], ".ragchatignore")
    assert ".ragchatignore" in error.value.message
    assert error.value.code == "bad_pattern"
