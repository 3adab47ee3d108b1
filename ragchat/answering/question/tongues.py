"""Question and function words of languages other than English, which the index's analysis takes for content.

"Wie lange habe ich Garantie" asks about one thing, Garantie; the other four words would count as missing from a text
that answers it. A question's language is only told where its function words leave no doubt; a corpus may hold
texts in several languages, so it is looked at question by question.
"""

import re

from ragchat.language.analysis import STOP_WORDS

FEWEST, LEAD = 2, 1
"""Function words that a question needs of a language, and by how many these must outnumber the English ones."""


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_FUNCTION_WORDS = {
    "de": _words(
        """der die das den dem des ein eine einen einem einer eines und oder ist sind war waren wird werden wurde wurden
        hat haben hatte habe habt kann kannst können darf dürfen muss müssen soll sollen sollte wie was wer wen wem
        wessen wann wo wohin woher warum wieso weshalb welche welcher welches welchen welchem wieviel viel viele lange
        oft ich du er sie es wir ihr mich mir mein meine meinen meinem meiner unser unsere sich man in im an am auf aus
        bei beim für mit nach von vom vor zu zum zur über unter um durch gegen ohne bis seit wenn dass ob nicht kein
        keine auch noch nur denn gibt es"""
    ),
    "fr": _words(
        """le la les l un une des du de d et ou est sont était a ont avoir être peut peux pouvoir doit dois faut que
        qu quoi quel quelle quels quelles qui quand où comment pourquoi combien je j tu il elle on nous vous ils elles
        mon ma mes notre nos votre vos ce cet cette ces c se s ne n pas plus en dans sur sous avec sans pour par au
        aux à y si"""
    ),
    "es": _words(
        """el la los las un una unos unas de del y o es son está están era fue ha han hay puede puedo pueden debe debo
        tiene tengo qué que cuál cuáles quién quiénes cuándo dónde cómo cuánto cuánta cuántos cuántas por para con sin
        en a al yo tú él ella nosotros mi mis su sus se me te lo le no si más"""
    ),
    "it": _words(
        """il lo la i gli le un uno una di del della dei delle e o è sono era ha hanno può posso possono deve devo che
        cosa quale quali chi quando dove come perché quanto quanta quanti quante per con senza in a al alla da dal su
        io tu lui lei noi mio mia si mi non se più c"""
    ),
    "nl": _words(
        """de het een en of is zijn was waren wordt worden heeft hebben heb kan kunnen mag mogen moet moeten wat wie
        wanneer waar waarom hoe welke welk hoeveel lang vaak ik jij je hij zij wij we mijn ons onze in op aan uit bij
        voor met naar van over om door zonder tot niet geen ook nog er"""
    ),
    "pt": _words(
        """o a os as um uma de do da dos das e ou é são está estão foi tem têm pode posso podem deve devo que qual
        quais quem quando onde como porque quanto quanta quantos quantas por para com sem em no na nos nas ao à eu
        ele ela nós meu minha seu sua se me não mais há"""
    ),
}
_WORD = re.compile(r"[^\W\d_]+")


def without_function_words(question: str) -> str:
    """The question without the function words of its language; as it is when that is English or in doubt."""
    words = [word.lower() for word in _WORD.findall(question)]
    counts = {language: sum(word in known for word in words) for language, known in _FUNCTION_WORDS.items()}
    language = max(counts, key=lambda one: counts[one])
    if counts[language] < max(FEWEST, sum(word in STOP_WORDS for word in words) + LEAD):
        return question
    known = _FUNCTION_WORDS[language]
    return _WORD.sub(lambda word: "" if word.group().lower() in known else word.group(), question)
