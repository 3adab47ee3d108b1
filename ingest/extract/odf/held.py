"""What the body of a file holds, before its title and facts are known."""

from dataclasses import dataclass

from ingest.extract.assembly.building import TextBuilder


@dataclass(frozen=True, slots=True)
class Held:
    """The text put together; `title` is a title that it tells by itself, `reason` why it may be empty, `notes` what
    was left out."""

    builder: TextBuilder
    reason: str
    title: str = ""
    notes: tuple[str, ...] = ()


def left_out(number: int, what: str) -> tuple[str, ...]:
    """The note on so many things that are hidden, none for 0."""
    return (f"{number:,} hidden {what}{'s' * (number > 1)} left out",) if number else ()
