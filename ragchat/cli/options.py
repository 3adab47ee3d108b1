"""Options that several commands share, so that they are spelt and explained the same everywhere."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ragchat.errors import IndexDamaged, NotReady

if TYPE_CHECKING:
    from ingest.split import SplitOptions
    from ragchat.corpus.contract import Store, Stores
    from ragchat.settings import Settings

Collection = Annotated[
    str | None, typer.Option("--collection", "-c", help="Collection to work on. [RAGCHAT_COLLECTION]")
]
IndexDir = Annotated[
    Path | None, typer.Option("--index-dir", help="Folder of the built indexes. [RAGCHAT_INDEX_DIR]")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]


def settings_for(
    collection: str | None = None, index_dir: Path | None = None, **overrides: object
) -> "Settings":
    """Settings with the options given on the command line on top of environment and .env."""
    from ragchat.settings import load_settings

    return load_settings(collection=collection, index_dir=index_dir, **overrides)


def split_for(settings: "Settings") -> "SplitOptions":
    """How the settings cut documents. UsageError for a strategy that does not exist."""
    from ingest.split import split_options

    return split_options(settings.split, settings.chunk_tokens, settings.chunk_overlap)


def stores_for(settings: "Settings") -> "Stores":
    """The collections in the settings' index folder."""
    from ragchat.corpus.opening import open_stores

    return open_stores(settings.index_dir, keep=settings.keep_generations)


def home_for(settings: "Settings") -> "Store":
    """The settings' collection; it need not exist."""
    return stores_for(settings).store(settings.collection)


def existing_home(settings: "Settings") -> "Store":
    """The index home of the settings' collection. NotReady when nothing was ever ingested."""
    home = home_for(settings)
    if home.exists() and _has_published(home):
        return home
    option = "" if home.collection == "default" else f" --collection {home.collection}"
    raise NotReady(
        f"The collection {home.collection!r} has no index yet in {settings.index_dir}.",
        hint=f"Run `ragchat ingest{option} PATH` first.",
        code="no_index",
    )


def _has_published(home: "Store") -> bool:
    """What is damaged was there once: `verify` has to tell of it, and what writes mends it."""
    try:
        return home.current() is not None
    except IndexDamaged:
        return True
