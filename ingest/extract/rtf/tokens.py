"""RTF source as tokens: groups, control words with their number, bytes of a code page, and text."""

import re
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple, TypeAlias

Kind: TypeAlias = Literal["open", "close", "word", "byte", "sign", "text"]

_TOKEN: Final = re.compile(
    r"(?P<open>\{)|(?P<close>\})|\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,10})? ?|\\'(?P<byte>[0-9a-fA-F]{2})"
    r"|\\(?P<sign>[^a-zA-Z])|(?P<text>[^\\{}\r\n]+)|[\r\n\\]",
    re.DOTALL,
)


class Token(NamedTuple):
    """`text` is the word, the sign, the two hex digits or the text; `number` that of a word, None without one."""

    kind: Kind
    text: str = ""
    number: int | None = None


def tokens(source: str) -> Iterator[Token]:
    """Every token in order; `source` is the file as Latin-1. Binary data (`\\bin`) is passed over."""
    place = 0
    while place < len(source):
        match = _TOKEN.match(source, place)
        if match is None:  # nothing that is not matched above; a guard against going round for ever
            return
        place = match.end()
        kind = match.lastgroup if match.lastgroup != "number" else "word"
        if kind is None:
            continue
        if kind == "word" and match["word"] == "bin":
            place += max(0, int(match["number"] or 0))
            continue
        number = int(match["number"]) if kind == "word" and match["number"] is not None else None
        yield Token(kind, match[kind], number)  # type: ignore[arg-type]  # the groups are named after the kinds
