"""A stream of words and markers cut into sentences, each with the numbers that it cites, as soon as it is over.

A marker belongs to the sentence that it stands in or right after. A word that follows what may be an end is held back
until its first letter tells ("amber. T"), or until white space follows it, because "U.S. Th" cannot be judged; so a
sentence's citations always come before the next one's first word. Others are passed on as they come: held back, each
sentence's last and first words made every twentieth gap of a stream twice as long.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from ragchat.answering.writing.markers import Marker, Piece
from ragchat.language.full_stops import AROUND_STOPS, ENDING, OPENERS, STOPS
from ragchat.language.sentences import MAX_ITEM, sentence_spans


@dataclass(frozen=True, slots=True)
class Words:
    """Text to pass on now; it belongs to the sentence that is under way, or is white space before it."""

    text: str


@dataclass(frozen=True, slots=True)
class SentenceEnd:
    """The sentence just passed on: its text without white space around it, and the numbers that it cites."""

    text: str
    numbers: tuple[int, ...]


Part: TypeAlias = Words | SentenceEnd

LONGEST_WORD: Final = 1_000
"""Code points without white space after which a run is passed on in pieces of this length."""
_BETWEEN_WORDS: Final = re.compile(r"\s|[\u2e80-\U0003ffff]")
"""After these a word is over; in scripts without blanks after every character."""
_UNTOLD: Final = "\u05d0\u05d0"
"""Stands for the rest of a word that is not told yet: letters without case, which make it none of those that decide
whether a sentence ends before them."""


@dataclass(slots=True)
class SentenceStream:
    """Feed it what a MarkerScanner gives; joined `Words` are the text that was fed.

    With `whole_words` no word is passed on before it is over, for who must know it before it is shown.
    """

    whole_words: bool = False
    _text: str = ""
    _told: int = 0
    _word: int = 0
    _markers: list[tuple[int, tuple[int, ...]]] = field(default_factory=list)

    def feed(self, piece: Piece) -> Iterator[Part]:
        """The parts that are certain by now."""
        if isinstance(piece, Marker):
            self._markers.append((len(self._text), piece.numbers))
            return
        seen = len(self._text)
        self._text += piece
        known = self._known(seen)
        if self._goes_on():
            yield from self._words(len(self._text.rstrip()))
        else:
            yield from _joined(self._certain(known))

    def flush(self) -> Iterator[Part]:
        """The rest; the stream is over."""
        yield from self._parts(len(self._text))
        if spans := sentence_spans(self._text):
            yield self._end(spans[0].start, spans[0].end, len(self._text))
        self._text, self._told, self._word, self._markers = "", 0, 0, []

    def _certain(self, known: int) -> Iterator[Part]:
        if self._text[self._told : known].strip():
            yield from self._parts(known)
        if not self.whole_words:
            yield from self._begun_word()

    def _goes_on(self) -> bool:
        """Whether what is not yet cut is the beginning of one sentence, by whatever it may be followed.

        Short, on one line and without a stop in reach: its end is still to come. Most pieces of a stream are such, and
        cutting all that is not yet cut for each of them was a fifth of the work on a stream.
        """
        begun = self._text.lstrip()
        return (
            not self.whole_words
            and 0 < len(begun) <= MAX_ITEM
            and "\n" not in begun
            and STOPS.search(self._text, max(0, self._told - AROUND_STOPS)) is None
        )

    def _known(self, seen: int) -> int:
        """Up to where the text is told: not its last word. `seen` code points of it were looked at before."""
        for match in _BETWEEN_WORDS.finditer(self._text, seen):
            self._word = match.end()
        return self._word + (len(self._text) - self._word) // LONGEST_WORD * LONGEST_WORD

    def _parts(self, known: int) -> Iterator[Part]:
        while True:
            spans = sentence_spans(self._text, 0, known)
            if len(spans) < 2:
                break
            first, start = spans[0], spans[1].start
            yield from self._words(first.end)
            yield self._end(first.start, first.end, start)
            self._cut(first.end)
            known -= first.end
        end = sentence_spans(self._text, 0, known)
        # White space at the end waits: it stands before the next sentence's first word, after the citations.
        yield from self._words(end[0].end if end else 0)

    def _begun_word(self) -> Iterator[Part]:
        """The word under way, where it is certain by now which sentence it belongs to."""
        before, begun = self._text[: self._word], self._text[self._word :]
        first = begun.lstrip(OPENERS)[:1]
        if not before.strip() or "\n" in before.lstrip() or not first.isalnum():
            return
        if ENDING.search(before):
            told = before + begun[: begun.index(first) + 1] + _UNTOLD
            spans = sentence_spans(told) if not first.islower() else []
            if len(spans) != 2 or spans[1].start != self._word:
                return
            yield from self._words(spans[0].end)
            yield self._end(spans[0].start, spans[0].end, self._word)
            self._cut(spans[0].end)
        yield from self._words(len(self._text.rstrip()))

    def _words(self, end: int) -> Iterator[Words]:
        if end > self._told:
            yield Words(self._text[self._told : end])
            self._told = end

    def _end(self, start: int, end: int, until: int) -> SentenceEnd:
        numbers = [n for at, cited in self._markers if at <= until for n in cited]
        self._markers = [marker for marker in self._markers if marker[0] > until]
        return SentenceEnd(self._text[start:end], tuple(dict.fromkeys(numbers)))

    def _cut(self, length: int) -> None:
        self._text = self._text[length:]
        self._told = max(0, self._told - length)
        self._word = max(0, self._word - length)
        self._markers = [(at - length, cited) for at, cited in self._markers]


def _joined(parts: Iterator[Part]) -> Iterator[Part]:
    """Words that come together as one piece: each is an event."""
    words = ""
    for part in parts:
        if isinstance(part, Words):
            words += part.text
            continue
        if words:
            yield Words(words)
            words = ""
        yield part
    if words:
        yield Words(words)
