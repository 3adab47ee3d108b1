"""Tokens of the widget: what they say is what was signed, for one page, for a while."""

import jwt
import pytest

from ragchat.access.tokens import PREFIX, Tokens, Visit
from ragchat.errors import Forbidden, Unauthorized

VISIT = Visit("shop", "https://shop.example", "session-1", "abc", frozenset({"docs"}), frozenset({"public"}))


def test_a_token_says_what_was_signed() -> None:
    tokens = Tokens(b"s" * 32)
    token = tokens.issue(VISIT)
    assert token.startswith(PREFIX)
    assert tokens.read(token, "https://shop.example") == VISIT
    assert tokens.read(token, None) == VISIT  # same-origin GET requests carry no origin
    principal = VISIT.principal
    assert (principal.tenant, principal.user) == ("widget:shop", "session-1")
    assert principal.scopes == {"chat"}


def test_of_all_and_of_none_are_different_things() -> None:
    tokens = Tokens(b"s" * 32)
    for bounds in (None, frozenset()):
        visit = Visit("shop", "https://shop.example", "s", "", bounds, bounds)
        assert tokens.read(tokens.issue(visit), None) == visit


def test_another_page_may_not_use_it() -> None:
    tokens = Tokens(b"s" * 32)
    with pytest.raises(Forbidden):
        tokens.read(tokens.issue(VISIT), "https://evil.example")


def test_what_is_over_foreign_or_forged_is_refused() -> None:
    tokens, others = Tokens(b"s" * 32), Tokens(b"o" * 32)
    claims = {
        "aud": "ragchat-widget",
        "sub": "x",
        "site": "shop",
        "origin": "https://shop.example",
        "exp": 9e9,
    }
    forged = [
        tokens.issue(VISIT, seconds=-1),
        others.issue(VISIT),
        tokens.issue(VISIT)[:-2] + "xx",
        PREFIX + jwt.encode(claims, None, algorithm="none"),
        PREFIX + jwt.encode({**claims, "aud": "other"}, b"s" * 32, algorithm="HS256"),
        PREFIX + jwt.encode({k: v for k, v in claims.items() if k != "exp"}, b"s" * 32, algorithm="HS256"),
        PREFIX,
        PREFIX + "a.b.c",
    ]
    for token in forged:
        with pytest.raises(Unauthorized):
            tokens.read(token, "https://shop.example")
