"""A small library of a company's texts, and how the tests here make an index of it with the product."""

import json
from collections.abc import Sequence
from pathlib import Path

from ingest.run import ingest
from ragchat.corpus.local.searching.snapshot import LocalSnapshot
from ragchat.corpus.local.store import LocalStore
from ragchat.models.embedder import Embedder

_ROUTER = (
    "The router keeps its settings in flash memory. To set it back, hold the recessed button for ten seconds until "
    "the lamp blinks red. All passwords and port forwards are lost. The lamp turns green again after two minutes. "
    "Wall mounting needs two screws of four millimetres. The power supply draws at most nine watts."
)
LIBRARY: Sequence[dict[str, object]] = (
    {"id": "refunds", "title": "Refunds", "text": "Money is returned within five working days. It goes to the card "
     "that was charged. Bank transfers take two days longer than cards."},
    {"id": "router", "title": "Router XR-2000", "text": _ROUTER},
    {"id": "vacation", "title": "Holidays", "text": "Employees have thirty days of paid leave each year. Unused days "
     "move to the next year until the end of March."},
    {"id": "secret", "title": "Salaries", "text": "The salary bands of engineers start at band seven. Bands are "
     "reviewed every spring by the board.", "acl": ["hr"]},
    {"id": "prices-2025", "title": "Prices 2025", "text": "The basic plan costs 12 euros a month and holds 50 "
     "gigabytes for one person with mail support on working days.", "metadata": {"year": 2025}},
    {"id": "prices-2026", "title": "Prices 2026", "text": "The basic plan costs 14 euros a month and holds 50 "
     "gigabytes for one person with mail support on working days.", "metadata": {"year": 2026}},
    {"id": "copy-one", "title": "Parking", "text": "Visitors park their cars in the yard behind the main building and "
     "ask the reception for a ticket before they leave."},
    {"id": "copy-two", "title": "Parking", "text": "Visitors park their cars in the yard behind the main building and "
     "ask the reception for a ticket before they leave!"},
    {"id": "code", "title": "client.py", "text": "def getUserName(client_id):\n    row = fetch_row(client_id)\n"
     "    return row.display_name\n"},
    {"id": "cats", "title": "Cats", "text": "Cats sleep for most of the day. They hunt at dawn and at dusk."},
)  # fmt: skip


def write_jsonl(path: Path, documents: Sequence[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(document) + "\n" for document in documents))
    return path


def build(directory: Path, documents: Sequence[dict[str, object]], embedder: Embedder) -> LocalSnapshot:
    """The documents as the current generation of a new index home."""
    home = LocalStore(directory / "library")
    ingest([write_jsonl(directory / "library.jsonl", documents)], home, embedder)
    return home.open(embedder=embedder.spec)
