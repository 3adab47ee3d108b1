"""Where documents come from: files under a root, JSONL files that hold many documents, LangChain's loaders.

Nothing here reads a file's content but JSONL lines and the first bytes of files whose name says nothing. Keys are
paths relative to the root; `root_of` is the root's identity, so that syncing one root never touches another's.
"""

from ingest.sources.jsonl import JsonlDocument, JsonlFailure, iterate_jsonl
from ingest.sources.loaders import is_loader, load_documents
from ingest.sources.scanning import ScanOptions, SourceFile, root_of, scan

__all__ = [
    "JsonlDocument",
    "JsonlFailure",
    "ScanOptions",
    "SourceFile",
    "is_loader",
    "iterate_jsonl",
    "load_documents",
    "root_of",
    "scan",
]
