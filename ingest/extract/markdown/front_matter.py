"""Front matter: the facts at the top of a Markdown file, as metadata and as fields that can be asked for.

A `---` at the top opens front matter only when what stands between it and the next one are fields; else it is a rule,
and nothing is swallowed.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from itertools import islice
from typing import Final

from ingest.extract.clean import one_line
from ragchat.documents import Scalar

MOST_CHARACTERS: Final = 64_000
LONGEST_VALUE: Final = 2_000
MOST_VALUES: Final = 200
_BLOCK: Final = re.compile(
    r"(---|\+\+\+)[ \t]*\n(?=[ \t]*\S)(.*?)^(?:\1|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE
)
_FIELD: Final = re.compile(r"([^\W\d][\w .-]{0,60}?)[ \t]*[:=](?:[ \t]+(.*)|[ \t]*)")
_TECHNICAL: Final = frozenset(
    """layout template slug permalink url aliases weight order nav_order sidebar_position sidebar_label sidebar
    draft published toc hide_table_of_contents image icon cover css class hide search math mermaid title
    custom_edit_url pagination_next pagination_prev redirect_from linktitle menu""".split()  # noqa: SIM905
)
"""Fields for the program that renders the page; nobody asks for them, unless their value is words."""


def split_front_matter(source: str) -> tuple[dict[str, Scalar], str]:
    """The fields (lists joined by commas, nested ones as "owner.name") and the source behind them."""
    opening = _BLOCK.match(source[: MOST_CHARACTERS + 10]) if source.startswith(("---", "+++")) else None
    if opening is None:
        return {}, source
    values = _toml(opening[2]) if opening[1] == "+++" else _yaml(opening[2])
    if values is None:
        return {}, source
    return dict(_flat(values)), source[opening.end() :]


def _yaml(block: str) -> Mapping[str, object] | None:
    """The mapping of a YAML block; None for anything that reads like prose."""
    import yaml  # type: ignore[import-untyped]  # only for front matter

    try:
        values = yaml.safe_load(block)
    except (yaml.YAMLError, RecursionError, ValueError):
        return _by_lines(block)
    if values is None:
        return {}
    if not isinstance(values, dict) or not all(_is_key(key) for key in values):
        return None
    return values


def _toml(block: str) -> Mapping[str, object] | None:
    try:
        return tomllib.loads(block)
    except (tomllib.TOMLDecodeError, RecursionError):
        return _by_lines(block)


def _is_key(key: object) -> bool:
    return isinstance(key, str) and len(key) <= 60 and len(key.split()) <= 4


def _by_lines(block: str) -> Mapping[str, object] | None:
    """Fields of a block that is not quite YAML (an unquoted colon, a tab): each line is one, goes on with one, or is a
    comment; None when there is any other line."""
    found: dict[str, object] = {}
    last = ""
    for line in block.split("\n"):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if match := _FIELD.fullmatch(line.rstrip()):
            last = match[1]
            found[last] = (match[2] or "").strip().strip("\"'")
        elif last and line.startswith((" ", "\t", "- ")):
            found[last] = f"{found[last]} {line.strip(' -')}".strip()
        else:
            return None
    return found or None


def _flat(values: Mapping[str, object], above: str = "") -> Iterator[tuple[str, Scalar]]:
    """Scalars by their path of keys, at most so many."""
    for key, value in islice(values.items(), MOST_VALUES):
        name = f"{above}{key}".lower()
        if isinstance(value, Mapping) and above.count(".") < 2:
            yield from _flat({str(inner): part for inner, part in value.items()}, f"{name}.")
        elif (scalar := _scalar(value)) is not None:
            yield name, scalar


def _scalar(value: object) -> Scalar:
    """A value as it is stored; None for nothing."""
    match value:
        case bool() | int() | float():
            return value if not isinstance(value, float) or abs(value) < float("inf") else None
        case str():
            return one_line(value)[:LONGEST_VALUE] or None
        case datetime() | date() | time():
            return value.isoformat().replace("T00:00:00", "")
        case list():
            parts = [_scalar(part) for part in value[:MOST_VALUES] if not isinstance(part, list)]
            between = "; " if any(isinstance(part, dict) for part in value) else ", "
            return between.join(str(part) for part in parts if part is not None)[:LONGEST_VALUE] or None
        case dict():
            return ", ".join(f"{name}: {_scalar(part)}" for name, part in islice(value.items(), MOST_VALUES))
        case _:
            return None


def as_fields(metadata: Mapping[str, Scalar]) -> str:
    """A line for each fact that somebody may ask for: "Review cycle: 18 months"."""
    lines = []
    for name, value in metadata.items():
        base = name.partition(".")[0].replace("-", "_")
        said = ("yes" if value else "no") if isinstance(value, bool) else str(value)
        if value is None or len(said) > 400 or (base in _TECHNICAL and " " not in said):
            continue
        words = re.sub(r"[._-]+", " ", name).strip()
        lines.append(f"{words[:1].upper()}{words[1:]}: {said}")
    return "\n".join(lines)
