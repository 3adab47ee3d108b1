"""From bytes to characters: byte order mark, then UTF-8 if it is valid, then the declaration, then detection.

Valid UTF-8 beyond ASCII is practically never anything else, so it beats a declaration; a declaration that does not
decode is a lie and falls through to detection. Labels mean what browsers take them for (WHATWG Encoding).
"""

import codecs
import re
import unicodedata
from contextlib import suppress
from typing import Final

DETECTION_BYTES: Final = 48_000
HEAD_BYTES: Final = 4096
WORDS_SHARE: Final = 0.95
"""Share of letters, digits, punctuation and blanks from which on bytes read as UTF-16 are taken for it."""
CANDIDATES: Final = [
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258",
    "koi8_r", "koi8_u", "iso8859_2", "iso8859_5", "iso8859_15", "mac_roman", "cp437", "cp850", "cp866",
    "cp932", "euc_jp", "iso2022_jp", "gb18030", "big5", "cp949", "cp874",
]  # fmt: skip
"""What detection may answer: the encodings that documents were really written in (no EBCDIC, no rarities)."""

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_EURO: Final = re.compile(rb"\d ?\xa4(?![\xa1-\xff])|(?<![\x80-\xff])\xa4 ?\d")
"""The euro sign of ISO 8859-15 beside a number: another encoding has a sign of no currency there."""
FEW: Final = 4
"""Bytes beyond ASCII that are too few to tell an encoding by."""
_BEYOND_ASCII: Final = bytes(range(128, 256))
_ASCII_LETTERS: Final = bytes([*range(65, 91), *range(97, 123)])
LATIN: Final = ("cp1252", "cp1250", "iso8859_2", "cp1254")
"""Encodings that share most letters: which of them it is shows in the signs that the others make of theirs."""
_ODD: Final = re.compile(
    r"[¹²³](?=[^\W\d_])|[^\W\d_][^\w\s\x00-\x7f’–—-](?=[^\W\d_])|[a-zß-öø-ÿ][^\x00-\x7fà-öø-ÿß](?<=[A-ZÀ-ÖØ-Þ])|\ufffd"
)
_SHIFTED: Final = re.compile(rb"\x1b\$[@B]")
"""How Japanese mail goes over to two bytes a character (RFC 1468); all of it is ASCII to look at."""
_USUAL: Final = frozenset("\r\n\t^`")
_NEVER_IN_TEXT: Final = bytes([*range(1, 9), *range(14, 27), *range(28, 32)])
_SEQUENCE: Final = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_WHATWG: Final = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "ks_c-5601-1987": "cp949",
    "big5": "big5hkscs",
    "utf-16": "utf-8",  # a page whose declaration could be read is no UTF-16
    "utf-16-le": "utf-8",
    "utf-16-be": "utf-8",
    "utf-7": "",
}


def decode(data: bytes, declared: str = "") -> str:
    """The text of `data` without its byte order mark; never fails: what cannot be decoded becomes U+FFFD."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    if wide := wide_encoding(data[:HEAD_BYTES]):
        return data.decode(wide, "replace")
    if _SHIFTED.search(data[:DETECTION_BYTES]):
        with suppress(UnicodeDecodeError):
            return data.decode("iso2022_jp_2")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    if _nearly_utf8(data[:200_000]):
        return data.decode("utf-8", _STRAY)
    for encoding in (python_codec(declared), detected(data)):
        if encoding and encoding != "utf-8":
            try:
                return data.decode(encoding)
            except (UnicodeDecodeError, LookupError):
                continue
    return data.decode(detected(data) or "cp1252", "replace")


def python_codec(label: str) -> str:
    """Python's codec for a label as browsers understand it; "" for an unknown or unsafe one."""
    try:
        name = codecs.lookup(label.strip().strip("\"'")).name if label else ""
    except LookupError:
        return ""
    return _WHATWG.get(name, name)


def wide_encoding(head: bytes) -> str:
    """UTF-16 without a mark, "" for none: Latin letters leave zeros on one side, others read as words and gaps."""
    if b"\0" not in head and len(head.translate(None, _NEVER_IN_TEXT)) == len(head):
        return ""
    latin = head.count(0) * 4 >= len(head)
    shares = {name: _share_of_words(head, name, gaps=not latin) for name in ("utf-16-le", "utf-16-be")}
    best = max(shares, key=lambda name: shares[name])
    return best if shares[best] > WORDS_SHARE else ""


