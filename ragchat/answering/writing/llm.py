"""The answerer with a model: streams what it writes, sentence by sentence checked against what it cites.

Model text goes through three filters, each bounded and independent of chunking: secrets are redacted, markers and
links taken out, sentences found. `annotate` passes words on at once and marks each sentence when it is over;
`strict` passes on only sentences that are verified, and refuses when none is.
"""

import re
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import assert_never

from anyio.lowlevel import checkpoint

from ragchat.answering.citations import Support, cite
from ragchat.answering.events import Citation, Event, Source, Step
from ragchat.answering.grounding.grounder import Grounder
from ragchat.answering.moderating.stream import OutputRedactor
from ragchat.answering.moderating.words import Moderation
from ragchat.answering.reply import Reply
from ragchat.answering.request import GroundingMode
from ragchat.answering.sources import Found
from ragchat.answering.writing.calls.upstream import BrokenOff, Delta
from ragchat.answering.writing.ending import Nearest, Said, ended, listed
from ragchat.answering.writing.markers import MarkerScanner, addresses_in
from ragchat.answering.writing.prompt import NO_ANSWER
from ragchat.answering.writing.sentences import Part, SentenceEnd, SentenceStream, Words
from ragchat.retrieval.search import RetrievedPassage
from ragchat.retrieval.windows import Window

SLICE = 400
"""Code points that are worked through in one go: cutting sentences looks at all that is not yet cut."""
_SENTINEL = re.compile(rf"\A\s*[*`\"']{{0,3}}{NO_ANSWER}[*`\"'.:]{{0,4}}\s*")
"""At the beginning of an answer that goes on after it; the words after it are checked like any others."""


@dataclass(slots=True)
class Material:
    """What one answer may rest on: sources, passages and what was read around them, under the same numbers."""

    sources: dict[int, Source] = field(default_factory=dict)
    passages: dict[int, RetrievedPassage] = field(default_factory=dict)
    windows: dict[int, Window] = field(default_factory=dict)

    @classmethod
    def of(cls, found: Found, numbers: Collection[int]) -> "Material":
        """What was found, as far as its numbers are listed."""
        material = cls()
        for source, passage in zip(found.sources, found.passages, strict=True):
            if source.n in numbers:
                material.add(source, passage, found.window(passage.document.id, passage.whole))
        return material

    def add(self, source: Source, passage: RetrievedPassage, window: Window) -> None:
        """One more source under its number."""
        self.sources[source.n], self.passages[source.n] = source, passage
        self.windows[source.n] = window

    @property
    def listed(self) -> list[Source]:
        return list(self.sources.values())

    def addresses(self) -> frozenset[str]:
        """The web addresses that an answer may show."""
        shown = (f"{source.uri} {source.text}" for source in self.sources.values())
        return frozenset(address for text in shown for address in addresses_in(text))


async def written(
    deltas: AsyncIterator[Delta],
    material: Material,
    grounder: Grounder,
    mode: GroundingMode,
    reply: Reply,
    moderation: Moderation,
    nearest: Nearest | None = None,
) -> AsyncGenerator[Event, None]:
    """The events of a model's answer, the terminal one included. Raises UpstreamFailed before the first words only.

    `nearest` says what is said where the model finds no answer; without it the nearest sources are listed. A
    blocked word ends the answer before it is said; a flagged one is told by a step after its sentence.
    """
    writer = _Writer(material, grounder, mode, reply, moderation)
    finish = ""
    broken = False
    try:
        async for delta in _held_back(deltas):
            finish = delta.finish or finish
            if delta.text:
                reply.first_word()
            reply.usage = delta.usage or reply.usage
            async with aclosing(writer.feed(delta.text)) as events:
                async for event in events:
                    yield event
            if writer.blocked:
                break
    except BrokenOff:
        broken = True
    async with aclosing(writer.flush()) as events:
        async for event in events:
            yield event
    said = Said(finish, broken, writer.blocked, writer.dropped)
    for event in ended(said, reply, material.listed, nearest or listed(material.listed)):
        yield event


