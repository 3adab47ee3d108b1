"""Function words of some languages: what a text's language is told by, and what carries no topic in it.

Short lists of the commonest words on purpose: they decide by majority over whole texts, and leaving them out of
postings keeps questions fast. A language that is not here is indexed with its stemmer (where it is named) and all of
its words.
"""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

# English words that only make a sentence a question are among them.
_WORDS: Final = {
    "en": """a about above after again all also am an and any are as at be because been before being below between both
        but by can could did do does doing down during each few for from further had has have having he her here hers
        him his how i if in into is it its itself just me more most my no nor not of off on once only or other our ours
        out over own same she should so some such than that the their theirs them then there these they this those
        through to too under until up upon very was we were what when where which while who whom whose why will with
        would you your yours""",
    "de": """aber alle als also am an auch auf aus bei beim bin bis bist da dadurch damit dann das dass dem den der des
        dessen die dies diese diesem diesen dieser dieses doch dort du durch ein eine einem einen einer eines er es für
        habe haben hat hatte hatten ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im in ins ist ja kann können man mein
        meine mich mir mit muss müssen nach nicht noch nur ob oder ohne sehr sein seine seinem seinen seiner sich sie
        sind so soll über um und uns unser unsere unter vom von vor war waren warum was wegen weil welche welcher
        welches wenn wer werden wie wieder wird wir wo wurde wurden zu zum zur""",
    "fr": """ai as au aux avec avez avons c ce ceci cela ces cet cette ceux chez comme comment d dans de depuis des dont
        du elle elles en entre es est et étaient était être eu il ils j je l la le les leur leurs lui m ma mais me mes
        mon n ne nos notre nous on ont ou où par pas pour pourquoi qu quand que quel quelle quelles quels qui quoi s sa
        sans se ses si son sont sous sur t ta te tes ton tu un une vos votre vous y""",
    "es": """a al algo ante antes como cómo con cual cuál cuándo cuando de del desde donde dónde durante e el él ella
        ellas ellos en entre era es esa ese eso esta está están estas este esto estos fue ha hace hasta hay la las le
        les lo los más me mi mis muy nada ni no nos nosotros o os para pero por porque qué que quién quien se ser si sí
        sin sobre son su sus también te tiene tu tus un una unas uno unos y ya yo""",
    "it": """a ad agli ai al alla alle allo anche c che chi ci come con cosa da dagli dai dal dalla dalle dei del della
        delle dello di dove e è ed era erano essere fra gli ha hanno ho i il in io l la le lei li lo loro lui ma mi mia
        mio ne negli nei nel nella nelle nello noi non o per perché più qual quale quali quando quanto quella quello
        questa queste questi questo se sei si sia sono sta su sua sue sugli sui sul sulla suo suoi ti tra tu un una uno
        vi voi""",
    "pt": """a à ao aos as às com como da das de dela dele delas deles depois do dos e é ela elas ele eles em entre era
        essa essas esse esses esta está estão estas este estes eu foi foram há isso isto já lhe mais mas me mesmo meu
        minha muito na não nas nem no nos nós o onde os ou para pela pelas pelo pelos por porque qual quais quando que
        quem se sem ser seu seus só sua suas também te tem têm um uma você vocês""",
    "nl": """aan al als bij daar dan dat de der deze die dit doen door dus een en er ge geen had heb hebben heeft het
        hij hoe hun ik in is je kan kunnen maar me men met mij mijn moet na naar niet nog nu of om omdat onder ons ook
        op over te tegen tot u uit uw van veel voor waar waarom wanneer waren was wat we wel welke werd wie wij worden
        wordt zal ze zich zij zijn zo zonder zou""",
}  # fmt: skip
FUNCTION_WORDS: Final = {language: frozenset(words.split()) for language, words in _WORDS.items()}

_WORD: Final = re.compile(r"(?<![\w.])[^\W\d_]{2,}(?![\w(=\[])")
"""Not the names in source code, and no single letters: they are articles in one language and variables in another."""
_ENOUGH: Final = 0.2
"""Share of a language's function words from which on it is told: a third of a text has them, another language's has a
tenth, source code has English ones in its comments or none."""


def language_of(texts: Iterable[str]) -> str | None:
    """The ISO 639-1 code of the language most of the words are in, None where no known one is told by them."""
    words = Counter(word for text in texts for word in _WORD.findall(text.lower()))
    total = words.total()
    held = {language: sum(words[word] for word in stop) for language, stop in FUNCTION_WORDS.items()}
    best = max(held, key=lambda language: held[language])
    return best if total and held[best] >= _ENOUGH * total else None
