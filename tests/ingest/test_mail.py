"""Mail: which parts are the text, how its lines and characters come out, what is attached, what is broken."""

import struct
from collections.abc import Mapping
from datetime import UTC, datetime
from email.message import EmailMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.extract import Extracted
from ingest.extract.mail import attachments, extract
from ingest.extract.mail.attached import safe_name
from ingest.extract.mail.document import MOST_MESSAGES
from ragchat.documents.blocks import check_blocks
from ragchat.errors import DocumentFailed

HEAD = "From: Ida Berg <ida@halden.example>\nTo: desk@halden.example\nSubject: Gate\n"


def read(data: bytes | str | EmailMessage, name: str = "mail.eml") -> Extracted:
    if isinstance(data, EmailMessage):
        data = data.as_bytes()
    extracted = extract(data.encode() if isinstance(data, str) else data, name)
    check_blocks(extracted.blocks, extracted.text)
    return extracted


def body(text: str, fields: str = "") -> str:
    """What is shown of a plain body below the fields."""
    return read(f"{HEAD}{fields}\n{text}").text.split("To: desk@halden.example\n\n", 1)[1]


def message(text: str = "The gate opens at six.", subject: str = "Gate") -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = (
        "Ida Berg <ida@halden.example>",
        "desk@halden.example",
        subject,
    )
    made["Date"] = "Tue, 03 Mar 2026 09:12:00 +0100"
    made.set_content(text)
    return made


def survived(data: bytes, name: str) -> bool:
    """Whether a file is read, or refused as damaged."""
    try:
        read(data, name)
        attachments(data, name)
    except DocumentFailed as failed:
        return failed.code == "damaged"
    return True


def kinds(extracted: Extracted) -> list[tuple[str, str]]:
    return [(block.kind, block.span.of(extracted.text)) for block in extracted.blocks]


def test_a_message_is_its_subject_its_fields_and_its_body() -> None:
    made = message("The gate opens at six.\n\nIt closes at ten.\n")
    made["Cc"] = "Bo <bo@halden.example>, uwe@halden.example"
    extracted = read(made)
    assert kinds(extracted) == [
        ("heading", "# Gate"),
        ("pair", "From: Ida Berg <ida@halden.example>"),
        ("pair", "To: desk@halden.example"),
        ("pair", "Cc: Bo <bo@halden.example>, uwe@halden.example"),
        ("pair", "Date: Tue, 03 Mar 2026 09:12:00 +0100"),
        ("paragraph", "The gate opens at six."),
        ("paragraph", "It closes at ten."),
    ]
    assert all(block.parent == 0 for block in extracted.blocks[1:])
    assert (extracted.title, extracted.media_type) == ("Gate", "message/rfc822")
    assert extracted.metadata == {
        "from": "Ida Berg <ida@halden.example>",
        "to": "desk@halden.example",
        "date": "2026-03-03T09:12:00+01:00",
        "subject": "Gate",
    }


def test_a_message_without_subject_is_named_after_its_file() -> None:
    assert read("From: ida@halden.example\n\nHello.", "night_shift.eml").text.startswith("# Night shift\n")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("=?utf-8?q?Schl=C3=BCssel_f=C3=BCr?= =?utf-8?q?_Halle_4?=", "Schlüssel für Halle 4"),
        ("=?UTF-8?B?U2NobMO8c3NlbCBmw7xyIEhhbGxlIDQ?=", "Schlüssel für Halle 4"),
        ("=?utf-8?B?U2NobMM=?=\n =?utf-8?B?vHNzZWw=?=", "Schlüssel"),
        ("=?iso-8859-1?Q?T=FCr?= und =?windows-1251?B?xOLl8Pw=?=", "Tür und Дверь"),
        ("=?utf-8*de?q?T=C3=BCr?=", "Tür"),
        ("=?nonsense?q?Door?= one", "Door one"),
        ("=?iso-2022-jp?B?GyRCJTElUyVzGyhC?=", "ケビン"),
        ("Gate\n of hall 4", "Gate of hall 4"),
    ],
)
def test_encoded_words(written: str, shown: str) -> None:
    assert read(f"Subject: {written}\nFrom: a@b.example\n\nText.").title == shown


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1"])
def test_fields_in_bare_bytes(charset: str) -> None:
    data = "Subject: Türen und Schlüssel\nFrom: Jörg Müller <j@halden.example>\n\nGrüße".encode(charset)
    extracted = read(data)
    assert extracted.title == "Türen und Schlüssel"
    assert "From: Jörg Müller <j@halden.example>" in extracted.text


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ('"Berg, Ida" <ida@halden.example>', "Berg, Ida <ida@halden.example>"),
        ("ida@halden.example (Ida)", "Ida <ida@halden.example>"),
        ("\"'ida@halden.example'\" <ida@halden.example>", "ida@halden.example"),
        ("=?utf-8?q?M=C3=BCller=2C_J=C3=B6rg?= <j@halden.example>", "Müller, Jörg <j@halden.example>"),
        ("a@halden.example; Bo <b@halden.example>", "a@halden.example, Bo <b@halden.example>"),
        ('"Berg; Ida" <i@halden.example>;', "Berg; Ida <i@halden.example>"),
        ("undisclosed-recipients:;", "undisclosed-recipients:;"),
    ],
)
def test_addresses_keep_name_and_address(written: str, shown: str) -> None:
    assert f"\nTo: {shown}\n" in read(f"Subject: A\nFrom: a@b.example\nTo: {written}\n\nText.").text


