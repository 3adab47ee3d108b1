"""Greetings and thanks: replied to, never searched for and never refused."""

import re

_GREETING = re.compile(
    r"(?:hi|hey|hello|hallo|hiya|howdy|greetings|good (?:morning|afternoon|evening|day))"
    r"(?: there| all| everyone| team| again)?"
)
_THANKS = re.compile(
    r"(?:(?:ok|okay|great|perfect|cool|nice|super|awesome) )?"
    r"(?:thanks?(?: you| u)?|thx|ty|cheers|much appreciated)"
    r"(?: (?:a lot|so much|very much|again|for (?:your|the) help|that (?:helps|helped)))*"
)
_FAREWELL = re.compile(r"(?:good)?bye(?: bye)?|see you(?: later)?|good night|have a (?:nice|good|great) day")
_WELLBEING = re.compile(r"(?:(?:hi|hey|hello) )?how are you(?: doing)?(?: today)?|what'?s up")
_PRAISE = re.compile(
    r"(?:ok|okay|great|perfect|cool|nice|super|awesome|got it|understood|that helps|makes sense)"
)
_ABOUT = re.compile(r"(?:who|what) are you|what can (?:you|i) (?:do|ask)(?: here| you)?|help")

_REPLIES = (
    (_GREETING, "Hello! Ask me anything that these documents may answer."),
    (_WELLBEING, "All well, thank you. What would you like to know from these documents?"),
    (_THANKS, "You are welcome! Ask on whenever you like."),
    (_FAREWELL, "Goodbye! Come back whenever you have a question."),
    (_PRAISE, "Good. Ask on whenever you like."),
    (
        _ABOUT,
        "I answer questions from the documents of this collection and show the words that each answer rests on. "
        "When they do not hold an answer, I say so. Ask me about something that they describe.",
    ),
)
_LONGEST = 60
_OPENING = re.compile(
    r"(?:hi|hello|hey|hallo|good (?:morning|afternoon|evening|day)|(?:many )?thanks?(?: you)?"
    r"(?: a lot| so much)?|ok(?:ay)?|great|please)(?: there| all| again)?[,.!;:]+\s+(?=\S)",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"(?<=[?.!])\s*(?:(?:many )?thanks?(?: you)?(?: in advance| a lot)?|please|cheers)[.! ]*$", re.IGNORECASE
)


def reply_to(message: str) -> str | None:
    """A friendly reply when the whole message is small talk, else None."""
    if len(message) > _LONGEST:
        return None
    words = " ".join(re.findall(r"[\w']+", message.lower().replace("’", "'")))
    return next((reply for pattern, reply in _REPLIES if pattern.fullmatch(words)), None)


def without_courtesy(message: str) -> str:
    """The message without a greeting or thanks around it: their words would be searched for."""
    message = message.strip()
    opening = _OPENING.match(message)
    return _CLOSING.sub("", message[opening.end() :] if opening else message) or message
