"""A small real index for the answering tests: Markdown files, FAISS, tantivy, SQLite, the shipped embedder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.run import ingest
from ragchat.corpus.local.store import LocalStore
from ragchat.models.cross_encoder import CrossEncoder
from ragchat.models.minilm import MiniLMEmbedder
from ragchat.retrieval.search import Retriever

DOCUMENTS = {
    "leave.md": """# Annual leave

Every employee of Harbour Tools has 28 days of paid annual leave a year. Up to 5 days may be carried over until
31 March. Leave is requested in the Tide app. It must be approved by the team lead within 3 working days.

## Parental leave

Parental leave lasts up to 36 months. During parental leave no salary is paid. Anna Berg in Human Resources answers
questions about it.
""",
    "prices.md": """# Price list

Prices are in euro and exclude tax.

| Plan  | Price per month | Users |
|-------|-----------------|-------|
| Skiff | 19              | 5     |
| Ketch | 49              | 25    |
| Brig  | 129             | 100   |

The plans Ketch and Brig can be cancelled every month.
""",
    "reset.md": """# Password reset

To reset a password:

- Open the sign-in page and choose "Forgotten password".
- Enter the address that the account was made with.
- Follow the link in the mail within 30 minutes.

The Tide app locks an account after five wrong passwords. This lock ends after 15 minutes.
""",
    "backup.md": """# Backups

Backups of the order database run every night at 02:30. They are kept for 35 days in the Rostock data centre.
Restoring one was tested on 14 May 2024. Marek Nowak leads the operations team.
""",
    "pump.md": """# Bilge pump BP-200

The bilge pump BP-200 moves 40 litres a minute at 12 volts. It must not run dry. The warranty lasts 24 months and
does not cover the impeller.
""",
    "travel.md": """# Travel expenses

Train journeys are booked in second class. Flights need the approval of the finance team. A hotel may cost at most
140 euro a night. Receipts are handed in within 30 days after the journey.
""",
}


@pytest.fixture(scope="session")
def embedder() -> MiniLMEmbedder:
    """The embedder in the package."""
    return MiniLMEmbedder(threads=1)


@pytest.fixture(scope="session")
def reader() -> CrossEncoder:
    """The second reader in the package."""
    return CrossEncoder(threads=1)


@pytest.fixture(scope="session")
def retriever(
    embedder: MiniLMEmbedder, reader: CrossEncoder, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Retriever]:
    """Search over an index of DOCUMENTS."""
    folder: Path = tmp_path_factory.mktemp("harbour")
    for name, text in DOCUMENTS.items():
        (folder / name).write_text(text, "utf-8")
    home = LocalStore(tmp_path_factory.mktemp("index") / "harbour")
    ingest([folder], home, embedder)
    with home.open(embedder=embedder.spec) as generation:
        yield Retriever(generation, embedder, reader)
