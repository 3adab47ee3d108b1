"""The hard facts of other languages: what is denied, counted or turned round there differs as it does in English."""

import pytest

from ragchat.answering.grounding.facts import facts_of, polarity_agrees
from ragchat.answering.grounding.figures import figures_agree
from ragchat.answering.grounding.slant import slant_agrees

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
    ("Bezahlter Urlaub steht allen zu.", "Unbezahlter Urlaub steht allen zu.", False),
]


FIGURES = [
    ("de", "Die Gebühr beträgt 20 Euro.", "Die Gebühr beträgt 20.000 Euro.", False),
    ("de", "Die Gebühr beträgt 20000 Euro.", "Die Gebühr beträgt 20.000 Euro.", True),
    ("de", "Die Gebühr beträgt zwanzigtausend Euro.", "Die Gebühr beträgt 20.000 €.", True),
    ("de", "Die Gebühr beträgt 20,5 Euro.", "Die Gebühr beträgt 20,50 Euro.", True),
    ("de", "Die Gebühr beträgt 205 Euro.", "Die Gebühr beträgt 20,5 Euro.", False),
    ("en", "The fee is 20 euro.", "The fee is 20.000 euro.", True),
    ("en", "The fee is 20 euro.", "The fee is 20,000 euro.", False),
    ("fr", "Les frais sont de 20 euros.", "Les frais sont de 20 000 euros.", False),
    ("de", "Der Kurs beginnt am 31.03.2026.", "Der Kurs beginnt am 31. März 2026.", True),
    ("de", "Der Kurs beginnt am 31.04.2026.", "Der Kurs beginnt am 31. März 2026.", False),
    ("de", "Ein Paket wiegt mindestens 30 kg.", "Ein Paket wiegt höchstens 30 kg.", False),
    ("de", "Ein Paket wiegt nicht mehr als 30 kg.", "Ein Paket wiegt höchstens 30 kg.", True),
    ("fr", "Le délai est d'au moins trois jours.", "Le délai est d'au plus trois jours.", False),
    ("es", "Se paga el lunes.", "Se paga el martes.", False),
    ("en", "A parcel weighs no more than 30 kg.", "A parcel weighs at most 30 kg.", True),
    ("en", "A parcel weighs no less than 30 kg.", "A parcel weighs at most 30 kg.", False),
    ("en", "A parcel weighs more than 30 kg.", "A parcel weighs less than 30 kg.", False),
    ("en", "A parcel weighs 30 kg.", "A parcel weighs at most 30 kg.", True),
    ("en", "The desk closes at 5 pm.", "The desk closes at 17:00.", True),
    ("en", "The desk closes at 5 pm.", "The desk closes at 5 am.", False),
    ("en", "Install version 3.1.", "Install version 3.10.", False),
    ("en", "It takes 5 days.", "It takes 5 working days.", False),
    ("en", "It closed between 02:00 and 02:00.", "It closed between 02:00 and 04:00.", False),
]


@pytest.mark.parametrize(("language", "claim", "source", "agree"), FIGURES)
def test_figures_are_compared_in_their_language(language: str, claim: str, source: str, agree: bool) -> None:
    mine, theirs = facts_of(claim, language), facts_of(source, language)
    assert (polarity_agrees(mine, theirs) and figures_agree(mine.figures, theirs.figures)) is agree


def test_a_german_text_is_read_as_german_in_an_english_collection() -> None:
    mine, theirs = facts_of("Die Gebühr beträgt 20 Euro."), facts_of("Die Gebühr beträgt 20.000 Euro.")
    assert not figures_agree(mine.figures, theirs.figures)


def test_an_identifier_is_a_name() -> None:
    assert {"xr2000", "mp3"} <= facts_of("The XR-2000 plays mp3 files.").names


@pytest.mark.parametrize(
    ("language", "claim", "source", "agree"),
    [
        ("de", "Der Umbau hatte geringfügig Einfluss.", "Der Umbau hatte Einfluss.", False),
        ("de", "Es wurde wegen der Flut geschlossen.", "Es wurde durch die Flut geschlossen.", True),
        ("fr", "Le bilan est erroné.", "Le bilan est partagé.", False),
    ],
)
def test_words_that_turn_a_sentence_are_the_languages(
    language: str, claim: str, source: str, agree: bool
) -> None:
    said = facts_of(claim, language)
    assert slant_agrees(said.words, facts_of(source, language).words, said.languages) is agree


@pytest.mark.parametrize(("claim", "source", "agree"), PAIRS)
@pytest.mark.parametrize("language", ["en", "de"])
def test_a_lie_in_another_language_differs(claim: str, source: str, agree: bool, language: str) -> None:
    mine, theirs = facts_of(claim, language), facts_of(source, language)
    assert (polarity_agrees(mine, theirs) and figures_agree(mine.figures, theirs.figures)) is agree
