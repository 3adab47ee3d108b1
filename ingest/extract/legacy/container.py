"""The compound file (OLE) around an old Office document: its streams, and the title that its properties give."""

import io
from typing import Final

import olefile

from ingest.extract.clean import one_line
from ingest.extract.package import damaged
from ragchat.errors import DocumentFailed

MOST_BYTES: Final = 150 * 1024 * 1024
"""Of one stream."""


class Container:
    """DocumentFailed damaged for one that cannot be opened."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        try:
            self._file = olefile.OleFileIO(io.BytesIO(data))
        except (OSError, ValueError, IndexError) as error:
            raise damaged("its container is cut off or broken") from error

    def has(self, stream: str) -> bool:
        return bool(self._file.exists(stream))

    def stream(self, name: str) -> bytes:
        """DocumentFailed damaged where it is not there or broken, too_large for more than MOST_BYTES."""
        try:
            if self._file.get_size(name) > MOST_BYTES:
                raise DocumentFailed("holds far more than a document.", code="too_large")
            return bytes(self._file.openstream(name).read())
        except OSError as error:
            raise damaged(f"its part {name} is missing or broken") from error

    @property
    def title(self) -> str:
        """As its properties say, "" where they say nothing that can be read."""
        try:
            title = self._file.get_metadata().title
        except Exception:  # noqa: BLE001 - the boundary to a parser of hostile bytes; a title is not worth the document
            return ""
        return one_line(title.decode("cp1252", "replace")) if isinstance(title, bytes) else ""
