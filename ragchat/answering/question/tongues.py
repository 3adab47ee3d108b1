"""Question and function words of languages other than the collection's, which its analysis takes for content.

"Wie lange habe ich Garantie" asks about one thing, Garantie; the other four words would count as missing from a text
that answers it. A question's language is only told where its words leave no doubt; a corpus may hold texts in several
languages, so it is looked at question by question.
"""

import re
from typing import Final

from ragchat.language.tables import languages

FEWEST: Final = 2
"""Function words that a question needs of a language."""
LEAD: Final = 1
"""By how many these must outnumber the English ones."""
_WORD: Final = re.compile(r"[^\W\d_]+")


def without_function_words(question: str) -> str:
    """The question without the words of its language that are no topic; as it is when that is English or in doubt."""
    words = [word.lower() for word in _WORD.findall(question) if len(word) > 1]  # T(n), didn't
    known = {code: language.words.function | language.words.form for code, language in languages().items()}
    english = sum(word in languages()["en"].words.function for word in words)
    counts = {code: sum(word in lists for word in words) for code, lists in known.items() if code != "en"}
    told = max(counts, key=lambda code: counts[code])
    if counts[told] < max(FEWEST, english + LEAD):
        return question
    return _WORD.sub(lambda word: "" if word.group().lower() in known[told] else word.group(), question)