@pytest.mark.parametrize("encoding", ["quoted-printable", "base64", "8bit"])
@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "windows-1252"])
def test_transfer_encodings(encoding: str, charset: str) -> None:
    made = message()
    made.set_content("Der Preis für Türen beträgt 410 Euro.\n" * 3, charset=charset, cte=encoding)
    assert "Der Preis für Türen beträgt 410 Euro." in read(made).text


@pytest.mark.parametrize("charset", ["us-ascii", "utf-8", "nonsense", "x-unknown", "iso-8859-1"])
def test_a_wrong_charset_is_seen_through(charset: str) -> None:
    fields = f"Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: 8bit\n"
    for real in ("utf-8", "cp1252"):
        data = f"{HEAD}{fields}\nDie Tür der Küche schließt um 22 Uhr – außer montags.".encode(real)
        assert "Die Tür der Küche schließt um 22 Uhr – außer montags." in read(data).text


@pytest.mark.parametrize(
    ("charset", "text"), [("iso-2022-jp", "門は六時に開きます。"), ("utf-7", "Türen 5 €")]
)
def test_charsets_of_seven_bits(charset: str, text: str) -> None:
    fields = f"Content-Type: text/plain; charset={charset}\n"
    assert text in read((HEAD + fields + "\n").encode() + text.encode(charset)).text


def test_a_footer_in_the_clear_below_base64_is_kept() -> None:
    fields = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n"
    text = body("VMO8cmVuIHNpbmQgenUu\n\n_______________\nlist of the works", fields)
    assert text.startswith("Türen sind zu.\n\n")
    assert "list of the works" in text


def test_of_alternatives_the_plain_one_is_read_once() -> None:
    made = message("The key hangs at the lodge.")
    made.add_alternative("<p>The key hangs at the <b>lodge</b>.</p>", subtype="html")
    assert read(made).text.count("The key hangs") == 1


@pytest.mark.parametrize(
    "stub",
    [
        "",
        " \n",
        "This message requires an HTML viewer.",
        "Ihr E-Mail-Programm unterstützt kein HTML.",
        "Please open this mail in your browser.",
    ],
)
def test_a_plain_body_that_only_asks_for_html_is_not_read(stub: str) -> None:
    made = message(stub)
    made.add_alternative(
        "<h2>Fees</h2><p>Day visits cost 12 euros, evening visits 29 euros more than that.</p>",
        subtype="html",
    )
    extracted = read(made)
    assert "## Fees\n\nDay visits cost 12 euros" in extracted.text
    assert not stub.strip() or stub not in extracted.text


def test_a_body_of_html_stands_under_the_subject() -> None:
    made = message()
    made.set_content(
        "<html><head><title>x</title><style>p{color:red}</style></head><body><h1>Fees</h1>"
        "<p>Day visits cost 12&nbsp;euros.</p><blockquote><p>What do they cost?</p></blockquote></body></html>",
        subtype="html",
    )
    extracted = read(made)
    assert [(one.level, one.title) for one in extracted.headings] == [(1, "Gate"), (2, "Fees")]
    assert "## Fees\n\nDay visits cost 12 euros." in extracted.text
    assert "quotation" in dict(kinds(extracted))
    assert "color" not in extracted.text


def test_a_heading_that_repeats_the_subject_is_not_shown_again() -> None:
    made = message()
    made.set_content("<h1>Gate</h1><p>It opens at six.</p>", subtype="html")
    assert read(made).text.count("Gate") == 1


def test_alternatives_that_were_sent_as_parts_below_each_other_are_read_once() -> None:
    made = MIMEMultipart("mixed")
    made["Subject"] = "Gate"
    made.attach(MIMEText("The gate opens at six and closes at ten.", "plain"))
    made.attach(MIMEText("<p>The gate opens at six and closes at ten.</p>", "html"))
    assert read(made.as_bytes()).text.count("opens at six") == 1


def test_the_footer_of_a_list_is_kept_below_the_body() -> None:
    made = MIMEMultipart("mixed")
    made["Subject"] = "Gate"
    made.attach(MIMEText("The gate opens at six.", "plain"))
    made.attach(MIMEText("You get this mail as a member.", "plain"))
    assert read(made.as_bytes()).text == "# Gate\n\nThe gate opens at six.\n\nYou get this mail as a member."


def test_lines_of_a_width_are_one_paragraph() -> None:
    text = body(
        "The works are closed from the third to the fourteenth of August, and the\n"
        "porter's lodge stays open for urgent faults that are told by phone before\n"
        "noon.\n"
        "\n"
        "Regards\n"
        "Ida\n"
    )
    assert text.startswith(
        "The works are closed from the third to the fourteenth of August, and the porter's lodge"
    )
    assert text.endswith("before noon.\n\nRegards\nIda")


def test_short_lines_and_lists_stay_lines() -> None:
    text = "Room 4\nHall 5\n\n- the first thing that is told here is rather long, as long as a line\n- the second"
    assert body(text) == text


def test_an_item_that_was_wrapped_is_one_line() -> None:
    text = body(
        "Bring:\n* a helmet, because in hall 4 nobody may walk without one, not even for a\n  short visit\n* boots\n"
    )
    assert text.endswith(
        "* a helmet, because in hall 4 nobody may walk without one, not even for a short visit\n* boots"
    )


