"""A stream on a terminal: the words as they come, citations as [n], then the quoted words under their titles.

On a pipe or a file nothing but plain characters is written: no colours, no cursor movements, no progress.
"""

from collections.abc import AsyncIterator
from typing import assert_never

from rich.console import Console
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
from ragchat.faces.text import marker, place

_STEPS = {"rewrite": "Understanding the question", "search": "Searching", "tool": "Looking further"}


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
                self.quiet()
                self._write(Text(event.token))
            case Cited():
                self._write(_mark(event.citation))
            case Done():
                self.quiet()
                self._end(event)
            case Error():
                self.quiet()
                self._console.print(Text(f"\n{event.message} [{event.code}]", style="red"), soft_wrap=True)
            case _:
                assert_never(event)

    def quiet(self) -> None:
        """Take the waiting line away."""
        if self._status is not None:
            self._status.stop()
            self._status = None

    def _wait(self, what: str) -> None:
        if not self._console.is_terminal:
            return
        if self._status is None:
            self._status = self._console.status("")
            self._status.start()
        self._status.update(Text(f"{what} …", style="dim"))

    def _write(self, text: Text) -> None:
        self._console.print(text, end="", soft_wrap=True)

    def _end(self, done: Done) -> None:
        self._console.print()
        if done.finish in ("stopped", "incomplete"):
            self._console.print(Text(f"({done.finish})", style="yellow"))
        if not self._show_sources:
            return
        for line in _cited(done.citations):
            self._console.print(line, soft_wrap=True)
        if done.refusal is not None:
            self._nearest(done.refusal)

    def _nearest(self, refusal: Refusal) -> None:
        if not refusal.nearest:
            return
        self._console.print(Text("\nThe nearest passages:", style="dim"))
        for source in refusal.nearest:
            self._console.print(_source_line(source), soft_wrap=True)


def _mark(citation: Citation) -> Text:
    return Text(marker(citation), style="green" if citation.verified else "yellow")


def _cited(citations: tuple[Citation, ...]) -> list[Text]:
    """For every number its place, and under it each quote once."""
    lines = [Text()] if citations else []
    titled: set[int] = set()
    quoted: set[tuple[int, int, int]] = set()
    for citation in sorted(citations, key=lambda one: one.n):
        key = (citation.n, citation.span.start, citation.span.end)
        if key in quoted:
            continue
        quoted.add(key)
        if citation.n not in titled:
            titled.add(citation.n)
            lines.append(Text.assemble((f"[{citation.n}] ", "bold green"), place(citation)))
        words = " ".join(citation.quote.split())
        doubt = "" if citation.verified else "  (not verified)"
        lines.append(Text(f"    “{words}”{doubt}", style="italic dim"))
    return lines


def _source_line(source: Source) -> Text:
    page = f", p. {source.page}" if source.page is not None else ""
    heading = f", {source.heading_path[-1]}" if source.heading_path else ""
    return Text.assemble((f"[{source.n}] ", "bold"), f"{source.title}{page}{heading}")
