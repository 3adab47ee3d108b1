"""The parts of a message: which are its body, which are attached to it, which other messages it encloses.

Of alternatives one is read: the plain one, unless it only says that the message is HTML. A calendar is read as its
events, below the body. Signatures, reports for machines and images inside of a page are never text nor attachments.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from email.message import Message
from typing import Final

from ingest.extract.assembly.building import TextBuilder
from ingest.extract.clean import one_line
from ingest.extract.html import extract_fragment
from ingest.extract.mail.calendar import events_of
from ingest.extract.mail.letter import MOST_ENCLOSED, Body, Letter
from ingest.extract.mail.parsing.armour import enclosed_of_signed, without_armour
from ingest.extract.mail.parsing.content import from_base64, part_bytes, part_text, raw_bytes
from ingest.extract.mail.parsing.headers import addresses, decoded_words, moment_of, readable
from ingest.extract.mail.parsing.mending import parsed

MOST_NESTED: Final = 30
"""Parts inside each other that are read, of one message."""
STUB_WORDS: Final = 60
STUB_SHARE: Final = 0.3
"""A plain body of few words that are a small share of the HTML's stands in for it and is not read."""
SAME_SHARE: Final = 0.8
"""Share of the words of a page that stand in the text above it, from which on both are one body."""
HTML_TYPES: Final = frozenset({"text/html", "application/xhtml+xml"})
_TEXT_TYPES: Final = HTML_TYPES | {"text/plain", "text/markdown", "text/enriched", "text/richtext"}
_NOISE: Final = frozenset(
    """application/pkcs7-signature application/x-pkcs7-signature application/pgp-signature application/pgp-keys
    application/pgp-encrypted application/ms-tnef application/vnd.ms-tnef text/x-amp-html
    text/watch-html message/delivery-status message/disposition-notification text/rfc822-headers
    message/external-body message/partial application/x-pkcs7-crl message/feedback-report""".split()  # noqa: SIM905
)
_NOISY_NAMES: Final = re.compile(r"(?:winmail(?:\d+)?\.dat|smime\.p7s|signature\.asc)", re.I)
_CALENDARS: Final = frozenset({"text/calendar", "application/ics"})
_SIGNED: Final = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_WORDS: Final = re.compile(r"\w+")
_PAGE: Final = re.compile(r"\s*<(?:!doctype html|html|head|body)\b", re.I)
_DESCRIBING: Final = ("Content-Type", "Content-Disposition", "Content-ID")
LONGEST_DESCRIPTION: Final = 8000


def letter_of(data: bytes, depth: int = 0) -> Letter:
    """A message from its bytes."""
    return _letter(parsed(data), depth)


def _letter(message: Message, depth: int) -> Letter:
    sender = addresses(_field(message, "From")) or addresses(_field(message, "Sender"))
    date = decoded_words(_field(message, "Date"))
    moment = moment_of(date)
    letter = Letter(
        subject=decoded_words(_field(message, "Subject")),
        sender=sender,
        to=addresses(", ".join(_fields(message, "To"))),
        copied=addresses(", ".join(_fields(message, "Cc"))),
        date=date,
        moment=moment.isoformat() if moment is not None else "",
    )
    reader = _Reader(letter, depth)
    letter.bodies = [*reader.read(message, 0, alone=True), *map(Body, reader.events)]
    letter.attached = [
        (name, content)
        for name, content, key in reader.found
        if not key or not any(f"cid:{key}" in page for page in reader.pages)
    ]
    return letter


def _field(message: Message, name: str) -> str:
    return next(iter(_fields(message, name)), "")


def _fields(message: Message, name: str) -> list[str]:
    """The field as written, as often as it stands there."""
    return [str(value) for key, value in message.raw_items() if key.lower() == name.lower()]


