"""Two phrases in each other's place say another thing, unless what is between them only links, or the voice turns."""

import pytest

from ragchat.answering.grounding.facts import facts_of
from ragchat.answering.grounding.places import turned_about
from ragchat.language.tables import language_named


def turned(source: str, claim: str, language: str = "en") -> bool:
    mine, theirs = facts_of(claim, language), facts_of(source, language)
    return turned_about(mine.tokens, theirs.tokens, [language_named(language)])


@pytest.mark.parametrize(
    ("source", "claim"),
    [
        ("Port Ansel delivers to Niederquell on Mondays.", "Niederquell delivers to Port Ansel on Mondays."),
        (
            "Data is copied from the local cache to the remote repository.",
            "Data is copied from the remote repository to the local cache.",
        ),
        (
            "Readings are sent by the logger to the gateway every ten minutes.",
            "Readings are sent by the gateway to the logger every ten minutes.",
        ),
        (
            "The secret is renewed first, then the key is revoked.",
            "The key is revoked first, then the secret is renewed.",
        ),
        (
            "Backups run every night before the reports are sent.",
            "Reports are sent every night before the backups run.",
        ),
        ("An old key outlives a new one here.", "A new key outlives an old one here."),
    ],
)
def test_an_exchange_is_seen(source: str, claim: str) -> None:
    assert turned(source, claim)
    assert turned(claim, source)
    assert not turned(source, source)


@pytest.mark.parametrize(
    ("source", "claim"),
    [
        ("The manager approves every request.", "Every request is approved by the manager."),
        ("Chat messages are deleted after the probation.", "After the probation chat messages are deleted."),
        ("Gloves and goggles are worn.", "Goggles and gloves are worn."),
        ("The default interval is a minute.", "A minute is the default interval."),
        (
            "A medical certificate is needed from the first day of absence.",
            "From the first day of absence on, you need a medical certificate.",
        ),
        (
            "Everyone is reachable in the core time from ten to noon.",
            "The core time, in which everyone is reachable, is from ten to noon.",
        ),
    ],
)
def test_the_same_said_otherwise_is_none(source: str, claim: str) -> None:
    assert not turned(source, claim)


@pytest.mark.parametrize(
    ("language", "source", "claim"),
    [
        ("de", "Die Zentrale beliefert die Werkstatt.", "Die Werkstatt beliefert die Zentrale."),
        ("fr", "Le gérant remplace le directeur.", "Le directeur remplace le gérant."),
    ],
)
def test_it_is_seen_in_other_languages(language: str, source: str, claim: str) -> None:
    assert turned(source, claim, language)


@pytest.mark.parametrize(
    ("language", "source", "claim"),
    [
        ("de", "Anna und Bernd leiten das Labor.", "Bernd und Anna leiten das Labor."),
        ("de", "Der Leiter genehmigt den Antrag.", "Der Antrag wird vom Leiter genehmigt."),
        ("fr", "Le gérant approuve la demande.", "La demande est approuvée par le gérant."),
    ],
)
def test_each_language_has_its_own_small_words(language: str, source: str, claim: str) -> None:
    assert not turned(source, claim, language)