async def _held_back(deltas: AsyncIterator[Delta]) -> AsyncGenerator[Delta, None]:
    """Holds the first words back while they may still become the sentinel for "no answer"; it is swallowed."""
    begun = ""
    decided = False
    async for delta in deltas:
        if decided:
            yield delta
            continue
        begun += delta.text
        bare = begun.strip().strip("*`\"'. ")
        if not NO_ANSWER.startswith(bare):
            decided = True
            yield Delta(_SENTINEL.sub("", begun), delta.finish, delta.usage)
        elif delta.finish or delta.usage:
            yield Delta("", delta.finish, delta.usage)
    if not decided and NO_ANSWER not in begun and begun.strip():
        yield Delta(begun)


class _Writer:
    """Model text in, events out."""

    def __init__(
        self,
        material: Material,
        grounder: Grounder,
        mode: GroundingMode,
        reply: Reply,
        moderation: Moderation,
    ) -> None:
        self.material = material
        self.reply = reply
        self._grounder = grounder
        self._strict = mode == "strict"
        self._redactor = OutputRedactor()
        self._scanner = MarkerScanner(material.addresses())
        self._sentences = SentenceStream(whole_words=moderation.blocks)
        self._held: list[str] = []
        self._moderation = moderation
        self._begun = ""
        self.blocked = False
        self.dropped = False

    async def feed(self, text: str) -> AsyncGenerator[Event, None]:
        """Worked through in slices, between which others get their turn: a service may send a megabyte at once."""
        for start in range(0, len(text), SLICE):
            for part in self._parts(text[start : start + SLICE]):
                async with aclosing(self._events(part)) as events:
                    async for event in events:
                        yield event
            if start:
                await checkpoint()

    async def flush(self) -> AsyncGenerator[Event, None]:
        for part in self._rest():
            async with aclosing(self._events(part)) as events:
                async for event in events:
                    yield event

    def _parts(self, text: str) -> Iterator[Part]:
        for piece in self._scanner.feed(self._redactor.feed(text)):
            yield from self._sentences.feed(piece)

    def _rest(self) -> Iterator[Part]:
        for piece in [*self._scanner.feed(self._redactor.flush()), *self._scanner.flush()]:
            yield from self._sentences.feed(piece)
        yield from self._sentences.flush()

    async def _events(self, part: Part) -> AsyncGenerator[Event, None]:
        if self.blocked:
            return
        match part:
            case Words(text):
                self._begun += text
                self.blocked = bool(self._moderation.blocked_in(self._begun))
                if self.blocked:
                    return
                if self._strict:
                    self._held.append(text)
                else:
                    yield self.reply.say(text)
            case SentenceEnd():
                if flagged := self._moderation.flagged_in(self._begun):
                    yield Step("moderation", "finished", f"flagged: {', '.join(flagged)}")
                self._begun = ""
                async with aclosing(self._sentence(part)) as events:
                    async for event in events:
                        yield event
            case _:
                assert_never(part)

    async def _sentence(self, sentence: SentenceEnd) -> AsyncGenerator[Event, None]:
        cited = [n for n in sentence.numbers if n in self.material.passages]
        verdicts = await self._grounder.check(
            sentence.text, {n: self.material.passages[n] for n in cited}, self.material.windows
        )
        if self._strict:
            held, self._held = "".join(self._held), []
            if not any(verdict.support.verified for verdict in verdicts):
                self.dropped = True
                return
            verdicts = [verdict for verdict in verdicts if verdict.support.verified]
            yield self.reply.say(held if self.reply.length else held.lstrip())
        if not any(character.isalnum() for character in sentence.text):
            return
        place = self.reply.last(len(sentence.text))
        citations: list[Citation] = [
            cite(self.material.windows[one.n], one.n, one.span, place, one.support) for one in verdicts
        ]
        for event in self.reply.ended_sentence(citations):
            yield event


__all__ = ["Material", "Support", "written"]
