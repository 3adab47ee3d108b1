"""What may be wrong with an installation, looked at from outside: nothing is changed, and each finding says what to do.

Only the last check calls a model's service, and only when it is asked to: the others work offline.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal, TypeAlias

from ragchat.access.store import KeyStore
from ragchat.conversations.store import SqlConversationStore
from ragchat.corpus.opening import open_stores
from ragchat.errors import RagchatError, StorageFailed
from ragchat.models.providers import upstream_failed
from ragchat.runtime.models import EXTRACTIVE, Models
from ragchat.settings import Settings, is_loopback, unknown_variables

State: TypeAlias = Literal["ok", "warning", "failed"]
LITTLE_BYTES: Final = 500 * 2**20


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what it found, and for what is not ok the next step."""

    check: str
    state: State
    found: str
    fix: str = ""


def examine(settings: Settings) -> Iterator[Finding]:
    """Every check that works offline, in the order in which their failures cause each other."""
    yield from _configuration(settings)
    for name, check in (
        ("disk", _disk),
        ("index", _index),
        ("embedder", _embedder),
        ("keys", _keys),
        ("model", _model),
    ):
        yield _tried(name, lambda check=check: check(settings))  # type: ignore[misc]


def _tried(name: str, check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except RagchatError as error:
        return Finding(name, "failed", error.message, error.hint)


def _configuration(settings: Settings) -> Iterator[Finding]:
    strange = unknown_variables()
    if strange:
        yield Finding(
            "configuration", "warning", f"Not known: {', '.join(strange)}.", "Look for a misspelt name."
        )
    else:
        yield Finding("configuration", "ok", "Every setting is known and makes sense.")
    if settings.workers > 1 and not settings.redis_url:
        yield Finding(
            "limits",
            "warning",
            f"{settings.workers} workers count rate limits and budgets each for itself.",
            "Set RAGCHAT_REDIS_URL.",
        )


def _disk(settings: Settings) -> Finding:
    folder = settings.index_dir.absolute()
    there = next(place for place in (folder, *folder.parents) if place.exists())
    if not os.access(there, os.W_OK):
        return Finding(
            "disk", "failed", f"{there} cannot be written.", "Give this user the right to write there."
        )
    free = shutil.disk_usage(there).free
    if free < LITTLE_BYTES:
        return Finding(
            "disk",
            "warning",
            f"{free // 2**20} MB are free at {there}.",
            "Make room, or `ragchat index prune`.",
        )
    return Finding("disk", "ok", f"{folder} can be written, {free // 2**30} GB are free.")


def _index(settings: Settings) -> Finding:
    store = open_stores(settings.index_dir).store(settings.collection)
    number = store.current() if store.exists() else None
    if number is None:
        return Finding(
            "index",
            "failed",
            f"The collection {settings.collection!r} is empty.",
            "Run `ragchat ingest PATH`.",
        )
    problems = store.verify().problems
    if problems:
        first = problems[0]
        return Finding(
            "index",
            "failed",
            f"{first.code}: {first.thing}: {first.detail}",
            "See `ragchat verify`; `ragchat index rebuild` makes the files anew, `ragchat index rollback` goes back.",
        )
    return Finding("index", "ok", f"Generation {number} of {settings.collection!r} is whole.")


def _embedder(settings: Settings) -> Finding:
    store = open_stores(settings.index_dir).store(settings.collection)
    if settings.embeddings.startswith("local:"):
        spec = Models(settings).embedder_spec()
        if store.exists() and (number := store.current()) is not None:
            store.open(number, embedder=spec).close()
    return Finding("embedder", "ok", f"{settings.embeddings} is what the index was built with.")


def _keys(settings: Settings) -> Finding:
    now = datetime.now(UTC)
    active = sum(key.state(now) == "active" for key in KeyStore(settings.keys_url).every())
    if is_loopback(settings.host) or active or settings.jwt_issuer:
        return Finding("keys", "ok", f"{active} active key(s); listens on {settings.host}.")
    if settings.api_keys == "open":
        return Finding(
            "keys",
            "warning",
            f"Whoever reaches {settings.host} reads every document.",
            "Unset RAGCHAT_API_KEYS.",
        )
    return Finding(
        "keys", "failed", "There is no key, so nobody could come in.", "Run `ragchat keys create NAME`."
    )


def _model(settings: Settings) -> Finding:
    model = Models(settings).chat_model()
    if model is None or settings.chat_model == EXTRACTIVE:
        return Finding("model", "ok", "Answers are quoted from the documents; no model's service is needed.")
    return Finding("model", "ok", f"{settings.chat_model} is set up (not called; --online does).")


async def examine_database(settings: Settings) -> Finding:
    """Whether conversations can be stored; makes the database where there is none."""
    store = SqlConversationStore(settings.conversations_url)
    try:
        await store.list(limit=1)
    except StorageFailed as error:
        return Finding("database", "failed", error.message, error.hint)
    finally:
        await store.close()
    return Finding("database", "ok", "Conversations can be read and written.")


async def examine_upstream(settings: Settings) -> Finding:
    """Whether the model's service answers: asks it one short question."""
    try:
        model = Models(settings).chat_model()
        if model is None:
            return Finding("upstream", "ok", "None is needed.")
        await model.ainvoke("Say: ok")
    except RagchatError as error:
        return Finding("upstream", "failed", error.message, error.hint)
    except Exception as error:  # noqa: BLE001 - boundary: providers' exceptions share no base class
        failed = upstream_failed(settings.chat_model, error)
        return Finding("upstream", "failed", failed.message, failed.hint)
    return Finding("upstream", "ok", f"{settings.chat_model} answers.")
