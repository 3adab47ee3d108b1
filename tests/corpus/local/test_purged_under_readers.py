"""Several threads that read one snapshot while a purge takes documents from under it."""

from ragchat.corpus.local.files.failures import damaged_row
from ragchat.corpus.local.searching.purged import Purged, without_purged
from tests.corpus.support import Collection


class Reader:
    """Misses a row once; by the time that it asks why, another thread has found out."""

    def __init__(self, purged: Purged | None) -> None:
        self.purged = purged
        self.readings = 0

    @without_purged
    def read(self) -> int:
        self.readings += 1
        if self.readings == 1:
            assert self.purged is not None
            assert self.purged.look()
            raise damaged_row("catalog.sqlite", "the row of a chunk is missing")
        return self.readings


def test_what_another_thread_found_to_be_purged_is_no_damage(collection: Collection) -> None:
    collection.put({"a.md": "Apples are red.", "b.md": "Boats float."})
    with collection.home.open() as generation:
        (gone,) = [one.id for one in generation.documents() if one.key == "a.md"]
        collection.home.purge([gone])
        assert Reader(generation.purged).read() == 2
