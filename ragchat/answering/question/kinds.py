"""What kinds of thing a question asks for, told by its question words; several at once, or none.

The words are the language's (ragchat.language); what follows from a kind is learned, not written here.
"""

import re
from functools import cache
from typing import Final, Literal, TypeAlias

QuestionKind: TypeAlias = Literal[
    "person", "contact", "place", "time", "amount", "price", "reason", "howto", "definition", "list", "yesno",
    "compare", "code", "trouble", "more",
]  # fmt: skip
"""more: two questions in one."""

_WORDS: Final[dict[QuestionKind, str]] = {
    "person": r"who(?:m|se|s)?|which (?:person|team|group|company)",
    "contact": r"contact|phone|e-?mail|call|hotline|reach|address",
    "place": r"where|wheres|which (?:city|country|site|room|folder|menu|page)|location",
    "time": r"when|what time|since when|until when|how long|how soon|how often|deadline|by when|what date|which year",
    "amount": r"how (?:many|much|long|old|far|big|large|high|often|fast|heavy)|max(?:imum)?|min(?:imum)?|limit|default"
    r"|size",
    "price": r"cost|costs|price|fee|pay|charge|how expensive|refund",
    "reason": r"why|how come|what causes?|reason|cause",
    "howto": r"how (?:do|can|should|to)|how (?:do|can) (?:i|we|you)|steps|set ?up|install|configure|enable|reset"
    r"|turn (?:on|off)",
    "definition": r"what(?:'s| is| are|s)|meaning|mean|means|define|explain",
    "list": r"which|list|what are (?:the|all)|what (?:\w+ )?(?:are there|do we have)|all|options|kinds|types|examples"
    r"|features",
    "yesno": r"^(?:is|are|does|do|did|can|could|may|must|should|will|would|has|have|am|was|were)",
    "compare": r"difference|differ|vs|versus|compared?|better|or|than|instead",
    "code": r"code|command|snippet|example|syntax|option|flag|function|config|setting|parameter",
    "trouble": r"error|fail(?:s|ed|ing)?|broken|not work(?:ing)?|doesn'?t|won'?t|can'?t|stuck|wrong|problem|issue"
    r"|crash(?:es)?",
    "more": r"\?.*\?|and (?:how|what|when|where|who|why|which|is|can|do)",
}


def kinds_of(question: str, language: str) -> frozenset[QuestionKind]:
    """The kinds that its words name."""
    return frozenset(kind for kind, pattern in _patterns().items() if pattern.search(question))


@cache
def _patterns() -> dict[QuestionKind, re.Pattern[str]]:
    return {kind: re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.I) for kind, words in _WORDS.items()}
