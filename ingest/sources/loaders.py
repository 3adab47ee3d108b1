"""LangChain's community document loaders as sources: `langchain:CSVLoader?file_path=prices.csv`.

The one place that imports langchain-community (sunset upstream, noisy and slow to import: only when a source asks
for it). A loader's documents are read anew at every ingest, for a loader has no file to look at; unchanged ones are
recognised by their content.
"""

import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from ingest.sources.jsonl import JsonlDocument, JsonlFailure, storable
from ragchat.documents import Scalar
from ragchat.errors import UsageError

if TYPE_CHECKING:
    from langchain_core.document_loaders import BaseLoader

SCHEME = "langchain:"
TITLE_LENGTH = 120


def is_loader(source: str) -> bool:
    """Whether the source names a LangChain loader rather than a path."""
    return source.startswith(SCHEME)


def load_documents(source: str) -> Iterator[JsonlDocument | JsonlFailure]:
    """The loader's documents, lazily; what it raises ends it as one failure. UsageError for what is no loader."""
    name, _, query = source.removeprefix(SCHEME).partition("?")
    loader = _loader(name, dict(parse_qsl(query, keep_blank_values=True)))
    places: dict[str, int] = {}
    number = 0
    try:
        for number, document in enumerate(loader.lazy_load(), 1):
            place = str(document.metadata.get("source") or name)
            places[place] = places.get(place, 0) + 1
            yield JsonlDocument(
                line=number,
                id=place if places[place] == 1 else f"{place}#{places[place]}",
                title=str(document.metadata.get("title") or place)[:TITLE_LENGTH],
                text=storable(document.page_content),
                url=place if place.startswith(("http://", "https://")) else "",
                metadata=_scalars(document.metadata),
            )
    except Exception as error:  # noqa: BLE001  # the boundary to other people's loaders: anything may come out
        yield JsonlFailure(number + 1, "unreadable", f"{name} failed: {type(error).__name__}: {error}")


def _loader(name: str, arguments: dict[str, str]) -> "BaseLoader":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package announces its sunset on import
        from langchain_community import document_loaders  # heavy: only for loaders

        if name not in document_loaders.__all__:
            raise UsageError(
                f"There is no LangChain document loader {name!r}.",
                hint="Use a class of langchain_community.document_loaders: langchain:CSVLoader?file_path=prices.csv",
                code="no_such_loader",
            )
        try:
            loader: BaseLoader = getattr(document_loaders, name)(**arguments)
        except (TypeError, ValueError, ImportError, OSError) as error:
            raise UsageError(
                f"The loader {name} does not start: {error}.",
                hint="Its arguments are given as in a URL: langchain:TextLoader?file_path=notes.txt&encoding=utf-8",
                code="bad_loader",
            ) from error
    return loader


def _scalars(metadata: dict[str, object]) -> dict[str, Scalar]:
    return {
        str(key): value
        for key, value in metadata.items()
        if isinstance(value, str | int | bool) or value is None
    }
