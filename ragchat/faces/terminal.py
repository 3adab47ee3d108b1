"""A stream on a terminal: Markdown as it is meant, citations as [n] by first use, then the quoted words under
their titles.

A block (a paragraph, a list, a table, code) is set when it is complete; until then its words stand there as they
come. On a pipe or a file nothing but plain characters is written: the words as they are, no colours, no cursor
movements.
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import assert_never

from rich.console import Console
from rich.live import Live
from rich.markdown import Markdown
from rich.status import Status
from rich.text import Text

from ragchat.answering.events import (
    Citation,
    Cited,
    Done,
    Error,
    Event,
    Refusal,
    Source,
    Sources,
    Start,
    Step,
    Token,
)
from ragchat.faces.checked import checked
from ragchat.faces.marks import Marks
from ragchat.faces.text import place, snippet

_STEPS = {"rewrite": "Understanding the question", "search": "Searching", "tool": "Looking further"}
FENCES = ("```", "~~~")


async def render(
    events: AsyncIterator[Event], console: Console, *, show_sources: bool = True
) -> Done | Error:
    """Write the stream to `console` and return its terminal event."""
    screen = _Screen(console, show_sources)
    try:
        async for event in events:
            screen.show(event)
            if isinstance(event, Done | Error):
                return event
    finally:
        screen.quiet()
    missing = Error("no_end", "The answer ended without saying how.", retryable=True)
    screen.show(missing)
    return missing


class _Screen:
    """What stands on the console so far; a waiting line is shown on terminals only, until the first words."""

    def __init__(self, console: Console, show_sources: bool) -> None:
        self._console = console
        self._show_sources = show_sources
        self._status: Status | None = None
        self._words = _Words(console)
        self._marks = Marks()
        self._numbers: dict[int, int] = {}

    def show(self, event: Event) -> None:
        match event:
            case Start():
                self._wait("Searching")
            case Step():
                if event.state == "started":
                    self._wait(event.detail or _STEPS.get(event.name, event.name))
            case Sources():
                self._wait("Reading")
            case Token():
                self._stop_waiting()
                self._words.add(self._marks.words(event.token))
            case Cited():
                self._words.add(self._marks.mark(self._numbered(event.citation)))
            case Done():
                self.quiet()
                self._end(event)
            case Error():
                self.quiet()
                self._console.print(Text(f"\n{event.message} [{event.code}]", style="red"), soft_wrap=True)
            case _:
                assert_never(event)

    def quiet(self) -> None:
        """Take the waiting line away, and set what is still under way."""
        self._stop_waiting()
        if rest := self._marks.end():
            self._words.add(rest)
        self._words.finish()

    def _stop_waiting(self) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None

    def _wait(self, what: str) -> None:
        if not self._console.is_terminal or self._words.begun:
            return
        if self._status is None:
            self._status = self._console.status("")
            self._status.start()
        self._status.update(Text(f"{what} …", style="dim"))

    def _numbered(self, citation: Citation) -> Citation:
        """The citation under the number of its source's first use, from 1."""
        return replace(citation, n=self._numbers.setdefault(citation.n, len(self._numbers) + 1))

    def _end(self, done: Done) -> None:
        self._console.print()
        if done.finish in ("stopped", "incomplete"):
            self._console.print(Text(f"({done.finish})", style="yellow"))
        if not self._show_sources:
            return
        for line in _cited([self._numbered(citation) for citation in done.citations]):
            self._console.print(line, soft_wrap=True)
        if told := checked(done):
            self._console.print(Text(told, style="dim"), soft_wrap=True)
        if done.refusal is not None:
            self._nearest(done.refusal)

    def _nearest(self, refusal: Refusal) -> None:
        lines = [_place_line(n, place(quote)) for n, quote in enumerate(refusal.quotes, 1)]
        lines = lines or [
            line for n, source in enumerate(refusal.nearest, 1) for line in _source_lines(n, source)
        ]
        if lines:
            self._console.print(Text("\nThe nearest passages:", style="dim"))
        for line in lines:
            self._console.print(line, soft_wrap=True)


class _Words:
    """The answer's words: as they come where there is no terminal, else set as Markdown block by block."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._block = ""
        self._live: Live | None = None
        self.begun = False

    def add(self, words: str) -> None:
        self.begun = True
        if not words:
            return
        if not self._console.is_terminal:
            self._console.print(Text(words), end="", soft_wrap=True)
            return
        self._block += words
        while (end := _block_end(self._block)) is not None:
            self._set(self._block[:end])
            self._block = self._block[end:].lstrip("\n")
        self._show()

    def finish(self) -> None:
        if self._console.is_terminal:
            self._set(self._block)
            self._block = ""

    def _show(self) -> None:
        if not self._block.strip():
            return
        if self._live is None:
            self._live = Live(console=self._console, transient=True, auto_refresh=False)
            self._live.start()
        self._live.update(Text(self._block.rstrip()), refresh=True)

    def _set(self, block: str) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None
        if block.strip():
            self._console.print(Markdown(block, hyperlinks=False))


def _block_end(text: str) -> int | None:
    """Where the first complete block ends: at a blank line outside of code; None while there is none."""
    fence = ""
    at = 0
    for line in text.splitlines(keepends=True):
        bare = line.strip()
        if not fence and bare.startswith(FENCES):
            fence = bare[:3]
        elif fence and bare.startswith(fence):
            fence = ""
        if not bare and not fence and line.endswith("\n") and text[:at].strip():
            return at
        at += len(line)
    return None


def _cited(citations: list[Citation]) -> list[Text]:
    """For every number its place, and under it each quote once."""
    lines = [Text()] if citations else []
    held = {one.n for one in citations if one.verified}
    titled: set[int] = set()
    quoted: set[tuple[int, int, int]] = set()
    for citation in sorted(citations, key=lambda one: one.n):
        key = (citation.n, citation.span.start, citation.span.end)
        if key in quoted:
            continue
        quoted.add(key)
        if citation.n not in titled:
            titled.add(citation.n)
            style = "bold green" if citation.n in held else "yellow"
            lines.append(Text.assemble((f"[{citation.n}] ", style), place(citation)))
        words = " ".join(citation.quote.split())
        doubt = "" if _holds(citation, citations) else "  (does not support the sentence)"
        lines.append(Text(f"    “{words}”{doubt}", style="italic dim"))
    return lines


def _holds(citation: Citation, citations: list[Citation]) -> bool:
    """Whether the quote supports any sentence that cites it."""
    same = (one for one in citations if (one.n, one.span) == (citation.n, citation.span))
    return any(one.verified for one in same)


def _place_line(n: int, where: str) -> Text:
    return Text.assemble((f"[{n}] ", "bold"), where)


def _source_lines(n: int, source: Source) -> list[Text]:
    page = f", p. {source.page}" if source.page is not None else ""
    path = [heading for heading in source.heading_path if heading != source.title and "|" not in heading]
    heading = f", {path[-1]}" if path else ""
    return [
        _place_line(n, f"{source.title}{page}{heading}"),
        Text(f"    “{snippet(source.text)}”", style="italic dim"),
    ]