def _share_of_words(head: bytes, encoding: str, *, gaps: bool) -> float:
    """The share of characters that words and lines are made of, 0 for what cannot be decoded or lacks gaps."""
    try:
        text = head[: len(head) // 2 * 2].decode(encoding)
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:
            return 0.0
        text = head[: error.start].decode(encoding)
    if not text or (gaps and sum(map(text.count, " \n。、，")) * 200 < len(text)):
        return 0.0
    return sum(sign in "\r\n\t" or unicodedata.category(sign)[0] in "LNPZ" for sign in text) / len(text)


def _nearly_utf8(head: bytes) -> bool:
    """UTF-8 with a few broken bytes (a cut file, two files glued): letters of one byte in another encoding hardly ever
    make one of its sequences, so that as many good ones as bad bytes prove it."""
    good = len(_SEQUENCE.findall(head))
    if not good:
        return False
    bad = head.decode("utf-8", "replace").count("\N{REPLACEMENT CHARACTER}")
    return bad <= good


def _stray(error: UnicodeError) -> tuple[str, int]:
    """A single letter of Western Europe among UTF-8 is read as one; anything else that is broken is U+FFFD."""
    assert isinstance(error, UnicodeDecodeError)
    byte = error.object[error.start : error.start + 1]
    after = error.object[error.start + 1 : error.start + 2]
    if byte >= b"\xc0" and byte not in (b"\xd7", b"\xf7") and after and after < b"\x80":
        return byte.decode("cp1252"), error.start + 1
    return "\N{REPLACEMENT CHARACTER}", error.end


_STRAY: Final = "ragchat.stray"
codecs.register_error(_STRAY, _stray)


def detected(data: bytes) -> str:
    """charset-normalizer's best guess among CANDIDATES; "" when it has none. What Latin letters it cannot tell apart
    are told by signs that no word holds."""
    if _is_mostly_ascii(data):
        return "iso8859_15" if _EURO.search(data[:DETECTION_BYTES]) else "cp1252"
    from charset_normalizer import from_bytes  # only for what is not UTF-8

    head = data[:DETECTION_BYTES]
    best = from_bytes(head, cp_isolation=CANDIDATES, enable_fallback=False).best()
    held = frozenset(head)
    if best is None or best.encoding not in (*LATIN, "cp1257", "cp1258", "iso8859_15"):
        return best.encoding if best is not None else ""
    if best.encoding == "cp1257" and held & {0xF0, 0xFE}:
        return best.encoding  # š and ž of the Baltic languages
    likely = _likely_latin(held)
    choice = dict.fromkeys((likely, best.encoding, *LATIN, "cp850"))
    told = min(choice, key=lambda encoding: _oddities(head, encoding))
    return "iso8859_15" if told == "cp1252" and _EURO.search(head) else told


def _likely_latin(held: frozenset[int]) -> str:
    """Which of LATIN by the bytes of letters that few languages have: š, ž and ý, ő and ű, ş, ğ and ı."""
    if held & {0xFE, 0xF0, 0xFD} and not held & {0xE1, 0xE6, 0xED, 0xF3, 0xFA, 0x9A, 0x9E}:
        return "cp1254"
    if held & {0x8A, 0x8E, 0x9A, 0x9D, 0x9E, 0xFD}:
        return "cp1250"
    return "cp1250" if held & {0xF5, 0xFB} and not held & {0xE0, 0xE3, 0xE7, 0xEA} else "cp1252"


def _oddities(head: bytes, encoding: str) -> int:
    """Signs inside of words, accents without a letter, capitals behind small letters, controls."""
    text = head.decode(encoding, "replace")
    return len(_ODD.findall(text)) + sum(
        unicodedata.category(sign) in ("Sk", "Cc", "Co") for sign in set(text) - _USUAL
    )


def _is_mostly_ascii(data: bytes) -> bool:
    """Words of ASCII with a letter or two beyond it: too little to tell by, and Western Europe's in most files."""
    beyond = len(data) - len(data.translate(None, _BEYOND_ASCII))
    letters = len(data) - len(data.translate(None, _ASCII_LETTERS))
    return beyond <= FEW and letters >= 4 * beyond and not data.translate(None, _BEYOND_ASCII).count(0)
