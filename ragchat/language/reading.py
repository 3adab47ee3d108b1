"""A language's table to the value `Language`: what each key of the file means, and what is checked.

`language_of_table` takes the text of a file, so that a table may come from anywhere; tables.py knows where ours are.
"""

import re
from collections.abc import Mapping
from typing import Final

from ragchat.language.language import (
    COURTESY_KINDS,
    QUESTION_KINDS,
    Bound,
    Bounds,
    CollectionWords,
    Courtesy,
    DateWords,
    Denial,
    DraftWords,
    FollowUpWords,
    Language,
    NumberWords,
    Opposites,
    QuestionKind,
    SentenceWords,
    Slant,
    WordLists,
    WritingWords,
)
from ragchat.language.table_file import TableFile

_BEFORE: Final[tuple[Bound, ...]] = ("at_least", "at_most", "more_than", "less_than")
_AFTER: Final[tuple[Bound, ...]] = ("at_least", "at_most")
_CODE: Final = re.compile(r"[a-z]{2,3}")


def language_of_table(name: str, text: str, signs: Mapping[str, str]) -> Language:
    """The language that a table describes; `signs` are the units written alike everywhere. Raises UsageError naming
    the file, the key and what was expected."""
    file = TableFile.of(name, text)
    code = file.text("code")
    if not _CODE.fullmatch(code):
        raise file.fail("code", "an ISO 639 code (two or three small letters)")
    language = Language(
        code=code,
        name=file.text("name", code),
        stemmer=file.text("stemmer"),
        folds_before_stemming=file.flag("folds_before_stemming"),
        elides=file.flag("elides"),
        words=_words(file.table("words")),
        numbers=_numbers(file.table("numbers")),
        dates=_dates(file.table("dates")),
        units={**signs, **_spellings(file.table("units"))},
        bounds=_bounds(file.table("bounds")),
        denial=_denial(file.table("denial")),
        opposites=_opposites(file.table("opposites")),
        slant=tuple(_slant(one) for one in file.tables("slant")),
        writing=_writing(file.table("writing")),
        questions=_phrases_by(file.table("questions"), QUESTION_KINDS),
        collection=_collection(file.table("collection")),
        drafts=_drafts(file.table("drafts")),
        sentences=_sentences(file.table("sentences")),
        follow_up=_follow_up(file.table("follow_up")),
        courtesy=_courtesy(file.table("courtesy")),
    )
    file.finish()
    return language


def units_of(table: TableFile) -> dict[str, str]:
    """For each spelling the unit's one name."""
    return _spellings(table)


def _words(table: TableFile) -> WordLists:
    lists = WordLists(
        function=table.words("function"),
        form=table.words("form"),
        telling=table.words("telling"),
        spelling=tuple(table.text("spelling").split()),
    )
    table.finish()
    return lists


def _numbers(table: TableFile) -> NumberWords:
    numbers = NumberWords(
        decimal=table.text("decimal", "."),
        grouping=table.list("grouping"),
        joiners=table.words("joiner"),
        ones_first=table.flag("ones_first"),
        teens_after=table.numbers("teens_after"),
        words=_values(table.table("words")),
        scales=_values(table.table("scales")),
        alone=_values(table.table("alone")),
        parts=_values(table.table("parts")),
        loose=table.words("loose"),
        never_alone=table.words("never_alone"),
        ranges=table.words("ranges"),
        endings=table.words("endings"),
        versions=table.words("versions"),
    )
    table.finish()
    return numbers


def _values(table: TableFile) -> dict[str, float]:
    """20 = "twenty": for each word its value."""
    values: dict[str, float] = {}
    for key in table:
        try:
            value = float(key)
        except ValueError:
            raise table.fail(key, "a number on the left, its words on the right") from None
        values.update((word, value) for word in table.words(key))
    table.finish()
    return values


def _dates(table: TableFile) -> DateWords:
    dates = DateWords(
        order=table.text("order"),
        months=_numbered(table, "months", 12),
        weekdays=_numbered(table, "weekdays", 7),
        only_capital=table.words("months_if_capital"),
        morning=table.words("morning"),
        afternoon=table.words("afternoon"),
        clock=table.words("clock"),
    )
    if dates.order not in ("", "dmy", "mdy"):
        raise table.fail("order", '"dmy", "mdy" or ""')
    table.finish()
    return dates


