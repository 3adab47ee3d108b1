"""Inside lines: roles and references as their text, links with their addresses, literals in single backticks."""

import re
from typing import Final

from ingest.extract.assembly.inline import link, lowered, note_mark, raised
from ingest.extract.rst.names import Names, is_address

_TOKEN: Final = re.compile(
    r"``(?P<literal>[^`]{1,2000}|.{1,120}?)``(?![`\w])"
    r"|:(?P<role>[\w:+.-]{1,60}):`(?P<said>[^`]{1,2000})`"
    r"|(?P<inner>_`[^`]{1,500}`)"
    r"|`(?P<text>[^`<]{1,1000}?)\s*<(?P<target>[^`<>]{1,1000})>`(?P<ends>__?)(?!\w)"
    r"|`(?P<name>[^`]{1,500})`(?P<refers>__?)(?!\w)"
    r"|\[(?P<note>#[\w.-]*|\d{1,4}|\*|[A-Za-z][\w.-]{0,40})\]_(?!\w)"
    r"|\|(?P<sub>[^|\s][^|\n]{0,100}?)\|(?:__?(?!\w))?"
    r"|(?<![\w`])(?P<word>[A-Za-z0-9][\w.-]{0,60}[A-Za-z0-9]|[A-Za-z])(?P<under>__?)(?![\w])"
    r"|\\(?P<escaped>[^\n]|\n)",
    re.DOTALL,
)
_NUMBERS: Final = {
    "pep": "PEP",
    "rfc": "RFC",
    "pep-reference": "PEP",
    "rfc-reference": "RFC",
    "cve": "CVE",
    "cwe": "CWE",
}


def inline(text: str, names: Names) -> str:
    """The text as it is read."""
    if not any(sign in text for sign in "`|_\\"):
        return text
    parts: list[str] = []
    position = 0
    for match in _TOKEN.finditer(text):
        parts.append(text[position : match.start()])
        before = "".join(parts[-4:])[-40:]
        parts.append(_written(match, names, before))
        position = match.end()
    return "".join(parts) + text[position:]


def _written(match: re.Match[str], names: Names, before: str) -> str:
    kind = match.lastgroup
    if match["literal"] is not None:
        return f"`{match['literal']}`" if "`" not in match["literal"] else f"`` {match['literal']} ``"
    if match["role"] is not None:
        return _role(match["role"].rpartition(":")[2].lower(), match["said"], names, before)
    if match["inner"] is not None:
        return match["inner"][2:-1]
    if match["text"] is not None:
        target = match["target"].strip()
        address = target if is_address(target) else names.address(target.rstrip("_"))
        return link(match["text"], address) if address else match["text"]
    if match["name"] is not None:
        address = names.next_anonymous() if match["refers"] == "__" else names.address(match["name"])
        return link(match["name"], address) if address else match["name"]
    if match["note"] is not None:
        return note_mark(names.label(match["note"], "mark"))
    if match["sub"] is not None:
        found = names.substitutions.get(match["sub"])
        return match[0] if found is None else found
    if match["word"] is not None:
        address = names.next_anonymous() if match["under"] == "__" else names.address(match["word"])
        return link(match["word"], address) if address else match[0]
    escaped = match["escaped"] or ""
    return "" if kind == "escaped" and escaped.isspace() else escaped


def _titled(said: str) -> tuple[str, str]:
    """`title <target>` as its two parts; anything else is a title alone."""
    title, opened, target = said.removesuffix(">").rpartition("<")
    if not (said.endswith(">") and opened and target and title.rstrip()) or ">" in target:
        return said, ""
    return title.rstrip(), target.strip()


def _role(role: str, said: str, names: Names, before: str) -> str:
    """The text of a role: its title, the last part of a name with "~", powers raised."""
    text, target = _titled(said)
    match role:
        case "sup" | "superscript":
            return raised(said, before)
        case "sub" | "subscript":
            return lowered(said, before)
        case "abbr" | "abbreviation":
            short, opened, long = said.removesuffix(")").partition("(")
            return f"{short.rstrip()} ({long})" if opened and long and said.endswith(")") else said
        case "menuselection":
            return said.replace("-->", ">")
        case (
            "code"
            | "file"
            | "samp"
            | "command"
            | "program"
            | "option"
            | "envvar"
            | "literal"
            | "kbd"
            | "mimetype"
        ):
            return f"`{text}`"
        case "download":
            return link(text, target or said) if is_address(target or said) else text
        case _ if role in _NUMBERS and not target:
            return f"{_NUMBERS[role]} {said}"
        case _:
            if target and is_address(target):
                return link(text, target)
            return text.rpartition(".")[2] if text.startswith("~") else text.lstrip("!")
