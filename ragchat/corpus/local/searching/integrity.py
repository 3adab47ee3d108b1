"""Are the files of a generation the ones that were published? Sizes always, digests before or while serving.

Small generations are hashed wholly before they serve. Large ones are checked at their edges, where the headers are
that decide whether a library crashes, and hashed in a background thread while they already serve; but for codes, which
are read wholly at the opening and so are hashed before.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Final

from ragchat.corpus.local.catalog.records import GenerationRecord
from ragchat.corpus.local.files.failures import Damage, damaged, disk
from ragchat.corpus.local.files.files import edges_sha256_of, files_below
from ragchat.corpus.local.files.manifest import MANIFEST_NAME, FileEntry, Manifest
from ragchat.corpus.local.segments.codes import CODES_SUFFIX
from ragchat.corpus.local.words.lexical import LOCK_FILES
from ragchat.errors import IndexDamaged, RagchatError

_PIECE: Final = 4 * 1024 * 1024


def read_manifest(directory: Path, record: GenerationRecord) -> Manifest:
    """The manifest that the publishing transaction signed. Raises IndexDamaged."""
    thing = f"{directory.name}/{MANIFEST_NAME}"
    try:
        content = (directory / MANIFEST_NAME).read_bytes()
    except FileNotFoundError as error:
        raise damaged(thing, "the file is missing") from error
    if hashlib.sha256(content).hexdigest() != record.manifest_sha256:
        raise damaged(thing, "its content does not match the catalog's sha256")
    return Manifest.from_bytes(content, thing)


def is_sound(directory: Path, record: GenerationRecord) -> bool:
    """Whether every file of a generation is the one that was published; reads them all."""
    try:
        check_files(directory, read_manifest(directory, record), whole=True)
    except RagchatError:
        return False
    return True


def check_files(directory: Path, manifest: Manifest, *, whole: bool) -> None:
    """Raises IndexDamaged, naming the first file that is missing, cut or changed."""
    for name, entry in manifest.files.items():
        check_size(directory, name, entry)
    for name, entry in manifest.files.items():
        with disk(directory / name):
            if whole or name.endswith(CODES_SUFFIX):
                check_digest(directory, name, entry)
            elif edges_sha256_of(directory / name) != entry.edges:
                raise _changed(directory, name)


def check_size(directory: Path, name: str, entry: FileEntry) -> None:
    try:
        size = (directory / name).stat().st_size
    except FileNotFoundError as error:
        raise damaged(f"{directory.name}/{name}", "the file is missing") from error
    if size != entry.size:
        raise damaged(f"{directory.name}/{name}", f"{size} bytes, the manifest says {entry.size}")


def check_digest(directory: Path, name: str, entry: FileEntry, stop: Event | None = None) -> None:
    """Reads the whole file; returns early when `stop` is set."""
    digest = hashlib.sha256()
    for piece in _pieces(directory / name):
        if stop is not None and stop.is_set():
            return
        digest.update(piece)
    if digest.hexdigest() != entry.sha256:
        raise _changed(directory, name)


def strangers(directory: Path, manifest: Manifest) -> list[str]:
    """Files in the directory that the manifest does not know."""
    known = {*manifest.files, MANIFEST_NAME}
    found = (path.relative_to(directory).as_posix() for path in files_below(directory))
    return [name for name in found if name not in known and Path(name).name not in LOCK_FILES]


class BackgroundCheck:
    """Hashes the files of a serving generation once; `raise_if_damaged` tells what it found so far."""

    def __init__(self, directory: Path, manifest: Manifest) -> None:
        self._directory = directory
        self._manifest = manifest
        self._stop = Event()
        self._found: Damage | None = None
        self._thread = Thread(target=self._run, name=f"ragchat-check-{directory.name}", daemon=True)
        self._thread.start()

    def raise_if_damaged(self) -> None:
        if self._found is not None:
            raise damaged(self._found.thing, self._found.detail)  # an error of its own for every thread

    def wait(self) -> None:
        """Until everything has been read."""
        self._thread.join()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            for name, entry in self._manifest.files.items():
                check_digest(self._directory, name, entry, self._stop)
        except Damage as error:
            self._found = error
        except OSError as error:
            # Pruned or purged meanwhile: what is mapped stays readable, and nobody opens it again.
            if (self._directory / MANIFEST_NAME).exists():
                self._found = damaged(self._directory.name, str(error))


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while piece := stream.read(_PIECE):
            yield piece


def _changed(directory: Path, name: str) -> IndexDamaged:
    return damaged(f"{directory.name}/{name}", "its content does not match the manifest's sha256")