def test_a_number_that_ends_a_sentence_begins_no_item() -> None:
    text = body(
        "The crane is checked on 6 June, so that nobody may leave a lorry in hall\n4. Please tell the others.\n"
    )
    assert (
        text
        == "The crane is checked on 6 June, so that nobody may leave a lorry in hall 4. Please tell the others."
    )


def test_columns_and_fields_stay_lines() -> None:
    rows = "Place of the key                      Who has it          When it is due\n"
    rows += "Lodge of the porter, hall 4           Ida Berg            Sunday at 8\n"
    assert body(rows).count("\n") == 1
    assert (
        body("Room: 4, which is the one behind the lodge of the porter and the gate\nKey: 7").count("\n") == 1
    )


def test_flowed_text_is_unwrapped() -> None:
    fields = "Content-Type: text/plain; charset=utf-8; format=flowed\n"
    text = body("The gate opens \nat six.\n> and when does \n> it close?\nAt ten.\n-- \nIda\n", fields)
    assert text == "The gate opens at six.\n\n> and when does it close?\n\nAt ten.\n\n--\nIda"


def test_flowed_text_without_its_blanks() -> None:
    fields = "Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes\n"
    assert body("門は六時に \n開きます。\n", fields) == "門は六時に開きます。"


def test_a_quoted_reply_is_a_quotation_read_with_who_wrote_it() -> None:
    extracted = read(
        f"{HEAD}\nAt ten.\n\nOn Tue, 3 Mar 2026 at 09:12, Ida Berg <ida@halden.example>\nwrote:\n"
        "> When does the gate close?\n>> It opens at six.\nThanks.\n"
    )
    quotation = next(block for block in extracted.blocks if block.kind == "quotation")
    assert quotation.lead is not None
    assert quotation.lead.of(extracted.text).startswith("On Tue, 3 Mar 2026 at 09:12, Ida Berg")
    assert quotation.span.of(extracted.text).startswith("> When does the gate close?")
    assert extracted.text.endswith("> > It opens at six.\n\nThanks.")
    assert kinds(extracted)[-1] == ("paragraph", "Thanks.")


@pytest.mark.parametrize(
    "line",
    [
        "Am 03.03.2026 um 09:12 schrieb Ida Berg:",
        "Le 3 mars 2026 à 09:12, Ida Berg a écrit :",
        "-----Original Message-----",
        "-----Ursprüngliche Nachricht-----",
    ],
)
def test_what_stands_below_an_attribution_without_marks_is_quoted(line: str) -> None:
    extracted = read(f"{HEAD}\nAt ten.\n\n{line}\n\nWhen does it close?\n\nIda\n")
    assert "> When does it close?" in extracted.text
    assert [text for kind, text in kinds(extracted) if kind == "paragraph"][:2] == ["At ten.", line]
    assert extracted.blocks[-1].parent > 0


def test_an_older_message_below_a_ruler_is_quoted() -> None:
    extracted = read(
        f"{HEAD}\nAt ten.\n\n________________________________\nFrom: Bo <bo@halden.example>\n"
        "Sent: Tuesday, 3 March 2026 09:12\nTo: Ida\n\nWhen does it close?\n"
    )
    assert ("pair", "> Sent: Tuesday, 3 March 2026 09:12") in kinds(extracted)
    assert "\n> When does it close?" in extracted.text


def test_a_message_passed_on_in_the_text_keeps_its_fields() -> None:
    extracted = read(
        f"{HEAD}\nSee below.\n\n---------- Forwarded message ---------\nFrom: Bo <bo@halden.example>\n"
        "Date: Tue, Mar 3, 2026\n\nThe lift stops.\n"
    )
    assert ("pair", "From: Bo <bo@halden.example>") in kinds(extracted)
    assert kinds(extracted)[-1] == ("paragraph", "The lift stops.")


def test_many_replies_are_read_in_linear_time() -> None:
    text = "On 3 March Ida wrote:\n> When?\n" * 4_000
    assert body(text).count("> When?") == 4_000


def test_the_signature_is_a_paragraph_of_its_own() -> None:
    extracted = read(f"{HEAD}\nAt ten.\n-- \nIda Berg\nHalden works, hall 4\n")
    assert kinds(extracted)[-1] == ("paragraph", "--\nIda Berg\nHalden works, hall 4")


def test_signatures_calendars_and_wrappers_never_show() -> None:
    made = message()
    made.add_attachment(b"MIIB", maintype="application", subtype="pkcs7-signature", filename="smime.p7s")
    made.add_attachment("-----BEGIN PGP SIGNATURE-----", subtype="x", filename="signature.asc")
    made.add_attachment(b"x\x9f", maintype="application", subtype="ms-tnef", filename="winmail.dat")
    made.add_attachment("BEGIN:VCALENDAR", subtype="calendar", filename="invite.ics")
    extracted = read(made)
    assert extracted.text.endswith("The gate opens at six.")
    assert "Attachments" not in extracted.text
    assert attachments(made.as_bytes(), "mail.eml") == []
    assert extracted.notes == ("winmail.dat (Outlook's wrapper) was not read",)