@dataclass(slots=True)
class _Reader:
    """Sorts the parts of one message into its letter.

    `found` are its attachments, each with the key that a page shows it by; `pages` is what is read to see that;
    `events` are those of its calendars, which come twice as a rule, each once.
    """

    letter: Letter
    depth: int
    found: list[tuple[str, bytes, str]] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)
    events: dict[str, None] = field(default_factory=dict)

    def read(self, part: Message, nested: int, *, alone: bool = False) -> list[Body]:
        """The bodies of a part; `alone` for what is a body whatever name it has."""
        if nested > MOST_NESTED:
            self.letter.notes.append("parts that lie too deep inside each other were not read")
            return []
        _described(part)
        kind = part.get_content_type()
        if kind == "message/rfc822" or (kind == "message/global" and part.is_multipart()):
            self._enclose(part)
            return []
        if part.is_multipart():
            return self._many(kind, _inside(part), nested)
        return self._leaf(part, kind, alone=alone)

    def _many(self, kind: str, parts: list[Message], nested: int) -> list[Body]:
        if kind == "multipart/encrypted":
            self.letter.notes.append("the body is encrypted and was not read")
            return []
        if kind == "multipart/alternative":
            return chosen([self.read(part, nested + 1, alone=True) for part in parts])
        bodies: list[Body] = []
        for number, part in enumerate(parts):
            bodies += self.read(part, nested + 1, alone=number == 0)
        return without_twins(bodies)

    def _leaf(self, part: Message, kind: str, *, alone: bool) -> list[Body]:
        name = file_name(part)
        placed = part.get_content_disposition()
        if kind in _SIGNED:
            return self._signed(part)
        if kind in _CALENDARS or name.lower().endswith(".ics"):
            self.events |= dict.fromkeys(events_of(part_text(part)))
            return []
        if kind in _NOISE or _NOISY_NAMES.fullmatch(name):
            if kind.endswith("ms-tnef") or name.lower().startswith("winmail"):
                self.letter.notes.append(f"{name or 'winmail.dat'} (Outlook's wrapper) was not read")
            return []
        if kind in _TEXT_TYPES and placed != "attachment" and (alone or not name):
            bodies = _bodies(part, kind)
            self.pages += [body.text for body in bodies if body.html]
            return bodies
        key = str(part.get("Content-ID", "")).strip("<> ")
        if kind.startswith("image/") and placed != "attachment" and (key or placed == "inline"):
            return []
        self.found.append((name or ("text.txt" if kind == "text/plain" else kind), part_bytes(part), key))
        return []

    def _signed(self, part: Message) -> list[Body]:
        """What a signature wraps (S/MIME "opaque"); what is encrypted stays closed."""
        inside = enclosed_of_signed(part_bytes(part))
        if inside is None or self.depth >= MOST_ENCLOSED:
            self.letter.notes.append("the body is encrypted and was not read")
            return []
        return self.inner(inside)

    def inner(self, data: bytes) -> list[Body]:
        """The bodies of a message whose own header is nobody's (the inside of a signature)."""
        self.depth += 1
        return self.read(parsed(data), 0, alone=True)

    def _enclose(self, part: Message) -> None:
        if self.depth >= MOST_ENCLOSED:
            self.letter.notes.append("messages that lie too deep inside each other were not read")
            return
        inner = next(iter(_inside(part)), None)
        if inner is None:
            self.letter.enclosed.append(letter_of(part_bytes(part), self.depth + 1))
        elif str(part.get("Content-Transfer-Encoding", "")).strip().lower() == "base64" and not inner.items():
            self.letter.enclosed.append(letter_of(from_base64(raw_bytes(inner)), self.depth + 1))
        else:
            self.letter.enclosed.append(_letter(inner, self.depth + 1))


def _inside(part: Message) -> list[Message]:
    payload = part.get_payload() if part.is_multipart() else []
    return [one for one in payload if isinstance(one, Message)]


def _described(part: Message) -> None:
    """The fields that describe a part as characters in one line, cut to what a program may write there."""
    for name in _DESCRIBING:
        values = _fields(part, name)
        if values:
            part.replace_header(name, one_line(readable(values[0][:LONGEST_DESCRIPTION])))


def file_name(part: Message) -> str:
    """The name that a part has as a file; "" for none."""
    try:
        name = part.get_filename("")
    except (ValueError, TypeError, LookupError, AttributeError):
        return ""
    return decoded_words(name.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))


def _bodies(part: Message, kind: str) -> list[Body]:
    text = part_text(part)
    if not text.strip():
        return []
    if kind in HTML_TYPES or _PAGE.match(text):
        return [Body(text, html=True)]
    if kind in ("text/enriched", "text/richtext"):
        text = re.sub(r"<[^<>\n]{0,60}>", "", text)
    flowed, joined = _parameter(part, "format") == "flowed", _parameter(part, "delsp") == "yes"
    return [Body(without_armour(text), flowed=flowed, joined=joined)]


def _parameter(part: Message, name: str) -> str:
    try:
        return str(part.get_param(name, "")).strip().lower()
    except (ValueError, TypeError, LookupError, AttributeError):
        return ""


def chosen(choices: list[list[Body]]) -> list[Body]:
    """One of several bodies that say the same."""
    choices = [bodies for bodies in choices if bodies]
    plain = next((bodies for bodies in choices if not any(body.html for body in bodies)), None)
    rich = next((bodies for bodies in reversed(choices) if any(body.html for body in bodies)), None)
    if plain is None or rich is None:
        return plain or rich or []
    said = sum(len(_WORDS.findall(body.text)) for body in plain)
    if said >= STUB_WORDS:
        return plain
    shown = _words_shown(rich).total()
    if not shown:
        return plain
    return rich if not said or said < shown * STUB_SHARE or _asks_for_html(plain, rich) else plain


def _asks_for_html(plain: list[Body], rich: list[Body]) -> bool:
    """Whether few of the plain words stand in the page and they speak of HTML or of a browser."""
    words = Counter(_WORDS.findall(" ".join(body.text for body in plain).lower()))
    if not words.keys() & {"html", "browser", "webbrowser", "navigateur", "navegador"}:
        return False
    return _shared(words, _words_shown(rich)) < 0.5 * words.total()


def without_twins(bodies: list[Body]) -> list[Body]:
    """Bodies one below the other; a page that repeats the text above it was meant as its alternative."""
    if not any(body.html for body in bodies) or all(body.html for body in bodies):
        return bodies
    plain = Counter(_WORDS.findall(" ".join(body.text for body in bodies if not body.html).lower()))
    kept: list[Body] = []
    for body in bodies:
        words = _words_shown([body]) if body.html else Counter[str]()
        if not words or _shared(words, plain) < SAME_SHARE * words.total():
            kept.append(body)
    return kept


def _shared(words: Counter[str], others: Counter[str]) -> int:
    return sum(min(count, others[word]) for word, count in words.items())


def _words_shown(bodies: list[Body]) -> Counter[str]:
    builder = TextBuilder()
    for body in bodies:
        if body.html:
            extract_fragment(body.text, builder)
        else:
            builder.block(body.text)
    return Counter(_WORDS.findall(builder.text.lower()))
