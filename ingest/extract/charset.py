"""From bytes to characters: byte order mark, then UTF-8 if it is valid, then the declaration, then detection.

Valid UTF-8 beyond ASCII is practically never anything else, so it beats a declaration; a declaration that does not
decode is a lie and falls through to detection. Labels mean what browsers take them for (WHATWG Encoding).
"""

import codecs
from typing import Final

DETECTION_BYTES: Final = 48_000
CANDIDATES: Final = [
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258",
    "koi8_r", "koi8_u", "iso8859_2", "iso8859_5", "iso8859_15", "mac_roman", "cp437", "cp850", "cp866",
    "cp932", "euc_jp", "iso2022_jp", "gb18030", "big5", "cp949",
]  # fmt: skip
"""What detection may answer: the encodings that documents were really written in (no EBCDIC, no rarities)."""

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
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
    if wide := _wide(data):
        return data.decode(wide, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    if _nearly_utf8(data):
        return data.decode("utf-8", "replace")
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


def _wide(data: bytes) -> str:
    """UTF-16 without a mark, by the zeros that Latin letters leave on one side."""
    head = data[:4096]
    if head.count(0) * 4 < len(head):
        return ""
    return "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"


def _nearly_utf8(data: bytes) -> bool:
    """UTF-8 with a few broken bytes (a cut file, two files glued): more good sequences than bad ones, by far."""
    head = data[:200_000]
    text = head.decode("utf-8", "replace")
    bad = text.count("\N{REPLACEMENT CHARACTER}")
    good = len(head) - len(text)  # continuation bytes that were really joined, roughly
    return bad * 20 < good


def detected(data: bytes) -> str:
    """charset-normalizer's best guess among CANDIDATES; "" when it has none."""
    from charset_normalizer import from_bytes

    best = from_bytes(data[:DETECTION_BYTES], cp_isolation=CANDIDATES, enable_fallback=False).best()
    return best.encoding if best is not None else ""
