"""Where a generation's files lie below a collection's directory, and how a moment is written down."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

GENERATIONS: Final = "generations"


def generation_directory(home: Path, number: int) -> Path:
    """`generations/000012`."""
    return home / GENERATIONS / f"{number:06d}"


def now() -> str:
    """ISO 8601, UTC, to the second: 2026-03-01T12:00:00Z."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