def test_an_invitation_tells_what_when_and_where() -> None:
    invite = (
        "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nEND:VTIMEZONE\r\n"
        "BEGIN:VEVENT\r\nSUMMARY:Gate inspection\\, north\r\nDTSTART;TZID=Europe/Berlin:20260302T090000\r\n"
        "DTEND;TZID=Europe/Berlin:20260302T103000\r\nLOCATION:Hall 4\r\nORGANIZER;CN=Bo Lind:mailto:bo@a.example\r\n"
        "RRULE:FREQ=WEEKLY;BYDAY=MO\r\nDESCRIPTION:Bring the\r\n  key.\\nAsk for Bo.\r\nBEGIN:VALARM\r\n"
        "DESCRIPTION:Reminder\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    made = EmailMessage()
    made["Subject"] = "Inspection"
    made.set_content("Please come.")
    made.add_alternative(invite, subtype="calendar")
    made.add_attachment(invite, subtype="calendar", filename="invite.ics")
    text = extract(made.as_bytes(), "a.eml").text
    assert text.count("Event: Gate inspection, north") == 1
    assert "When: 2026-03-02 09:00 to 10:30 (Europe/Berlin)" in text
    for said in (
        "Please come.",
        "Where: Hall 4",
        "Organizer: Bo Lind",
        "Repeats: weekly, mo",
        "Bring the key.",
    ):
        assert said in text
    assert "Reminder" not in text
    assert "VEVENT" not in text
    cancelled = invite.replace("METHOD:REQUEST", "METHOD:CANCEL")
    made = EmailMessage()
    made.set_content("No.")
    made.add_alternative(cancelled, subtype="calendar")
    assert "Cancelled event: Gate inspection" in extract(made.as_bytes(), "a.eml").text


def test_an_invitation_is_read_without_its_calendar() -> None:
    made = message("You are invited to hall 4.")
    made.add_alternative("BEGIN:VCALENDAR\nMETHOD:REQUEST\nEND:VCALENDAR", subtype="calendar")
    text = read(made).text
    assert "You are invited to hall 4." in text
    assert "VCALENDAR" not in text


def test_text_signed_in_its_own_lines() -> None:
    text = body(
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nThe gate opens at six.\n- -- \nIda\n"
        "-----BEGIN PGP SIGNATURE-----\n\niQEzBAEBCAAdFiEE\n-----END PGP SIGNATURE-----\n"
    )
    assert text == "The gate opens at six.\n\n--\nIda"


def test_a_file_in_letters_and_a_key_are_no_text() -> None:
    line = "M" + "A" * 60 + "\n"
    text = body(
        f"The gate opens at six.\n\nbegin 644 plan.pdf\n{line * 3}%2&5L;&\\\n`\nend\n\n"
        "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n"
        "mQINBF\n-----END PGP PUBLIC KEY BLOCK-----\n\nI begin 3 shifts at the end\n"
    )
    assert text == "The gate opens at six.\n\nI begin 3 shifts at the end"


def test_a_message_inside_of_a_signature() -> None:
    inner = b"Content-Type: text/plain; charset=utf-8\r\n\r\nThe code is 4711.\r\n"

    def value(tag: int, content: bytes) -> bytes:
        return bytes([tag, 0x82]) + len(content).to_bytes(2, "big") + content

    data = bytes.fromhex("06092a864886f70d010701") + value(0xA0, value(0x04, inner))
    signed = value(0x02, b"\1") + value(0x31, b"") + value(0x30, data)
    whole = value(0x30, bytes.fromhex("06092a864886f70d010702") + value(0xA0, value(0x30, signed)))
    made = message()
    made.set_content(whole, maintype="application", subtype="pkcs7-mime", filename="smime.p7m")
    assert read(made).text.endswith("\n\nThe code is 4711.")


def test_an_encrypted_body_is_told_in_the_notes() -> None:
    made = message()
    made.set_content(b"0\x80\x06\x09", maintype="application", subtype="pkcs7-mime", filename="smime.p7m")
    assert read(made).notes == ("the body is encrypted and was not read",)


def test_attachments_are_named_and_given_but_not_read() -> None:
    made = message()
    made.add_attachment(b"%PDF-1", maintype="application", subtype="pdf", filename="../../Türplan.pdf")
    made.add_attachment("Day,Open\nSunday,8-12\n", subtype="csv", filename="hours.csv")
    made.add_attachment("Other", subtype="plain", filename="hours.csv")
    extracted = read(made)
    assert ("pair", "Attachments: Türplan.pdf, hours.csv, hours.csv") in kinds(extracted)
    assert "Sunday" not in extracted.text
    assert [(name, data[:6]) for name, data in attachments(made.as_bytes(), "mail.eml")] == [
        ("Türplan.pdf", b"%PDF-1"),
        ("hours.csv", b"Day,Op"),
        ("hours (2).csv", b"Other\n"),
    ]


def test_images_inside_of_a_page_are_no_attachments() -> None:
    made = message()
    made.add_alternative('<p>The gate opens at six.</p><img src="cid:logo">', subtype="html")
    page = made.get_payload()[1]  # type: ignore[index]
    page.add_related(b"\x89PNG", maintype="image", subtype="png", cid="<logo>")  # type: ignore[union-attr]
    made.add_attachment(b"\xff\xd8\xff", maintype="image", subtype="jpeg", filename="photo.jpg")
    assert [name for name, _ in attachments(made.as_bytes(), "mail.eml")] == ["photo.jpg"]


def test_an_image_that_the_page_shows_is_none_even_if_it_calls_itself_one() -> None:
    made = MIMEMultipart("related")
    made["Subject"] = "Gate"
    made.attach(MIMEText('<p>The gate.</p><img src="cid:1@x">', "html"))
    for key in ("1@x", "2@x"):
        image = MIMEText("x", "png")
        image.replace_header("Content-Type", "image/png")
        image.add_header("Content-ID", f"<{key}>")
        image.add_header("Content-Disposition", "attachment", filename=f"image{key[0]}.png")
        made.attach(image)
    assert [name for name, _ in attachments(made.as_bytes(), "mail.eml")] == ["image2.png"]


def test_attachments_are_bounded() -> None:
    made = message()
    for number in range(203):
        made.add_attachment(b"x", maintype="application", subtype="pdf", filename=f"{number}.pdf")
    assert len(attachments(made.as_bytes(), "mail.eml")) == 200


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("C:\\temp\\plan.pdf", "plan.pdf"),
        ("/etc/passwd", "passwd"),
        ("..", "attachment-3"),
        ("a\0b\r\nc.txt", "a b c.txt"),
        ("application/pdf", "attachment-3.pdf"),
        ("x" * 400 + ".xlsx", "x" * 145 + ".xlsx"),
    ],
)
def test_names_of_attachments_are_safe(name: str, safe: str) -> None:
    assert safe_name(name, 3) == safe


