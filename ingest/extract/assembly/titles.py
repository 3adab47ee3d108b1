"""The title of a file whose format has a field for one: what the file says, what its name says, or both.

Programs fill that field with their own words ("Microsoft Word - draft7.doc"), and people with words that fit a hundred
files of the same folder ("Annual report 2018"). The title is embedded and searched with every chunk, so that it has to
say whose report it is: the file's name often does.
"""

import re
from typing import Final

from ingest.extract.clean import humanised, one_line

_JUNK: Final = re.compile(
    r"untitled.*|unknown|\(.*\)|presentation\s?\d*|document\d*|title|slide \d+|(microsoft )?(word|powerpoint|excel)\b.*"
    r"|powerpoint[ -]pr[ée]sentation|.*\.(docx?|pdf|indd|qxd|tex|dvi|xlsx?|pptx?|odt|fm|html?)",
    re.IGNORECASE,
)
_WORD: Final = re.compile(r"[^\W_]+")
_ANYBODYS: Final = frozenset(
    """a an and annual appendix attachment by company consolidated copy corporation corrected document draft earnings
    exhibit filing final financial first fiscal for form fourth full fy half in inc interim internal january february
    march april may june july august september october november december ltd minutes monthly notes of on page
    presentation public quarter quarterly release report reports results revised revision scan second sheet signed
    slides statement statements summary the third to update updated version weekly year""".split()  # noqa: SIM905
)
_LONGEST: Final = 300


def file_title(declared: str, name: str) -> str:
    """`declared` unless a program left it there, with the humanised file name where it could be any file's title."""
    title, named = one_line(declared), humanised(name)
    if len(title) < 3 or len(title) > _LONGEST or _JUNK.fullmatch(title):
        return named
    own = _words(title)
    if all(word in _ANYBODYS or not word.isalpha() or len(word) == 1 for word in own) and _words(named) - own:
        return f"{title} ({named})"
    return title


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.lower()))
