"""What was checked of an answer, in one line: how many quotes stand in the documents, how many sentences they
support.

It says what was looked at and not that the answer is right: a sentence may be supported and yet not be what was
asked.
"""

from ragchat.answering.events import Done


def checked(done: Done) -> str:
    """ "3 of 3 quotes stand word for word in the documents."; "" where there was nothing to check."""
    if done.grounded is None or done.refusal is not None:
        return ""
    quotes = {
        (one.document.id, one.span.start, one.span.end): bool(one.quote.strip()) for one in done.citations
    }
    if not quotes:
        return "No sentence of this answer names a source."
    counted = _counted(len(quotes), "quote", "stands", "stand")
    standing = f"{sum(quotes.values())} of {counted} word for word in the documents"
    if all(one.method == "extractive" for one in done.citations):
        return f"{standing}."
    supported = len({one.answer_span for one in done.citations if one.verified})
    sentences = round(supported / done.grounded) if done.grounded else 0
    if not supported:
        return f"{standing}; no sentence was found to be supported by them."
    return f"{standing}; {supported} of {_counted(sentences, 'sentence', 'was', 'were')} found to be supported by them."


def _counted(number: int, what: str, one: str, many: str) -> str:
    return f"{number} {what} {one}" if number == 1 else f"{number} {what}s {many}"
