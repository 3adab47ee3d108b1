"""Values into a document: a list of like objects as records, each on a line that names its fields; what has parts
under its name as heading; questions with their answers; the rest as pairs."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from ingest.extract.assembly.building import TextBuilder
from ingest.extract.clean import one_line
from ingest.extract.records.values import Value
from ingest.extract.tables.grid import Grid
from ingest.extract.tables.parts import parts_of
from ingest.extract.tables.writing import add_pairs, add_parts
from ragchat.documents import Span

LONGEST_FIELD: Final = 400
"""Code points of a field up to which a record is one line."""
_QUESTIONS: Final = frozenset({"question", "q", "frage", "pregunta", "domanda", "pergunta", "vraag"})
_ANSWERS: Final = frozenset(
    {"answer", "a", "antwort", "réponse", "reponse", "respuesta", "risposta", "resposta", "antwoord"}
)
_TITLES: Final = ("title", "name", "label", "heading", "titel", "titre", "key", "id")
_BLANK_LINES: Final = re.compile(r"\n[ \t\r]*\n")
_IDENTIFIER: Final = re.compile(r"[^\W\d][\w.-]*")
_WORDS: Final = re.compile(r"[_\-.]+|(?<=[a-z])(?=[A-Z])")


def add_value(builder: TextBuilder, value: Value, level: int, name: str = "") -> None:
    """Append what a value holds; `name` is what it is called above it."""
    if isinstance(value, str):
        _add_text(builder, value)
    elif isinstance(value, Mapping):
        _add_object(builder, value, level)
    else:
        _add_list(builder, value, level, name)


def _add_text(builder: TextBuilder, text: str) -> None:
    for paragraph in _BLANK_LINES.split(text):
        builder.block(paragraph)


def _add_object(builder: TextBuilder, value: Mapping[str, Value], level: int) -> None:
    if _add_answer(builder, value):
        return
    scalars = {name: shown for name, one in value.items() if (shown := _scalar(one)) and not _is_long(shown)}
    add_pairs(builder, [(shown_name(name), one_line(shown)) for name, shown in scalars.items()])
    for name, one in value.items():
        if _scalar(one) is None or _is_long(_scalar(one) or ""):
            builder.heading(level, shown_name(name))
            add_value(builder, one, level + 1, name)


def _is_long(text: str) -> bool:
    """A text with paragraphs or lists of its own."""
    return "\n" in text.strip()


def _add_list(builder: TextBuilder, values: Sequence[Value], level: int, name: str) -> None:
    if values and all(isinstance(value, list) and _scalar(value) is not None for value in values):
        rows = [[one_line(str(cell)) for cell in value] for value in values if isinstance(value, list)]
        add_parts(builder, parts_of(Grid.of(rows)), "described")
    elif all(isinstance(value, str) for value in values):
        with builder.within("list"):
            for number, value in enumerate(values):
                builder.block(f"- {one_line(str(value))}", "item", gap="\n" if number else "\n\n")
    elif all(isinstance(value, Mapping) and _is_record(value) for value in values):
        with builder.within("table"):
            for number, value in enumerate(values):
                builder.block(_record(value), "row", gap="\n" if number else "\n\n")
    else:
        for number, value in enumerate(values, 1):
            if isinstance(value, Mapping) and _add_answer(builder, value):
                continue
            if not isinstance(value, str):
                builder.heading(level, _title(value) or f"{shown_name(name) or 'Item'} {number}")
            add_value(builder, value, level + 1, name)


def _add_answer(builder: TextBuilder, value: Mapping[str, Value]) -> bool:
    """A question with its answer and whatever else is said of them; False for another object."""
    names = {name.lower(): name for name in value}
    asks = next((names[name] for name in names if name in _QUESTIONS), None)
    answers = next((names[name] for name in names if name in _ANSWERS), None)
    if asks is None or answers is None:
        return False
    question, answer = _scalar(value[asks]), _scalar(value[answers])
    if not question or not answer or any(_scalar(one) is None for one in value.values()):
        return False  # whatever else has parts needs headings of its own
    if len(asks) == 1 and not question.rstrip().endswith(("?", "？")):
        return False  # "q" and "a" may be anything
    start = builder.block(one_line(question), "question")
    with builder.within("answer", lead=Span(start, builder.length)):
        builder.block(answer)
        others = {name: one for name, one in value.items() if name not in (asks, answers)}
        rest = [
            (shown_name(name), one_line(shown)) for name, one in others.items() if (shown := _scalar(one))
        ]
        if rest:
            builder.block("; ".join(f"{name}: {one}" for name, one in rest))
    return True


def _scalar(value: Value) -> str | None:
    """A text, or a list of short texts as one; None for what has parts."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(one, str) and len(one) < LONGEST_FIELD for one in value):
        joined = ", ".join(str(one) for one in value)
        return joined if len(joined) < LONGEST_FIELD else None
    return None


def _is_record(value: Mapping[str, Value]) -> bool:
    """Whether it is one line: short fields, none with parts of more than one level."""
    names = {name.lower() for name in value}
    if names & _QUESTIONS and names & _ANSWERS:
        return False
    return all(
        len(_flat(one) or " " * LONGEST_FIELD) < LONGEST_FIELD or _flat(one) == "" for one in value.values()
    )


def _flat(value: Value) -> str | None:
    """As `_scalar`, or a small object in brackets."""
    shown = _scalar(value)
    if shown is not None or not isinstance(value, Mapping):
        return shown
    parts = [(name, _scalar(one)) for name, one in value.items()]
    if any(one is None for _, one in parts):
        return None
    return ", ".join(f"{shown_name(name).lower()} {one}" for name, one in parts if one)


def _record(value: Value) -> str:
    fields = value.items() if isinstance(value, Mapping) else ()
    return "; ".join(
        f"{shown_name(name)}: {one_line(shown)}" for name, one in fields if (shown := _flat(one))
    )


def _title(value: Value) -> str:
    """What an object calls itself."""
    if not isinstance(value, Mapping):
        return ""
    names = {name.lower(): name for name in value}
    found = (value[names[name]] for name in _TITLES if name in names)
    return next((one_line(one) for one in found if isinstance(one, str) and 0 < len(one) < 120), "")


def shown_name(name: str) -> str:
    """A key as words: "unitPrice" gives "Unit price"."""
    if not _IDENTIFIER.fullmatch(name):
        return one_line(name)
    words = one_line(_WORDS.sub(" ", name))
    if words.isupper() or not words:
        return words
    return words[:1].upper() + " ".join(w if w.isupper() else w.lower() for w in words.split())[1:]
