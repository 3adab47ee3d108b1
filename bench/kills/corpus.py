"""The folders that a campaign ingests: deterministic Markdown files, and what they look like once indexed."""

import hashlib
import random
from pathlib import Path
from typing import Literal

Scenario = Literal["first", "again", "removal"]
SCENARIOS: tuple[Scenario, ...] = ("first", "again", "removal")

# What an index holds, or should hold: key to the sha256 of the source bytes.
Content = dict[str, str]

_WORDS = (
    "amber",
    "basil",
    "cedar",
    "dune",
    "ember",
    "fjord",
    "grove",
    "harbor",
    "iris",
    "jasper",
    "kelp",
    "opal",
)


def text_of(number: int, edition: int, lines: int) -> str:
    """The same arguments always give the same text."""
    words = random.Random(f"{number}/{edition}")  # noqa: S311
    return "\n\n".join(
        f"Line {line} of {number} in edition {edition}: {' '.join(words.choices(_WORDS, k=24))}."
        for line in range(lines)
    )


def write_before(folder: Path, documents: int, lines: int) -> None:
    """The folder as it was ingested before the run that is killed."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(documents):
        (folder / f"d{number:04d}.md").write_text(text_of(number, 1, lines))


def change(folder: Path, scenario: Scenario, documents: int, lines: int) -> None:
    """What the killed run has to take in: nothing more, a third changed and some new, or a fifth gone."""
    if scenario == "again":
        for number in range(0, documents, 3):
            (folder / f"d{number:04d}.md").write_text(text_of(number, 2, lines))
        for number in range(documents, documents + documents // 10):
            (folder / f"d{number:04d}.md").write_text(text_of(number, 1, lines))
    elif scenario == "removal":
        for number in range(0, documents, 5):
            (folder / f"d{number:04d}.md").unlink()


def content_of(folder: Path) -> Content:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob("*.md"))}