def _numbered(table: TableFile, key: str, length: int) -> dict[str, int]:
    listed = table.list(key)
    if len(listed) not in (0, length):
        raise table.fail(key, f"a list of {length} strings, each with all spellings of one")
    return {word: number for number, words in enumerate(listed, 1) for word in words.split()}


def _spellings(table: TableFile) -> dict[str, str]:
    units = {word: key for key in table for word in (key.lower(), *table.text(key).split())}
    table.finish()
    return units


def _bounds(table: TableFile) -> Bounds:
    bounds = Bounds(
        before={bound: table.list(bound) for bound in _BEFORE},
        after={bound: table.list(f"after_{bound}") for bound in _AFTER},
    )
    table.finish()
    return bounds


def _denial(table: TableFile) -> Denial:
    denial = Denial(table.words("words"), tuple(table.text("endings").split()), table.words("scope_ends"))
    table.finish()
    return denial


def _opposites(table: TableFile) -> Opposites:
    pairs = []
    for pair in table.list("pairs"):
        one, bar, other = pair.partition("|")
        if not bar:
            raise table.fail("pairs", 'a list of "words | opposite words"')
        pairs.append((frozenset(one.split()), frozenset(other.split())))
    opposites = Opposites(
        pairs=tuple(pairs),
        apart=tuple(tuple(frozenset(one.split()) for one in row.split("|")) for row in table.list("apart")),
        speakers=tuple(
            tuple(frozenset(one.split()) for one in row.split("|")) for row in table.list("speakers")
        ),
        periods=tuple(frozenset(one.split()) for one in table.list("periods")),
        alike=tuple(frozenset(group.split()) for group in table.list("alike")),
        linking=table.words("linking"),
        agents=table.words("agents"),
    )
    table.finish()
    return opposites


def _slant(table: TableFile) -> Slant:
    slant = Slant(table.words("asks"), table.words("answers"))
    table.finish()
    return slant


def _writing(table: TableFile) -> WritingWords:
    words = WritingWords(table.words("source"), table.list("no_answer"))
    table.finish()
    return words


def _collection(table: TableFile) -> CollectionWords:
    documents = table.text("documents")
    words = CollectionWords(
        everything=tuple(one.replace("{documents}", documents) for one in table.list("everything")),
        all_of=table.list("all_of"),
        counts=table.list("counts"),
        counted_ends=table.words("counted_ends"),
    )
    table.finish()
    return words


def _drafts(table: TableFile) -> DraftWords:
    words = DraftWords(
        about=table.text("about", "{document}: {heading}"),
        being=tuple(table.text("being").split()),
        being_asked=table.text("being_asked"),
        doing=tuple(table.text("doing").split()),
        doing_asked=table.text("doing_asked"),
        articles=frozenset(table.text("articles").split()),
        referring=frozenset(table.text("referring").split()),
    )
    table.finish()
    return words


def _sentences(table: TableFile) -> SentenceWords:
    words = SentenceWords(
        titles=table.words("titles"),
        numbered=table.words("numbered"),
        doubtful=table.words("doubtful"),
        starters=table.words("starters"),
        before_ordinals=table.words("before_ordinals"),
    )
    table.finish()
    return words


def _follow_up(table: TableFile) -> FollowUpWords:
    words = FollowUpWords(table.list("pointers"), table.list("openings"), table.words("telling_nothing"))
    table.finish()
    return words


def _courtesy(table: TableFile) -> Courtesy:
    replies = table.table("replies")
    courtesy = Courtesy(
        whole={kind: table.list(kind) for kind in COURTESY_KINDS},
        replies={kind: replies.text(kind) for kind in COURTESY_KINDS},
        opening=table.list("opening"),
        closing=table.list("closing"),
    )
    replies.finish()
    table.finish()
    return courtesy


def _phrases_by(table: TableFile, kinds: tuple[QuestionKind, ...]) -> dict[QuestionKind, tuple[str, ...]]:
    phrases = {kind: table.list(kind) for kind in kinds}
    table.finish()
    return phrases
