"""A folder of a mailbox as a source, against a small IMAP server over TLS."""

import re
import shutil
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ingest.options import IngestOptions
from ingest.remote.mailbox import PASSWORD, Mailbox
from ingest.report import IngestReport
from ingest.run import ingest
from ragchat.corpus.local.store import LocalStore
from ragchat.errors import UpstreamFailed, UsageError
from tests.support.vectors import HashEmbedder

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
SECRET = "not to be seen"


@dataclass
class Mail:
    """What the server holds; `asked` are the commands that it was given."""

    port: int = 0
    validity: int = 7
    messages: dict[int, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def put(self, number: int, words: str) -> None:
        head = f"From: Ann <ann@example.com>\r\nSubject: Letter {number}\r\nDate: Mon, 2 Mar 2026 10:00:00 +0000\r\n"
        self.messages[number] = f"{head}\r\n{words}\r\n".encode()

    @property
    def address(self) -> str:
        return f"imaps://ann%40example.com@localhost:{self.port}/INBOX"

    def fetched(self) -> list[int]:
        return [int(found[1]) for line in self.asked if (found := re.match(r"UID FETCH (\d+)", line))]


def answer(mail: Mail, command: str) -> tuple[bytes, str]:
    """Untagged lines and the tagged end of a command."""
    match command.split()[0].upper(), command:
        case "CAPABILITY", _:
            return b"* CAPABILITY IMAP4rev1\r\n", "OK done"
        case "LOGIN", text:
            return b"", "OK in" if SECRET in text else "NO [AUTHENTICATIONFAILED] refused"
        case "EXAMINE", text:
            told = f"* {len(mail.messages)} EXISTS\r\n* OK [UIDVALIDITY {mail.validity}] valid\r\n".encode()
            return (told, "OK [READ-ONLY] open") if "INBOX" in text else (b"", "NO no such folder")
        case "UID", text if "SEARCH" in text:
            return f"* SEARCH {' '.join(map(str, sorted(mail.messages)))}\r\n".encode(), "OK found"
        case "UID", text:
            number = int(text.split()[2])
            body = mail.messages[number]
            return b"* 1 FETCH (UID %d BODY[]<0> {%d}\r\n%s)\r\n" % (number, len(body), body), "OK sent"
        case "LOGOUT", _:
            return b"* BYE\r\n", "OK out"
        case _:
            return b"", "BAD unknown"


@pytest.fixture
def mail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mail]:
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    held = Mail()

    class Handler(socketserver.StreamRequestHandler):
        def setup(self) -> None:
            self.request = context.wrap_socket(self.request, server_side=True)
            super().setup()

        def finish(self) -> None:
            super().finish()
            self.request.close()

        def handle(self) -> None:
            self.wfile.write(b"* OK ready\r\n")
            while line := self.rfile.readline().decode().strip():
                tag, _, command = line.partition(" ")
                held.asked.append(command)
                untagged, end = answer(held, command)
                self.wfile.write(untagged + f"{tag} {end}\r\n".encode())
                if command.upper() == "LOGOUT":
                    return

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

        def handle_error(
            self, *_: object
        ) -> None: ...  # a client that does not trust the certificate hangs up

    server = Server(("localhost", 0), Handler)
    held.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setenv(PASSWORD, SECRET)
    yield held
    server.shutdown()
    server.server_close()
    thread.join()


def run(mail: Mail, tmp_path: Path) -> IngestReport:
    store = LocalStore(tmp_path / "indexes" / "default")
    options = IngestOptions(mirrors=tmp_path / "mirrors", allow_deletes=True)
    return ingest([mail.address], store, HashEmbedder(), options)


def titles(tmp_path: Path) -> set[str]:
    with LocalStore(tmp_path / "indexes" / "default").open() as snapshot:
        return {one.title for one in snapshot.documents()}


def test_messages_become_documents_and_stay_unread(mail: Mail, tmp_path: Path) -> None:
    mail.put(3, "The pump is repaired.")
    mail.put(5, "The valve is new.")
    report = run(mail, tmp_path)
    assert titles(tmp_path) == {"Letter 3", "Letter 5"}
    assert report.roots == (mail.address,)
    assert not [line for line in mail.asked if line.startswith(("SELECT", "STORE"))]
    assert all("PEEK" in line for line in mail.asked if "FETCH" in line)


def test_only_new_messages_are_fetched_and_deleted_ones_leave(mail: Mail, tmp_path: Path) -> None:
    mail.put(3, "The pump is repaired.")
    mail.put(5, "The valve is new.")
    run(mail, tmp_path)
    mail.asked.clear()
    del mail.messages[3]
    mail.put(8, "The seal leaks.")
    report = run(mail, tmp_path)
    assert mail.fetched() == [8]
    assert titles(tmp_path) == {"Letter 5", "Letter 8"}
    assert (report.documents["added"], report.documents["removed"], report.documents["unchanged"]) == (
        1,
        1,
        1,
    )


def test_numbers_of_another_validity_name_other_messages(mail: Mail, tmp_path: Path) -> None:
    mail.put(3, "The pump is repaired.")
    run(mail, tmp_path)
    mail.validity = 8
    mail.put(3, "Something else altogether.")
    mail.asked.clear()
    run(mail, tmp_path)
    assert mail.fetched() == [3]
    with LocalStore(tmp_path / "indexes" / "default").open() as snapshot:
        assert {one.key for one in snapshot.documents()} == {"8-3.eml"}


def test_a_wrong_password_is_told_and_not_repeated(
    mail: Mail, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSWORD, "wrong-and-private")
    with pytest.raises(UsageError, match="refused") as caught:
        run(mail, tmp_path)
    assert "wrong-and-private" not in f"{caught.value} {caught.value.hint}"


def test_a_certificate_that_is_not_trusted_ends_it(
    mail: Mail, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(UpstreamFailed, match="SSLCertVerificationError"):
        run(mail, tmp_path)
    assert not [line for line in mail.asked if line.startswith("LOGIN")]


@pytest.mark.parametrize(
    "address",
    ["imaps://ann:private@localhost/INBOX", "imaps://localhost/INBOX", "imaps://ann@localhost/a%0d%0ab"],
)
def test_addresses_that_name_no_mailbox_are_refused(address: str) -> None:
    with pytest.raises(UsageError) as caught:
        Mailbox.at(address)
    assert "private" not in f"{caught.value} {caught.value.hint}"
