"""Mail from its bytes: one message, a mailbox of many, Outlook's own format, or a page that was saved as a message."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from typing import Final, TypeVar

from ingest.extract.assembly.building import TextBuilder
from ingest.extract.clean import humanised, one_line
from ingest.extract.extracted import Extracted
from ingest.extract.mail.attached import files_of
from ingest.extract.mail.kinds import MEDIA_TYPES, kind_of
from ingest.extract.mail.letter import Letter
from ingest.extract.mail.mailbox import messages_of
from ingest.extract.mail.outlook import letter_of_outlook
from ingest.extract.mail.parsing.parts import letter_of
from ingest.extract.mail.saved import extract_saved
from ingest.extract.mail.writing import LONGEST_SUBJECT, append_letter
from ragchat.documents import Scalar
from ragchat.errors import DocumentFailed

Result = TypeVar("Result")

MOST_MESSAGES: Final = 10_000


def extract(data: bytes, name: str) -> Extracted:
    """Title: the subject of a message, the name of a mailbox; DocumentFailed damaged for what no reader can open."""
    kind = kind_of(data, name)
    match kind:
        case "page":
            return _guarded(lambda: extract_saved(data, name))
        case "mailbox":
            return _mailbox(data, name)
        case "outlook":
            return _guarded(lambda: _message(letter_of_outlook(data), name, MEDIA_TYPES[kind]))
        case _:
            return _guarded(lambda: _message(letter_of(data), name, MEDIA_TYPES[kind]))


def attachments(data: bytes, name: str) -> list[tuple[str, bytes]]:
    """(safe base name, bytes) of every file that came with the messages; at most 200, together at most 100 MiB.

    Signatures and images inside of a page are none. DocumentFailed damaged as for `extract`.
    """
    match kind_of(data, name):
        case "page":
            return []
        case "mailbox":
            letters = (letter for letter in _letters(messages_of(data)) if letter is not None)
            return files_of(letters)
        case "outlook":
            return files_of([_guarded(lambda: letter_of_outlook(data))])
        case _:
            return files_of([_guarded(lambda: letter_of(data))])


def _guarded(read: Callable[[], Result]) -> Result:
    """What hostile bytes raise anywhere below becomes DocumentFailed damaged."""
    try:
        return read()
    except (DocumentFailed, MemoryError):
        raise
    except Exception as error:
        raise DocumentFailed(
            f"is damaged: its parser gave up ({type(error).__name__}).",
            hint="Save the message again from the program that shows it.",
            code="damaged",
        ) from error


def _letters(messages: Iterable[bytes]) -> Iterator[Letter | None]:
    """The letters of a mailbox, None in the place of one that cannot be read."""
    for message in islice(messages, MOST_MESSAGES):
        try:
            yield _guarded(partial(letter_of, message))
        except DocumentFailed:
            yield None


def _message(letter: Letter, name: str, media_type: str) -> Extracted:
    title = one_line(letter.subject)[:LONGEST_SUBJECT] or humanised(name)
    if not _says_anything(letter):
        return Extracted("", title, media_type, reason="the message is empty", notes=_notes([letter]))
    builder = TextBuilder()
    append_letter(builder, letter, title)
    facts: dict[str, Scalar] = {
        "from": letter.sender,
        "to": letter.to,
        "date": letter.moment or letter.date,
        "subject": letter.subject,
    }
    return Extracted(
        builder.text,
        title,
        media_type,
        headings=tuple(builder.headings),
        metadata={key: value for key, value in facts.items() if value},
        notes=_notes([letter]),
        blocks=builder.blocks,
    )


def _mailbox(data: bytes, name: str) -> Extracted:
    """A section for each message, in file order."""
    builder = TextBuilder()
    notes: list[str] = []
    messages = messages_of(data)
    for number, letter in enumerate(_letters(messages), 1):
        if letter is None:
            notes.append(f"message {number} could not be read")
            continue
        if _says_anything(letter):
            append_letter(builder, letter)
        notes += _notes([letter])
    if next(messages, None) is not None:
        notes.append(f"messages behind the first {MOST_MESSAGES:,} were not read")
    return Extracted(
        builder.text,
        humanised(name),
        MEDIA_TYPES["mailbox"],
        headings=tuple(builder.headings),
        reason="" if builder.length else "the mailbox is empty",
        notes=tuple(dict.fromkeys(notes)),
        blocks=builder.blocks,
    )


def _says_anything(letter: Letter) -> bool:
    fields = (letter.subject, letter.sender, letter.to, letter.bodies, letter.attached, letter.enclosed)
    return any(map(bool, fields))


def _notes(letters: list[Letter]) -> tuple[str, ...]:
    """What was lost, also in the messages inside."""
    notes: list[str] = []
    due = list(reversed(letters))
    while due:
        letter = due.pop()
        notes += letter.notes
        due.extend(reversed(letter.enclosed))
    return tuple(dict.fromkeys(notes))
