"""What kind of thing a question asks for, and whether a sentence names one: person, place, date,
amount, price, reason, step.

English question words only; in other languages, and for other questions, there is no cue and nothing changes.
"""

import re

from ragchat.answering.units import is_step

_WHEN = re.compile(
    r"\bwhen\b|\b(?:what|which) (?:year|date|month|day|century|decade|time)\b|\bsince when\b|\bhow long ago\b",
    re.I,
)
_AMOUNT = re.compile(
    r"\bhow (?:many|much|long|old|far|tall|large|big|high|often|fast|deep|wide|heavy)\b"
    r"|\bwhat (?:percent\w*|number|population|proportion|amount|price|size|age|share|fraction)\b",
    re.I,
)
_WHO = re.compile(r"\bwho(?:m|se)?\b|\bwhat (?:person|company|organi[sz]ation|country|group|name)\b", re.I)
_WHERE = re.compile(r"\bwhere\b|\b(?:what|which) (?:city|country|place|state|region|town|continent)\b", re.I)
_WHY = re.compile(
    r"\bwhy\b|\bwhat (?:caused?|reason|(?:is|was|are|were) the (?:\w+ )?(?:cause|reason)s?)\b", re.I
)
_COST = re.compile(
    r"\bhow much (?:is|are|was|does|do|did|will|would|must|should)\b.{0,300}\b(?:cost|pay|charged?|price|fee)\b"
    r"|\bhow (?:much|expensive) (?:is|are|was|were) (?:a|an|the|one)\b|\bhow much for\b"
    r"|\bwhat (?:does|do|did|will|would)\b.{0,300} cost\b"
    r"|\bwhat (?:is|are|was|were) the (?:\w+ ){0,2}(?:prices?|costs?|fees?)\b",
    re.I,
)
_HOW_TO = re.compile(
    r"\bhow (?:do|can|should|could|must) (?:i|we|you|one)\b|\bhow to\b|\bwhat (?:do|should|must|can) (?:i|we) do\b"
    r"|\bwhat (?:are the )?steps\b",
    re.I,
)

_DATE = re.compile(
    r"\b(?:1\d{3}|20\d\d)s?\b|\b(?:January|February|March|April|May|June|July|August|September|October|November"
    r"|December|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|century|\d{1,2}(?:st|nd|rd|th))\b"
    r"|\d{1,2}[:/]\d{2}"
)
_NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|hundreds?"
    r"|thousands?|millions?|billions?|half|third|quarter|percent|dozens?|several|once|twice|daily|weekly|monthly"
    r"|yearly|annually)\b",
    re.I,
)
_NAME = re.compile(r"(?<!^)(?<![.!?]\s)\b[A-Z][\w'’-]+")
_REASON = re.compile(
    r"\b(?:because|due to|since|so that|in order to|as a result|therefore|thus|reasons?|caus\w+|to avoid)\b",
    re.I,
)

_PRICE = re.compile(
    r"(?:[$€£¥₹]|\b(?:EUR|USD|GBP|CHF|JPY|CAD|AUD|SEK|NOK|DKK|PLN|euros?|dollars?|pounds?|cents?|price|cost|fee)s?\b)"
    r"[^\n]{0,24}\d(?!\d*(?:st|nd|rd|th)\b)|\d[^\n]{0,3}(?:[€£¥₹$]|\b(?:EUR|USD|GBP|CHF|euros?|dollars?|pounds?|cents?)\b)"
    r"|\b(?:free|no charge|at our expense|included)\b|_(?:eur|usd|gbp|chf): \d",
    re.I,
)

_CUES = (
    (_COST, _PRICE, 1.0, -1.0),
    (_WHEN, _DATE, 1.0, -0.5),
    (_AMOUNT, _NUMBER, 1.0, -0.5),
    (_WHERE, _NAME, 0.5, -0.2),
    (_WHO, _NAME, 0.5, -0.5),
    (_WHY, _REASON, 0.7, 0.0),
)
_DEFINED = re.compile(r"\s*what (?:is|are|was|were) (?:an? |the )?([^?]{2,60}?)\s*\?*\s*", re.I)
_DEFINES = re.compile(r"[^.]{0,40}?\b(?:is|are|was|were|refers?|means?)\b", re.I)
DEFINITION, STEP = 2.0, 1.0


def cue(question: str, sentence: str) -> float:
    """In [-1, 2]: above 0 when the sentence names the kind of thing asked for, below when it does not; 0 unknown."""
    if (asked := _DEFINED.fullmatch(question)) and _defines(sentence, asked.group(1)):
        return DEFINITION
    if _HOW_TO.search(question):
        return STEP if is_step(sentence) else 0.0
    for kind, named, present, absent in _CUES:
        if kind.search(question):
            return present if named.search(sentence) else absent
    return 0.0


def _defines(sentence: str, subject: str) -> bool:
    """Whether the sentence starts with the subject and goes on with "is", "means" or the like."""
    bare = re.sub(r"^(?:an? |the )", "", sentence, flags=re.I)
    return bare.lower().startswith(subject.lower()) and _DEFINES.match(bare, len(subject)) is not None