def test_a_forwarded_message_stands_under_its_own_heading() -> None:
    made = message("See below.")
    inner = message("The lift stops at level 2.", "Lift")
    inner.add_attachment(b"%PDF-1", maintype="application", subtype="pdf", filename="lift.pdf")
    made.add_attachment(inner)
    extracted = read(made)
    assert [(one.level, one.title) for one in extracted.headings] == [(1, "Gate"), (2, "Lift")]
    assert extracted.text.endswith("Attachments: lift.pdf\n\nThe lift stops at level 2.")
    assert [name for name, _ in attachments(made.as_bytes(), "mail.eml")] == ["lift.pdf"]


def test_messages_inside_each_other_are_bounded() -> None:
    made = message("Innermost.", "Level 0")
    for number in range(1, 15):
        outer = message(f"Text {number}.", f"Level {number}")
        outer.add_attachment(made)
        made = outer
    extracted = read(made)
    assert len(extracted.headings) == 11
    assert "Innermost" not in extracted.text
    assert extracted.notes == ("messages that lie too deep inside each other were not read",)


@pytest.mark.parametrize("kind", ['multipart/mixed; boundary="b{}"', "message/rfc822"])
def test_parts_inside_each_other_without_end(kind: str) -> None:
    parts = "".join(
        f"Content-Type: {kind.format(number)}\n\n" + (f"--b{number}\n" if "multipart" in kind else "")
        for number in range(3000)
    )
    assert survived(f"{HEAD}{parts}Text.".encode(), "mail.eml")


@pytest.mark.parametrize("declared", ["multipart/mixed", 'multipart/mixed; boundary="other"'])
def test_boundaries_that_are_not_declared(declared: str) -> None:
    text = read(
        f"{HEAD}Content-Type: {declared}\n\n--b1\nContent-Type: text/plain\n"
        "Content-Transfer-Encoding: quoted-printable\n\nThe gate=20opens.\n--b1--\n"
    ).text
    assert text.endswith("\n\nThe gate opens.")


def test_a_message_that_is_cut_off_keeps_what_is_there() -> None:
    made = message()
    made.add_attachment(b"%PDF-1" * 100, maintype="application", subtype="pdf", filename="plan.pdf")
    assert "The gate opens at six." in read(made.as_bytes()[:-500]).text


def test_a_broken_line_does_not_end_the_header() -> None:
    text = read(
        "From: ida@halden.example\nX-Label: one;\nwrapped without a blank\nSubject: Gate\n"
        "Content-Transfer-Encoding: quoted-printable\n\nThe gate=20opens."
    ).text
    assert text == "# Gate\n\nFrom: ida@halden.example\n\nThe gate opens."


def test_line_ends_of_every_kind() -> None:
    assert body("A gate.\r\n\r\nA door.\r\n".replace("\r\n", "\n")) == "A gate.\n\nA door."
    text = read(f"{HEAD}\nA gate.\n\nA door.\n".replace("\n", "\r\n")).text
    assert text.endswith("To: desk@halden.example\n\nA gate.\n\nA door.")


def test_a_message_of_nothing_has_a_reason() -> None:
    extracted = read("X-Mailer: none\n\n")
    assert (extracted.text, extracted.reason) == ("", "the message is empty")


def mailbox(*texts: str) -> str:
    return "\n".join(f"From ida@halden.example Tue Mar 03 09:12:00 2026\n{text}\n" for text in texts)


def test_a_mailbox_is_a_section_for_each_message() -> None:
    extracted = read(
        mailbox("Subject: Crane\n\nIt is checked.", "Subject: Lift\n\nIt stops."), "hall_list.mbox"
    )
    assert extracted.text == "# Crane\n\nIt is checked.\n\n# Lift\n\nIt stops."
    assert (extracted.title, extracted.media_type) == ("Hall list", "application/mbox")
    assert [(one.level, one.title) for one in extracted.headings] == [(1, "Crane"), (1, "Lift")]


def test_a_line_of_a_text_is_no_postmark() -> None:
    extracted = read(
        mailbox(
            "Subject: Crane\n\n>From six on it runs.\n\nFrom ten on it stands.\n\nFrom: here\n",
            "To: bo@halden.example\n\nIt stops.",
        ),
        "list.mbox",
    )
    assert [one.title for one in extracted.headings] == ["Crane", "Mail without subject"]
    assert "\nFrom six on it runs." in extracted.text
    assert "From ten on it stands." in extracted.text


