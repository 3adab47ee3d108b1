"""A run's report as one self-contained page: what came, changed, went, failed and was left out, and why. No scripts."""

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ragchat.errors import StorageFailed

if TYPE_CHECKING:
    from ingest.report import IngestReport, Outcome

_STYLE: Final = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #1b1b1b;
  background: #fff }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1.5rem }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #ddd; vertical-align: top;
  overflow-wrap: anywhere }
th.number, td.number { text-align: right }
.failed { color: #a40000 } .quiet { color: #595959 }
@media (prefers-color-scheme: dark) { body { color: #eee; background: #16181b } th, td { border-color: #3a3d42 }
  .failed { color: #ff8f8f } .quiet { color: #a9adb3 } }
"""
_SHOWN: Final = ("failed", "empty", "removed", "renamed", "updated", "added")
"""Sections in this order; what is unchanged is counted only."""


def write_page(reports: "Sequence[IngestReport]", path: Path) -> None:
    """Raises StorageFailed."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page_of(reports), encoding="utf-8")
    except OSError as error:
        raise StorageFailed(f"Cannot write {path}: {error.strerror}.") from error


def page_of(reports: "Sequence[IngestReport]") -> str:
    """HTML; everything that comes from documents is escaped."""
    parts = [part for report in reports for part in _report(report)]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>What ragchat ingested</title><style>{_STYLE}</style></head><body>{''.join(parts)}</body></html>\n"
    )


def _report(report: "IngestReport") -> Iterator[str]:
    yield f"<h1>{escape(', '.join(report.roots) or report.collection)}</h1>"
    state = f"generation {report.generation} published" if report.published else "nothing published"
    yield f'<p class="quiet">Collection {escape(report.collection)}, {state}, {report.seconds["total"]:.1f} s, '
    yield f"{report.chunks.total:,} chunks.</p>"
    yield from (f'<p class="failed">{escape(warning)}</p>' for warning in report.warnings)
    heads = "".join(f'<th scope="col" class="number">{status}</th>' for status in report.documents)
    counts = "".join(f'<td class="number">{number:,}</td>' for number in report.documents.values())
    yield f"<table><tr>{heads}</tr><tr>{counts}</tr></table>"
    if report.noted:
        yield from _section("Read in part", report.noted)
    for status in _SHOWN:
        found = [one for one in report.outcomes if one.status == status]
        if found:
            yield from _section(status.capitalize(), found)
    if report.skipped:
        rows = "".join(
            f'<tr><td>{escape(reason)}</td><td class="number">{number:,}</td></tr>'
            for reason, number in report.skipped.items()
        )
        yield f"<h2>No documents ({sum(report.skipped.values()):,} files)</h2><table>{rows}</table>"


def _section(title: str, outcomes: "Sequence[Outcome]") -> Iterator[str]:
    yield f"<h2>{title} ({len(outcomes):,})</h2><table>"
    for one in outcomes:
        yield f'<tr class="{one.status}"><td>{escape(one.key)}</td><td>{escape(one.detail)}</td></tr>'
    yield "</table>"
