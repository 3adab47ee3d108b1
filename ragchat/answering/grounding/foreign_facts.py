"""Words of fact in languages other than English: what denies, what counts, what turns a direction round.

One list for all of them, because a corpus may hold texts in several and a sentence is too short to tell its language:
a word stands here only where it is no usual word of English ("sin", "no" and "die" are left out).
"""

from typing import Final


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


NEGATIONS: Final = _words(
    """nicht kein keine keinen keinem keiner keines keinerlei nie niemals niemand niemandem nichts nirgends weder ohne
    außer
    pas jamais aucun aucune rien ni sans sauf
    nunca jamás ningún ninguna ninguno nadie nada tampoco salvo excepto
    niente nessun nessuna nessuno neppure nemmeno tranne senza
    niet geen nooit niemand niets zonder
    não nunca nenhum nenhuma ninguém nem sem exceto"""
)
"""German, French, Spanish, Italian, Dutch, Portuguese, a line each."""
SCOPE_ENDS: Final = _words(
    "und oder aber sondern weil wenn dass mais parce pero porque perché maar omdat mas"
)
NUMBERS: Final[dict[str, float]] = {
    word: value
    for value, words in (
        (2, "zwei deux twee dois duas"),
        (3, "drei trois tres drie três"),
        (4, "vier quatre cuatro quattro quatro"),
        (5, "fünf cinq cinco cinque vijf"),
        (6, "sechs seis zes"),
        (7, "sieben siete sette zeven sete"),
        (8, "acht huit ocho otto oito"),
        (9, "neun neuf nueve nove negen"),
        (10, "zehn dix diez dieci tien dez"),
        (11, "onze undici"),
        (12, "zwölf douze doce dodici twaalf doze"),
        (14, "vierzehn quatorze catorce"),
        (15, "fünfzehn quinze quince quindici vijftien"),
        (20, "zwanzig vingt veinte venti twintig vinte"),
        (30, "dreißig trente treinta trenta dertig trinta"),
        (40, "vierzig quarante cuarenta quaranta veertig quarenta"),
        (50, "fünfzig cinquante cincuenta cinquanta vijftig"),
        (60, "sechzig soixante sesenta sessanta zestig"),
        (90, "neunzig noventa novanta negentig"),
        (100, "hundert cien cento honderd cem"),
    )
    for word in words.split()
}
"""Numbers in words, as far as they are spelled like no other word ("sept" is a month, "elf" and "once" are English)."""
OPPOSITES: Final = tuple(
    (_words(one), _words(other))
    for one, other in (
        ("mindestens wenigstens", "höchstens maximal längstens"),
        ("mehr länger höher", "weniger kürzer niedriger"),
        ("vor vorher", "nach nachher danach"),
        ("muss müssen", "darf dürfen kann können"),
        ("erlaubt gestattet zulässig", "verboten untersagt unzulässig"),
        ("immer stets", "manchmal selten"),
        ("kostenlos kostenfrei gratis", "kostenpflichtig"),
        ("steigt stieg gestiegen", "sinkt sank gesunken"),
        ("avant", "après"),
        ("antes", "después depois"),
        ("gratuit gratuite", "payant payante"),
        ("mínimo", "máximo"),
        ("prima", "dopo"),
    )
)
