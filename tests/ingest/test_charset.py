"""Encodings told by what stands in a file."""

import pytest

from ingest.extract.charset import decode

POLISH = "Łopata kosztuje trzydzieści złotych, łącznie z częściami. Książkę wydano w źródle.\n"
CZECH = "Záruka trvá třicet šest měsíců a žádá se písemně.\n"
FRENCH = "Le cœur de l'œuvre mesure 5 m² et 3 m³ à l'été; la sœur naïve coûte 12 €.\n"
JAPANESE = "保証期間は三十六か月です。部品の交換には二週間かかります。\n"
GERMAN = "Größere Öfen kosten 48 € – „jährlich“ geprüft.\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (POLISH, "cp1250"),
        (POLISH, "iso8859_2"),
        (CZECH, "cp1250"),
        (FRENCH, "cp1252"),
        (GERMAN, "cp1252"),
        (JAPANESE, "iso2022_jp"),
        (JAPANESE, "cp932"),
        (JAPANESE, "euc_jp"),
    ],
)
@pytest.mark.parametrize("times", [1, 20])
def test_the_encoding_is_told_by_the_content(text: str, encoding: str, times: int) -> None:
    assert decode((text * times).encode(encoding)) == text * times


def test_the_sign_of_shifted_japanese_alone_changes_nothing() -> None:
    assert (
        decode(b"\x1b$B is an escape sequence of a terminal: caf\xc3\xa9")
        == "\x1b$B is an escape sequence of a terminal: café"
    )
