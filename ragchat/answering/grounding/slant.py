"""Words that turn what a sentence says without denying it: how little, only in part, by whose fault, wrongly.

"It has a minor effect" holds every other word of "It has an effect". Such a word in a claim must be answered by one of
its kind in the source. The kinds of each language are in its table; the English ones are those that let false claims
with known labels through (bench/answering).
"""

from collections.abc import Iterable

from ragchat.language.tables import language_named


def slant_agrees(claim: frozenset[str], source: frozenset[str], languages: Iterable[str] = ("en",)) -> bool:
    """Whether each kind of turning word in the claim is in the source too; both are lower-case words."""
    kinds = (slant for code in languages for slant in language_named(code).slant)
    return all(not claim & slant.asks or source & (slant.asks | slant.answers) for slant in kinds)
