"""Globs in .gitignore syntax, matched in time linear in the path whatever stands in them.

pathspec knows the syntax and makes a regular expression of a line; `a*a*a*…b` then costs minutes a name, and an ignore
file comes with its folder, so that anybody who may write there writes it. All wild cards but the last are made to stop
at the first place that fits (atomic groups): in a glob the first place is as good as any later one.
"""

import re
import warnings
from collections.abc import Iterable
from typing import AnyStr, Final

from pathspec import GitIgnoreSpec
from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

from ragchat.errors import UsageError

_FOLDERS: Final = "(?:/.+)?"
"""What pathspec writes for `/**` inside of a pattern."""
_ANYWHERE: Final = "^(?:.+/)?"
"""… and for `**/` at its beginning."""
_STAR: Final = "[^/]*"


class _LinearPattern(GitIgnoreSpecPattern):
    __slots__ = ()

    @classmethod
    def pattern_to_regex(cls, pattern: AnyStr) -> tuple[AnyStr | None, bool | None]:
        regex, include = super().pattern_to_regex(pattern)
        return linear(regex) if isinstance(regex, str) else regex, include  # type: ignore[return-value]


def linear(regex: str) -> str:
    """pathspec's expression of a glob, without places to go back to: folders by folders, in each star by star."""
    anywhere = regex.startswith(_ANYWHERE)
    blocks = [_linear_stars(block) for block in regex.removeprefix(_ANYWHERE).split(_FOLDERS)]
    begins = ["^(?:.+?/)??" if anywhere else "", *["(?:/.+?)??"] * (len(blocks) - 1)]
    atomic = [f"(?>{begin}{block}(?=/))" for begin, block in zip(begins[:-1], blocks[:-1], strict=True)]
    last = _FOLDERS if len(blocks) > 1 else _ANYWHERE if anywhere else ""
    return "".join(atomic) + last + blocks[-1]


def _linear_stars(block: str) -> str:
    first, *others = block.split(_STAR)
    if not others:
        return first
    return first + "".join(f"(?>{_STAR}?{piece})" for piece in others[:-1]) + _STAR + others[-1]


def globs(lines: Iterable[str], where: str) -> GitIgnoreSpec:
    """UsageError for a line that is no pattern: what it was to keep out must not be taken in. `where` it stands."""
    patterns = []
    for line in lines:
        try:
            with warnings.catch_warnings(action="ignore", category=FutureWarning):  # of "[[" in a set
                patterns.append(_LinearPattern(line))
        except (ValueError, re.error) as error:
            raise UsageError(
                f"{line!r} in {where} is no pattern.",
                hint="The syntax is that of .gitignore, as drafts/ or *.tmp.",
                code="bad_pattern",
            ) from error
    return GitIgnoreSpec(patterns, backend="simple")
