"""The hard facts of other languages: what is denied, counted or turned round there differs as it does in English."""

import pytest

from ragchat.answering.grounding.facts import facts_of, polarity_agrees
from ragchat.answering.grounding.figures import figures_agree

WASH = "Der Logger darf nicht in die Spülmaschine."
PAIRS = [
    ("Der Logger darf in die Spülmaschine.", WASH, False),
    (WASH, WASH, True),
    ("Fühler sind enthalten.", "Fühler sind nicht enthalten und werden getrennt bestellt.", False),
    ("Es fallen keine Kosten an.", "Es fallen Kosten an.", False),
    ("Der Tausch dauert sechs Arbeitstage.", "Der Tausch dauert fünf Arbeitstage.", False),
    ("Der Tausch dauert 5 Arbeitstage.", "Der Tausch dauert fünf Arbeitstage.", True),
    ("Das dauert mindestens eine Minute.", "Das dauert höchstens eine Minute.", False),
    ("Les frais sont remboursés.", "Les frais ne sont jamais remboursés.", False),
    ("Le délai est de trois jours.", "Le délai est de quatre jours.", False),
    ("El envío tarda tres días.", "El envío tarda cinco días.", False),
    ("De kosten worden vergoed.", "De kosten worden niet vergoed.", False),
    ("Os custos são reembolsados.", "Os custos não são reembolsados.", False),
    ("Il rimborso arriva dopo la consegna.", "Il rimborso arriva prima della consegna.", False),
]


@pytest.mark.parametrize(("claim", "source", "agree"), PAIRS)
@pytest.mark.parametrize("language", ["en", "de"])
def test_a_lie_in_another_language_differs(claim: str, source: str, agree: bool, language: str) -> None:
    mine, theirs = facts_of(claim, language), facts_of(source, language)
    assert (polarity_agrees(mine, theirs) and figures_agree(mine.figures, theirs.figures)) is agree