def test_a_mailbox_without_dates_and_without_its_name() -> None:
    text = "From -\nSubject: Crane\n\nIt is checked.\n\nFrom -\nSubject: Lift\n\nIt stops.\n"
    extracted = read(text, "export")
    assert [one.title for one in extracted.headings] == ["Crane", "Lift"]


def test_a_message_of_a_mailbox_that_cannot_be_read_costs_no_other() -> None:
    endless = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(3000))
    extracted = read(
        mailbox("Subject: Crane\n\nIt is checked.", endless, "Subject: Lift\n\nIt stops."), "a.mbox"
    )
    assert [one.title for one in extracted.headings] == ["Crane", "Lift"]
    assert extracted.notes == ("message 2 could not be read",)


def test_attachments_of_a_mailbox() -> None:
    made = message()
    made.add_attachment(b"%PDF-1", maintype="application", subtype="pdf", filename="plan.pdf")
    data = mailbox(made.as_string(), made.as_string())
    assert [name for name, _ in attachments(data.encode(), "a.mbox")] == ["plan.pdf", "plan (2).pdf"]


def test_a_mailbox_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_MESSAGES == 10_000
    monkeypatch.setattr("ingest.extract.mail.document.MOST_MESSAGES", 3)
    extracted = read(mailbox(*["Subject: One\n\nText."] * 5), "a.mbox")
    assert len(extracted.headings) == 3
    assert extracted.notes == ("messages behind the first 3 were not read",)


def saved(root: str, extra: str = "") -> str:
    return (
        f"From: <Saved by Blink>\n{extra}Subject: Tariff page\nDate: Tue, 3 Mar 2026 09:12:00 -0000\n"
        'MIME-Version: 1.0\nContent-Type: multipart/related; type="text/html"; boundary="x"\n\n'
        "--x\nContent-Type: text/css\nContent-Location: https://halden.example/a.css\n\np { color: red }\n"
        "--x\nContent-Type: text/html\nContent-ID: <root@x>\nContent-Transfer-Encoding: quoted-printable\n"
        f"Content-Location: https://halden.example/t\n\n{root}\n"
        "--x\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=\n--x--\n"
    )


@pytest.mark.parametrize("name", ["page.mhtml", "page.mht", "page.bin"])
def test_a_saved_page_shows_nothing_of_the_message(name: str) -> None:
    extracted = read(
        saved(
            "<html><head><title>Tariff</title></head><body><h1>Tariff</h1><p>Evening visits cost =E2=82=AC 29 mo=\n"
            "re.</p></body></html>"
        ),
        name,
    )
    assert extracted.text == "# Tariff\n\nEvening visits cost € 29 more."
    assert (extracted.title, extracted.media_type) == ("Tariff", "multipart/related")
    assert extracted.metadata["url"] == "https://halden.example/t"


def test_a_saved_page_without_title_has_the_subject() -> None:
    assert read(saved("<p>Evening visits cost more.</p>"), "page.mhtml").title == "Tariff page"


def test_a_saved_page_of_frames_shows_what_is_in_them() -> None:
    text = saved("<html><frameset><frame src=3D'cid:2'></frameset></html>")
    frame = "--x\nContent-Type: text/html\nContent-ID: <2>\n\n<p>Evening visits cost more.</p>\n--x--\n"
    assert read(text.replace("--x--\n", frame), "page.mht").text == "Evening visits cost more."


def test_the_page_that_the_message_names_is_its_root() -> None:
    text = saved("<p>The page.</p>").replace("boundary=", 'start="<root@x>"; boundary=')
    first = "--x\nContent-Type: text/html\nContent-ID: <ad@x>\n\n<p>Buy this.</p>\n"
    assert read(text.replace("--x\n", first + "--x\n", 1), "page.mht").text == "The page."


def test_a_page_that_is_only_named_as_a_saved_one() -> None:
    assert read("<html><body><p>Evening visits.</p></body></html>", "page.mht").text == "Evening visits."


def test_a_mail_with_images_is_no_saved_page() -> None:
    text = saved("<p>Evening visits.</p>").replace(
        "<Saved by Blink>", "ida@halden.example\nTo: bo@halden.example"
    )
    assert read(text, "mail.eml").text.startswith("# Tariff page\n\nFrom: ida@halden.example")


SECTOR, FEW = 512, 4096
FREE, LAST = 0xFFFFFFFF, 0xFFFFFFFE
Tree = Mapping[str, "bytes | Tree"]


