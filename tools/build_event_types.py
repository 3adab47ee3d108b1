"""Writes the widget's types from the event schema, so that the page and the service cannot drift apart.

`python tools/build_event_types.py` writes widget/src/core/events.ts; with `--check` it exits with 1 where the file is
not what it would write. `tests/widget` runs the check.
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter

from ragchat.answering.events import event_adapter
from ragchat.conversations import Conversation, StoredMessage

TARGET: Final = Path(__file__).resolve().parent.parent / "widget" / "src" / "core" / "events.ts"
HEAD: Final = """// The events of an answer and the messages that are kept of them, as the service sends them.
// Written by tools/build_event_types.py from the event schema: change that, then run it.
"""
NUMBERED: Final = "export type Numbered = Event & { readonly seq: number };\n"

Schema = Mapping[str, Any]


def typescript(schema: Schema) -> str:
    """The type of one value."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[1]
    if "const" in schema:
        return _literal(schema["const"])
    if "enum" in schema:
        return " | ".join(_literal(one) for one in schema["enum"])
    if "anyOf" in schema:
        return " | ".join(typescript(one) for one in schema["anyOf"])
    match schema.get("type"):
        case "array":
            inner = typescript(schema.get("items", {}))
            return f"readonly ({inner})[]" if "|" in inner else f"readonly {inner}[]"
        case "integer" | "number":
            return "number"
        case "string" | "boolean" | "null" as plain:
            return str(plain)
        case "object":
            values = schema.get("additionalProperties")  # a schema, or True for anything
            return f"Readonly<Record<string, {typescript(values if isinstance(values, Mapping) else {})}>>"
        case _:
            return "unknown"


def _literal(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else f'"{value}"'


def interface(name: str, schema: Schema) -> str:
    """An interface; every property is sent, also those with a default."""
    lines = [f"  readonly {field}: {typescript(kind)};" for field, kind in schema["properties"].items()]
    return "\n".join([f"export interface {name} {{", *lines, "}", ""])


def written() -> str:
    """The whole file."""
    events = event_adapter().json_schema(mode="serialization")
    kept = TypeAdapter(StoredMessage | Conversation).json_schema(mode="serialization")
    parts: dict[str, Schema] = {**events["$defs"], **kept["$defs"]}
    union = " | ".join(typescript(one) for one in events["oneOf"])
    return "\n".join(_lines(parts, union))


def _lines(parts: Mapping[str, Schema], union: str) -> Iterator[str]:
    yield HEAD
    for name, schema in sorted(parts.items()):
        yield (
            interface(name, schema)
            if "properties" in schema
            else f"export type {name} = {typescript(schema)};\n"
        )
    yield f"export type Event = {union};\n"
    yield NUMBERED


def main() -> int:
    if "--check" in sys.argv[1:]:
        current = TARGET.exists() and TARGET.read_text("utf-8") == written()
        print("The types are current." if current else "The types are old: run tools/build_event_types.py.")
        return 0 if current else 1
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(written(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
