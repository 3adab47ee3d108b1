"""One language as a value: the words, marks and phrases that its table (tables/CODE.toml) holds.

Nothing here knows any language: no word of one stands in code. Every part may be empty, so that a new language can
begin with its function words alone. Phrases are kept as they are written; `ragchat.language.phrases` compiles them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

Words: TypeAlias = frozenset[str]
Phrases: TypeAlias = tuple[str, ...]
"""Regular expressions of whole words, in any case."""

Bound: TypeAlias = Literal["exactly", "at_least", "at_most", "more_than", "less_than"]
"""Which way a quantity is directed: "no less than 5" is at_least 5."""

QuestionKind: TypeAlias = Literal[
    "person", "contact", "place", "time", "amount", "price", "reason", "howto", "definition", "list", "yesno",
    "compare", "code", "trouble", "more",
]  # fmt: skip
"""What a question asks for; more: two questions in one."""
QUESTION_KINDS: Final[tuple[QuestionKind, ...]] = get_args(QuestionKind)

CourtesyKind: TypeAlias = Literal["greeting", "wellbeing", "thanks", "farewell", "praise", "about"]
COURTESY_KINDS: Final[tuple[CourtesyKind, ...]] = get_args(CourtesyKind)


@dataclass(frozen=True, slots=True)
class WordLists:
    """`function` words carry no topic and are left out of postings; `form` words ask (how *long*) and are no topic
    of a question; `telling` ones are usual in questions and, with `spelling` (letters in a row, "$" at a word's
    end), tell the language of a few words."""

    function: Words
    form: Words
    telling: Words
    spelling: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NumberWords:
    """How numbers are written: marks, and the words that they are made of.

    `words` are added up (twenty-four), `scales` multiply what stands before them, `alone` are never part of a longer
    number (third, half), `parts` stand inside a compound only. `ones_first`: one-and-twenty. `teens_after`: values
    that may be followed by ten to nineteen (soixante-dix). `loose` words are pronouns as often as numbers,
    `never_alone` other words unless they are part of a compound; `ranges` stand between the ends of one (5 to 7);
    `endings` make an ordinal of digits (3rd), `versions` make the number after them a name.
    """

    decimal: str
    grouping: tuple[str, ...]
    joiners: Words
    ones_first: bool
    teens_after: frozenset[int]
    words: Mapping[str, float]
    scales: Mapping[str, float]
    alone: Mapping[str, float]
    parts: Mapping[str, float]
    loose: Words
    never_alone: Words
    ranges: Words
    endings: Words
    versions: Words


@dataclass(frozen=True, slots=True)
class DateWords:
    """`order` of day and month where both are numbers ("dmy", "mdy", "" where it differs from place to place);
    `months` and `weekdays` give numbers from 1 (Monday); `only_capital` are other words in lower case."""

    order: str
    months: Mapping[str, int]
    weekdays: Mapping[str, int]
    only_capital: Words
    morning: Words
    afternoon: Words
    clock: Words


@dataclass(frozen=True, slots=True)
class Bounds:
    """Phrases that direct the quantity after them, and those that direct the one before them."""

    before: Mapping[Bound, tuple[str, ...]]
    after: Mapping[Bound, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Denial:
    """What denies: words, and endings of words (didn't); `scope_ends` are words over which no denial reaches."""

    words: Words
    endings: tuple[str, ...]
    scope_ends: Words


@dataclass(frozen=True, slots=True)
class Opposites:
    """`pairs`: of two sides, one says the opposite of the other, and words of one side stand for each other.
    `apart`: of a row of words (colours, kinds) one is none of the others. `periods`: units of time, each with its
    adverbs. `speakers`: who speaks and who is spoken to. `alike`: words that may stand for each other. `linking`: what
    stands on both sides of it may be exchanged (and, is). `agents`: before who does what is done (by)."""

    pairs: tuple[tuple[Words, Words], ...]
    apart: tuple[tuple[Words, ...], ...]
    periods: tuple[Words, ...]
    speakers: tuple[tuple[Words, ...], ...]
    alike: tuple[Words, ...]
    linking: Words
    agents: Words


@dataclass(frozen=True, slots=True)
class Slant:
    """Words that turn what a sentence says without denying it: a claim with one of `asks` needs one of `asks` or
    `answers` in its source."""

    asks: Words
    answers: Words


@dataclass(frozen=True, slots=True)
class CollectionWords:
    """How a question asks about all of something. `everything`: over the whole collection, where nobody has counted;
    `all_of`: for a whole list, at the beginning of a question; `counts` stand before what is counted, and
    `counted_ends` are words that are no part of it."""

    everything: Phrases
    all_of: Phrases
    counts: Phrases
    counted_ends: Words


@dataclass(frozen=True, slots=True)
class DraftWords:
    """How a question is drafted: `about` a heading ({document}, {heading}); from a statement with one of the verbs
    `being` or `doing` ({verb}, {subject}), unless it begins with one of `referring`. Words are written as sentences
    begin with them; no verbs: only headings are asked about."""

    about: str
    being: tuple[str, ...]
    being_asked: str
    doing: tuple[str, ...]
    doing_asked: str
    articles: Words
    referring: Words


@dataclass(frozen=True, slots=True)
class SentenceWords:
    """Words before a full stop. After `titles` no sentence ends, after `numbered` ones not before a digit, after
    `doubtful` ones only before one of `starters`; a number after `before_ordinals` is an ordinal ("der 2. Mann")."""

    titles: Words
    numbered: Words
    doubtful: Words
    starters: Words
    before_ordinals: Words


@dataclass(frozen=True, slots=True)
class FollowUpWords:
    """`pointers` anywhere and `openings` at its beginning make a question lean on what was said; of the words said
    before, `telling_nothing` are never taken along."""

    pointers: Phrases
    openings: Phrases
    telling_nothing: Words


@dataclass(frozen=True, slots=True)
class WritingWords:
    """How a model writes: words for a `source` before its number, and how an answer begins that says that the
    sources hold none (`no_answer`)."""

    source: Words
    no_answer: Phrases


@dataclass(frozen=True, slots=True)
class Courtesy:
    """What is no question, whole messages by kind with the reply to each, and what may stand around a question."""

    whole: Mapping[CourtesyKind, Phrases]
    replies: Mapping[CourtesyKind, str]
    opening: Phrases
    closing: Phrases


@dataclass(frozen=True, slots=True, eq=False)
class Language:
    """A language by its ISO 639-1 code. `stemmer` is a Snowball algorithm or "". `units` gives the one name of a unit
    of measure or a currency for each of its spellings, lower-case, "_" for a blank."""

    code: str
    name: str
    stemmer: str
    folds_before_stemming: bool
    elides: bool
    words: WordLists
    numbers: NumberWords
    dates: DateWords
    units: Mapping[str, str]
    bounds: Bounds
    denial: Denial
    opposites: Opposites
    slant: tuple[Slant, ...]
    writing: WritingWords
    questions: Mapping[QuestionKind, Phrases]
    collection: CollectionWords
    drafts: DraftWords
    sentences: SentenceWords
    follow_up: FollowUpWords
    courtesy: Courtesy