class Container:
    """Writes an OLE container: streams up to 4,095 bytes in the small one, the others in sectors of their own."""

    def __init__(self, tree: Tree) -> None:
        self.entries: list[tuple[str, int, int, int, int, int]] = []
        self.small, self.small_table, self.table, self.sectors = b"", [], [], b""  # type: ignore[var-annotated]
        self.entries.append(("Root Entry", 5, FREE, FREE, 0, 0))
        child = self.level(tree)
        start = self.stream(self.small)
        self.entries[0] = ("Root Entry", 5, FREE, child, start, len(self.small))

    def level(self, tree: Tree) -> int:
        """The entries of a storage as a chain of right siblings; the number of the first."""
        numbers = []
        for name, _ in sorted(tree.items(), key=lambda item: (len(item[0]), item[0].upper())):
            numbers.append(len(self.entries))
            self.entries.append((name, 0, 0, 0, 0, 0))
        for place, number in enumerate(numbers):
            name = self.entries[number][0]
            right = numbers[place + 1] if place + 1 < len(numbers) else FREE
            content = tree[name]
            if isinstance(content, bytes):
                start = self.stream(content) if len(content) >= FEW else self.short(content)
                self.entries[number] = (name, 2, right, FREE, start, len(content))
            else:
                self.entries[number] = (name, 1, right, self.level(content), 0, 0)
        return numbers[0] if numbers else FREE

    def short(self, content: bytes) -> int:
        start, count = len(self.small) // 64, -(-len(content) // 64)
        self.small += content.ljust(count * 64, b"\0")
        self.small_table += [*range(start + 1, start + count), LAST] if count else []
        return start if count else LAST

    def stream(self, content: bytes) -> int:
        start, count = len(self.sectors) // SECTOR, -(-len(content) // SECTOR)
        self.sectors += content.ljust(count * SECTOR, b"\0")
        self.table += [*range(start + 1, start + count), LAST] if count else []
        return start if count else LAST

    def bytes(self) -> bytes:
        rows = b"".join(
            (name.encode("utf-16-le") + b"\0\0").ljust(64, b"\0")
            + struct.pack("<HBBIII", len(name) * 2 + 2, kind, 1, FREE, right, child)
            + bytes(36)
            + struct.pack("<IQ", start, size)
            for name, kind, right, child, start, size in self.entries
        )
        directory = self.stream(rows)
        small = self.stream(struct.pack(f"<{len(self.small_table)}I", *self.small_table))
        own = -(-(len(self.table) + 1) // (SECTOR // 4 - 1))
        first = len(self.table)
        table = self.table + [0xFFFFFFFD] * own
        table += [FREE] * (own * SECTOR // 4 - len(table))
        header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)
        header += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
        header += struct.pack("<IIIII", 0, own, directory, 0, FEW)
        header += struct.pack("<IIII", small, -(-len(self.small_table) * 4 // SECTOR), LAST, 0)
        header += struct.pack("<109I", *range(first, first + own), *[FREE] * (109 - own))
        return header + self.sectors + struct.pack(f"<{len(table)}I", *table)


def numbers(reserved: int, **values: int) -> bytes:
    """The stream of properties of a fixed size: names as "x00390040"."""
    return bytes(reserved) + b"".join(
        struct.pack("<IIQ", int(name[1:], 16), 6, value) for name, value in values.items()
    )


def outlook(old: str = "", **texts: str) -> dict[str, "bytes | Tree"]:
    """The streams of a message from its properties of text, in UTF-16 or in an `old` charset."""
    kind, charset = ("001E", old) if old else ("001F", "utf-16-le")
    streams: dict[str, bytes | Tree] = {
        f"__substg1.0_{name[1:]}{kind}": text.encode(charset) for name, text in texts.items()
    }
    streams["__properties_version1.0"] = numbers(32)
    return streams


def test_a_message_of_outlook() -> None:
    tree = outlook(
        x0037="Works holiday", x1000="The works are closed.\r\n\r\nCall 5599.\r\n", x0C1A="Ida Berg",
        x0C1F="/O=HALDEN/CN=IDA", x5D01="ida@halden.example", x0E04="Bo; All", x0E03="Uwe",
    )  # fmt: skip
    ticks = (
        int((datetime(2026, 3, 3, 8, 12, tzinfo=UTC) - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds())
        * 10**7
    )
    tree["__properties_version1.0"] = numbers(32, x00390040=ticks)
    for number, (name, address, kind) in enumerate(
        [("Bo", "bo@halden.example", 1), ("All", "all@halden.example", 1), ("Uwe", "uwe@halden.example", 2)]
    ):
        tree[f"__recip_version1.0_#{number:08X}"] = {
            **outlook(x3001=name, x39FE=address),
            "__properties_version1.0": numbers(8, x0C150003=kind),
        }
    extracted = read(Container(tree).bytes(), "holiday.msg")
    assert extracted.text == (
        "# Works holiday\n\nFrom: Ida Berg <ida@halden.example>\nTo: Bo <bo@halden.example>, All <all@halden.example>\n"
        "Cc: Uwe <uwe@halden.example>\nDate: Tue, 03 Mar 2026 08:12:00 +0000\n\nThe works are closed.\n\nCall 5599."
    )
    assert extracted.metadata["date"] == "2026-03-03T08:12:00+00:00"
    assert extracted.media_type == "application/vnd.ms-outlook"


def test_the_header_that_a_message_travelled_with_is_believed() -> None:
    tree = outlook(
        x0037="Gate",
        x1000="Six.",
        x0C1A="Ida",
        x007D="From: Ida Berg <ida@halden.example>\r\nTo: bo@halden.example\r\nContent-Type: multipart/mixed\r\n"
        "Date: Tue, 03 Mar 2026 09:12:00 +0100\r\n\r\n",
    )
    text = read(Container(tree).bytes(), "a.msg").text
    assert "From: Ida Berg <ida@halden.example>\nTo: bo@halden.example\nDate: Tue, 03 Mar 2026" in text


@pytest.mark.parametrize("charset", ["cp1252", "cp1251"])
def test_outlook_without_unicode(charset: str) -> None:
    words = "Die Tür schließt früh" if charset == "cp1252" else "Дверь закрывается рано"
    tree = outlook(charset, x0037=words, x1000=f"{words}.")
    tree["__properties_version1.0"] = numbers(32, x3FFD0003=int(charset[2:]))
    assert read(Container(tree).bytes(), "a.msg").text == f"# {words}\n\n{words}."


def test_outlook_with_html_alone_and_long_streams() -> None:
    tree = outlook(x0037="Gate")
    page = "<html><body>" + "<p>The gate opens at six; Türen zu.</p>" * 300 + "</body></html>"
    tree["__substg1.0_10130102"] = page.encode()
    assert read(Container(tree).bytes(), "a.msg").text.count("Türen zu.") == 300


def test_attachments_and_messages_inside_of_outlook() -> None:
    tree = outlook(x0037="Gate", x1000="See below.")
    tree["__attach_version1.0_#00000000"] = {
        **outlook(x3707="plan of hall 4.pdf", x3704="PLANOF~1.PDF"),
        "__substg1.0_37010102": b"%PDF-1" * 1000,
    }
    tree["__attach_version1.0_#00000001"] = {
        **outlook(x3704="logo.png", x3712="logo@x", x370E="image/png"),
        "__substg1.0_37010102": b"\x89PNG",
    }
    tree["__attach_version1.0_#00000002"] = {
        "__substg1.0_3701000D": outlook(x0037="Lift", x1000="The lift stops."),
        "__properties_version1.0": numbers(8),
    }
    data = Container(tree).bytes()
    extracted = read(data, "a.msg")
    assert extracted.text == (
        "# Gate\n\nAttachments: plan of hall 4.pdf\n\nSee below.\n\n## Lift\n\nThe lift stops."
    )
    assert attachments(data, "a.msg") == [("plan of hall 4.pdf", b"%PDF-1" * 1000)]


def test_a_signed_message_of_outlook_is_read_from_its_attachment() -> None:
    tree = outlook(x0037="Gate", x001A="IPM.Note.SMIME.MultipartSigned")
    tree["__attach_version1.0_#00000000"] = {
        **outlook(x3707="smime.p7m", x370E="multipart/signed"),
        "__substg1.0_37010102": b'Content-Type: multipart/signed; boundary="s"\r\n\r\n--s\r\n'
        b"Content-Type: text/plain\r\n\r\nThe code is 4711.\r\n--s\r\n"
        b"Content-Type: application/pkcs7-signature\r\n\r\nMIIB\r\n--s--\r\n",
    }
    assert read(Container(tree).bytes(), "a.msg").text == "# Gate\n\nThe code is 4711."


@pytest.mark.parametrize("cut", [8, 100, 512, 600, 1500])
def test_a_container_that_is_cut_off_is_damaged(cut: int) -> None:
    data = Container(outlook(x0037="Gate", x1000="Six.")).bytes()[:cut]
    with pytest.raises(DocumentFailed) as failed:
        read(data, "a.msg")
    assert failed.value.code == "damaged"


def test_a_container_of_another_program_is_no_message() -> None:
    with pytest.raises(DocumentFailed) as failed:
        read(Container({"WordDocument": b"x"}).bytes(), "a.msg")
    assert failed.value.code == "damaged"


PIECES = [
    b"From: a@b.example\n", b"To: (((((\n", b'Subject: =?utf-8?q?=C3?= =?x?b?a?=\n', b"Date: 99 Foo\n",
    b"Content-Type: multipart/alternative; boundary=b\n", b"Content-Type: text/html; charset=\xff\n", b"--b\n", b"\n",
    b"Content-Type: message/rfc822\n", b"Content-Transfer-Encoding: base64\n", b"--b--\n", b"> > quoted\n", b"-- \n",
    b"Content-Disposition: attachment; filename*0*=utf-8''%ff; filename*x=1\n", b"Content-Type: multipart/mixed\n",
    b"On 3 March Ida wrote:\n", b"From a Tue Mar 03 09:12:00 2026\n", b"<p>page <b>\n", b"Content-ID: <x>\n",
    b"Content-Type: application/pkcs7-mime\n", b"format=flowed \n", b"Content-Type: text/plain; format=flowed\n",
    b"* item\n", b"```\n", b"Q: what?\nA: that\n", "Türen\n".encode("cp1252"), b"\x1b$B%1\n", b"\r", b"\0",
]  # fmt: skip


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.sampled_from(PIECES) | st.binary(max_size=40), max_size=30).map(b"".join),
    st.sampled_from(["a.eml", "a.mbox", "a.mhtml", "a.msg", "a"]),
)
def test_hostile_bytes_never_raise_anything_but_a_failed_document(data: bytes, name: str) -> None:
    assert survived(data, name)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_hostile_containers_never_raise_anything_but_a_failed_document(draw: st.DataObject) -> None:
    tree = outlook(x0037="Gate", x1000="Six.", x0C1A="Ida")
    tree["__attach_version1.0_#00000000"] = {**outlook(x3707="a.pdf"), "__substg1.0_37010102": b"%PDF" * 2000}
    data = bytearray(Container(tree).bytes())
    for _ in range(draw.draw(st.integers(1, 6))):
        data[draw.draw(st.integers(8, len(data) - 1))] = draw.draw(st.integers(0, 255))
    assert survived(bytes(data), "a.msg")
