"""Which file names are documents, which are not, and which must be looked into. Names and first bytes only.

A name that says nothing (README, notes.log, settings.yaml) is decided by the first bytes: text is a document.
"""

from pathlib import Path

from ingest.extract.detect import sniff
from ingest.extract.formats import MEDIA_TYPES, PICTURE
from ingest.extract.ocr.tesseract import program as recogniser

SKIPPED_DIRECTORIES = frozenset(
    {"node_modules", "__pycache__", "venv", "site-packages", "CVS", "__MACOSX", "bower_components"}
)
JSONL_SUFFIXES = frozenset({".jsonl", ".ndjson"})

_BY_REASON: dict[str, str] = {
    "image": "ico icns heic avif psd svg eps ai raw",
    "audio or video": "mp3 wav flac ogg m4a aac mp4 mkv avi mov wmv webm m4v",
    "archive": "zst 7z rar jar war whl egg deb rpm dmg iso apk",
    "program": "exe dll so dylib o a obj lib class pyc pyo pyd wasm bin node",
    "font": "ttf otf woff woff2 eot",
    "database": "db sqlite sqlite3 mdb accdb parquet arrow feather avro orc h5 hdf5 npy npz pkl pickle faiss",
    "web asset": "css scss less map",
    "old Office format": "xlsb",
    "lock file": "lock",
    "temporary file": "tmp temp swp swo bak orig rej part crdownload",
}
_REASONS = {f".{suffix}": reason for reason, suffixes in _BY_REASON.items() for suffix in suffixes.split()}


def skip_by_name(name: str) -> str:
    """Why a file of this name is no document; "" when it may be one."""
    if name.startswith("."):
        return "hidden"
    if name.endswith("~") or name.startswith(("~$", "#")):
        return "temporary file"
    if name.endswith((".min.js", ".min.css")):
        return "web asset"
    suffix = Path(name).suffix.lower()
    if MEDIA_TYPES.get(suffix) == PICTURE and recogniser() is None:
        return "image"
    return _REASONS.get(suffix, "")


def skip_by_content(path: Path) -> str:
    """Why a file whose name says nothing is no document; "" when it is text, a known format or unreadable.

    An unreadable file is not skipped: reading it later reports the failure by name.
    """
    if Path(path.name).suffix.lower() in MEDIA_TYPES.keys() | JSONL_SUFFIXES:
        return ""
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError:
        return ""
    return "binary" if sniff(head) == "application/octet-stream" else ""
