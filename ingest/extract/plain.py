"""Plain text, source code and logs: decoded and cleaned, nothing else."""

from pathlib import PurePosixPath

from ingest.extract.charset import decode
from ingest.extract.clean import clean, humanised, one_line
from ingest.extract.extracted import Extracted

_PROSE = frozenset({"", ".txt", ".text", ".log"})


def extract(data: bytes, name: str) -> Extracted:
    """The text as it is; files of prose get a humanised title, others (code, settings) keep their file name."""
    text = clean(decode(data))
    path = PurePosixPath(name.replace("\\", "/"))
    title = humanised(name) if path.suffix.lower() in _PROSE else one_line(path.name)
    return Extracted(text, title, "text/plain", reason="" if text else "the file is empty")
