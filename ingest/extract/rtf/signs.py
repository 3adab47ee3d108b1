"""What control words stand for: destinations that are read or passed over, signs, and the code pages of fonts."""

from typing import Final

UNREAD: Final = frozenset(
    """fonttbl colortbl stylesheet pict object objdata header headerl headerr headerf footer footerl footerr footerf
    annotation atnid atnauthor listtable listoverridetable revtbl rsidtbl xmlnstbl generator themedata datastore
    colorschememapping latentstyles nonshppict sn sv bkmkstart bkmkend ftnsep ftnsepc aftnsep aftnsepc tc xe private
    filetbl info nextgraphic""".split()  # noqa: SIM905
)
READ: Final = frozenset(
    {"fldinst", "shppict", "shpinst", "shptxt", "title", "author", "listtext", "pntext", "footnote"}
)
"""Destinations that are read though they may be marked ignorable, or that go elsewhere than into the text."""
SIGNS: Final = {
    "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "bullet": "•",
    "emspace": " ", "enspace": " ", "qmspace": " ", "tab": "\t", "line": "\n", "softline": "\n", "nestcell": " ",
    "nestrow": "; ",
}  # fmt: skip
DOUBLE: Final = ("cp932", "cp949", "johab", "gb18030", "cp950")
CHARSETS: Final = {
    2: "latin-1", 77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gb18030", 136: "cp950",
    161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251",
    222: "cp874", 238: "cp1250",
}  # fmt: skip


def character(number: int) -> str:
    """Of a signed 16-bit number; halves of a pair are joined when the text is cleaned."""
    code = number + 0x10000 if number < 0 else number
    return chr(code) if 0 <= code <= 0x10FFFF else "\N{REPLACEMENT CHARACTER}"


def codec_of(page: int) -> str:
    """Python's name of a code page; Western Europe's for one that is unknown."""
    name = {65001: "utf-8", 10000: "mac_roman", 932: "cp932", 936: "gb18030"}.get(page, f"cp{page}")
    try:
        "".encode(name)
    except LookupError:
        return "cp1252"
    return name
