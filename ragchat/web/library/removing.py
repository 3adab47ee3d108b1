"""Taking one document out of a collection: from the index, and where it was uploaded here, its file too."""

from pathlib import Path

from pydantic import BaseModel

from ingest.survey import source_of
from ragchat.corpus.contract import Snapshot
from ragchat.corpus.values import StoredDocument
from ragchat.errors import UsageError
from ragchat.web.library.dropping import Drop
from ragchat.web.service import Service


class Removed(BaseModel):
    """Ids of what is not found any more, and the generation that lacks it."""

    removed: list[str]
    generation: int


def removed(service: Service, drop: Drop, document_id: str, *, whole_file: bool, purge: bool) -> Removed:
    """Blocks. NotFound, WriterBusy; UsageError for a part of an uploaded file, which cannot go alone."""
    with service.snapshot(drop.base.name) as generation:
        document = generation.document(document_id)
        file = Path(document.root) / document.key
        key = document.key
        if drop.holds(document.root) and not file.is_file() and "#" in key:
            if not whole_file:
                raise UsageError(
                    "It is a part of an uploaded file.",
                    hint="With ?whole_file=true all of the file goes; or upload the file anew without it.",
                    code="part_of_file",
                )
            key = source_of(key)
        ids = [one.id for one in _of_file(generation, document.root, key)]
    if drop.holds(document.root):
        (Path(document.root) / key).unlink(missing_ok=True)  # first: what is left must never bring it back
    return Removed(removed=ids, generation=service.take_out(drop.base.name, ids, purge=purge))


def _of_file(generation: Snapshot, root: str, key: str) -> list[StoredDocument]:
    """The document and what lies inside the same file: attachments, files of an archive, lines."""
    found: list[StoredDocument] = []
    after, after_id = key, ""
    while page := generation.documents(after=after, after_id=after_id, limit=500):
        found += [
            one for one in page if one.root == root and (one.key == key or one.key.startswith(f"{key}#"))
        ]
        after, after_id = page[-1].key, page[-1].id
        if not after.startswith(key):
            break
    return found
