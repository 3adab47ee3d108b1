"""Where a sentence of prose ends: at a full stop, unless the words on both sides of it say otherwise.

A text may hold words of several languages, so that the abbreviations of all of them count, whatever it is in: each
list keeps to words that end no sentence elsewhere.
"""

import re
from collections.abc import Iterator
from functools import cache

from ragchat.documents import Span
from ragchat.language.language import Language, SentenceWords
from ragchat.language.tables import languages

_STOP = re.compile(r"(?:[.!?…]++|[。！？｡．]++)(?:\[\^?[\w*]{1,4}\])*+[\"'”’»)\]}」』）*_]*+")
STOPS = re.compile(r"[.!?…。！？｡．]")
"""What a sentence can end with."""
AROUND_STOPS = 64
"""Code points after a stop beyond which nothing changes any more whether it ends a sentence."""
ENDING = re.compile(r"[.!?…。！？｡．](?:\[\^?[\w*]{1,4}\])*[\"'”’»)\]}」』）*_]*\s*$")
"""A text after which another sentence may begin."""
_CJK_STOPS = "。！？｡．"
OPENERS = "\"'“‘«([{¿¡「『（*_"
"""What may stand before a sentence's first letter."""
_WORD_BEFORE = re.compile(r"(?<![\w.'’&])[\w.'’&]*$")
_WORD_AFTER = re.compile(r"[^\W\d_]+")
_LABEL = re.compile(r"(?P<mark>\*\*|__|\*|_)(?![\s*_])[^*_\n]{1,60}(?P=mark)")
_MARKED = 200
"""Code points within which emphasis that is still open holds its sentences together."""
_NUMBER_BEFORE = re.compile(r"(?<!\w)(\w+) \d{1,2}$")


def words_before_stops() -> SentenceWords:
    """Those of all languages together."""
    return _together(tuple(languages().values()))


@cache
def _together(known: tuple[Language, ...]) -> SentenceWords:
    lists = [language.sentences for language in known]
    return SentenceWords(
        titles=frozenset[str]().union(*(one.titles for one in lists)),
        numbered=frozenset[str]().union(*(one.numbered for one in lists)),
        doubtful=frozenset[str]().union(*(one.doubtful for one in lists)),
        starters=frozenset[str]().union(*(one.starters for one in lists)),
        before_ordinals=frozenset[str]().union(*(one.before_ordinals for one in lists)),
    )


def split_at_stops(text: str, start: int, end: int, words: SentenceWords) -> Iterator[Span]:
    """Splits prose at its full stops."""
    caseless = text[start:end].islower()
    begin = start
    for stop in _STOP.finditer(text, start, end):
        after = stop.end()
        if after >= end:
            break
        if not _is_boundary(text, begin, stop, end, caseless, words):
            continue
        yield from stripped(text, begin, after)
        begin = after
    yield from stripped(text, begin, end)


def _is_boundary(
    text: str, begin: int, stop: re.Match[str], end: int, caseless: bool, words: SentenceWords
) -> bool:
    mark, after = text[stop.start()], stop.end()
    if after - begin <= _MARKED and _holds_together(text[begin:after]):
        return False
    if mark in _CJK_STOPS:
        return True
    if not text[after].isspace():
        return False
    head = text[after : min(end, after + 40)].lstrip().lstrip(OPENERS)
    apart = stop.start() > begin and text[stop.start() - 1].isspace()  # tokenised text: "slipstream . an"
    if head[:1].islower() and not (apart or caseless):
        return False
    if mark != "." or stop.group().startswith("..") or apart:
        return any(c.isalnum() for c in text[max(begin, stop.start() - 40) : stop.start()])
    return _ends_sentence(
        text[max(begin, stop.start() - 24) : stop.start()], head, begin >= stop.start() - 4, words
    )


def _holds_together(head: str) -> bool:
    """A run-in label ("**The cause.** The …") belongs to what follows, and emphasis is not cut while it is open."""
    return head[0] in "*_" and (
        _LABEL.fullmatch(head) is not None or (head.count(head[0]) in (1, 2) and _open(head))
    )


def _open(head: str) -> bool:
    mark = head[:2] if head[:2] == 2 * head[0] else head[0]
    return mark not in head[len(mark) :]


def _ends_sentence(before: str, head: str, first: bool, words: SentenceWords) -> bool:
    """Whether "before." followed by "head" is an end, looking only at the words on both sides."""
    found = _WORD_BEFORE.search(before)
    word = found.group().lstrip(".'’") if found else ""
    word = re.split("['’]", word)[-1] if word[-1:].isalpha() else word  # l'art. 5
    folded = word.lower()
    following = _WORD_AFTER.match(head)
    starter = following is not None and following.group().lower() in words.starters
    if folded in words.numbered and (head[:1].isdigit() or len(folded) > 1):
        return not head[:1].isdigit()
    if folded in words.titles or (word.isdigit() and _is_ordinal(before, words)):
        return False
    if folded in words.doubtful or (len(word) == 1 and word.isalpha()) or re.fullmatch(r"(?:\w\.)+\w", word):
        return starter
    return not (first and word.isdigit())  # "1. Open the lid" at the start of a unit


def _is_ordinal(before: str, words: SentenceWords) -> bool:
    found = _NUMBER_BEFORE.search(before)
    return found is not None and found[1].lower() in words.before_ordinals


def stripped(text: str, start: int, end: int) -> Iterator[Span]:
    """The range without white space around it; nothing where there is nothing else."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        yield Span(start, end)
