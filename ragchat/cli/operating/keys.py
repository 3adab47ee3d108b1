"""`ragchat keys …`: make keys, list them, revoke them. Servers follow within a second, without a restart."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from ragchat.cli.options import IndexDir, Json, settings_for
from ragchat.cli.terminal.output import err, out, print_json, print_table
from ragchat.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from ragchat.access import Scope
    from ragchat.access.keys import Key
    from ragchat.access.store import KeyStore

app = typer.Typer(no_args_is_help=True, help="Keys of the API: create, list, revoke.")

Name = Annotated[
    str,
    typer.Argument(
        help="Whose key it is. Keys of one name share conversations and limits.", show_default=False
    ),
]
Scopes = Annotated[
    list[str], typer.Option("--scope", help="chat, ingest, admin (all of them) or metrics; may be repeated.")
]
Collections = Annotated[
    list[str] | None, typer.Option("--collection", "-c", help="Only this collection; may be repeated.")
]
Tags = Annotated[
    list[str] | None,
    typer.Option("--tag", help="Only documents without tags, or with this one; may be repeated."),
]
Origins = Annotated[
    list[str] | None,
    typer.Option("--origin", help="Only from pages of https://this.example; may be repeated."),
]
Expires = Annotated[
    str | None, typer.Option("--expires", help="After 90d, 12h or 30m, or on 2027-01-31 (UTC).")
]
Tokens = Annotated[
    int | None,
    typer.Option("--tokens-per-day", min=1, help="Tokens of the model that it may spend in a day (UTC)."),
]


@app.command()
def create(
    name: Name,
    scope: Scopes = ["chat"],  # noqa: B006 - typer reads it, nobody writes it
    collection: Collections = None,
    tag: Tags = None,
    origin: Origins = None,
    expires: Expires = None,
    tokens_per_day: Tokens = None,
    index_dir: IndexDir = None,
    as_json: Json = False,
) -> None:
    """Make a key and print it, once: only its hash is stored.

    To replace a key make a second one of the same name, then revoke the first by its id.
    """
    key, text = _store(index_dir).create(
        name=_named(name),
        scopes=_scopes(scope),
        collections=frozenset(collection) if collection else None,
        tags=frozenset(tag) if tag else None,
        origins=frozenset(_origin(page) for page in origin or ()),
        expires=_when(expires) if expires else None,
        tokens_per_day=tokens_per_day,
    )
    if as_json:
        print_json({**_shown(key), "key": text})
        return
    out().print(text, markup=False, soft_wrap=True)
    err().print(
        f"Key {key.id} for {key.name!r}. It is shown this once; keep it like a password.", markup=False
    )


@app.command("list")
def list_keys(index_dir: IndexDir = None, as_json: Json = False) -> None:
    """The keys that were made, without their secrets."""
    keys = _store(index_dir).every()
    if as_json:
        print_json({"keys": [_shown(key) for key in keys]})
    elif not keys:
        out().print("There are no keys yet. `ragchat keys create NAME` makes one.")
    else:
        print_table(
            ("id", "name", "state", "scopes", "only", "created", "expires"),
            [
                (
                    key.id,
                    key.name,
                    key.state(_now()),
                    " ".join(sorted(key.scopes)),
                    _bounds(key),
                    *_times(key),
                )
                for key in keys
            ],
        )


@app.command()
def revoke(
    key: Annotated[str, typer.Argument(help="Id of a key, or a name: then all keys of that name.")],
    index_dir: IndexDir = None,
    as_json: Json = False,
) -> None:
    """Make keys worthless, within seconds also for streams that are open."""
    revoked = _store(index_dir).revoke(key)
    if as_json:
        print_json({"revoked": [one.id for one in revoked]})
    else:
        out().print(f"Revoked {', '.join(one.id for one in revoked)} of {revoked[0].name!r}.", markup=False)


def _store(index_dir: "Path | None") -> "KeyStore":
    from ragchat.access.store import KeyStore

    return KeyStore(settings_for(None, index_dir).keys_url)


def _now() -> datetime:
    return datetime.now(UTC)


def _named(name: str) -> str:
    if name.isprintable() and 0 < len(name.strip()) <= 100:
        return name.strip()
    raise UsageError("The name of a key is 1-100 printable characters.", code="bad_key_name")


def _scopes(given: list[str]) -> "frozenset[Scope]":
    from typing import cast

    from ragchat.access import SCOPES

    for scope in given:
        if scope not in SCOPES:
            raise UsageError(
                f"{scope!r} is no scope.", hint=f"Use {', '.join(sorted(SCOPES))}.", code="bad_scope"
            )
    return cast("frozenset[Scope]", frozenset(given))


def _origin(page: str) -> str:
    """As browsers send it. UsageError for what is no origin."""
    from urllib.parse import urlsplit

    parts = urlsplit(page)
    if parts.scheme in ("http", "https") and parts.hostname and parts.path in ("", "/") and not parts.query:
        return f"{parts.scheme}://{parts.netloc.lower()}"
    raise UsageError(
        f"{page!r} is no origin.", hint="Write https://shop.example, without a path.", code="bad_origin"
    )


def _when(text: str) -> datetime:
    """The end of a key's life. UsageError for what is no time, or in the past."""
    units = {"d": "days", "h": "hours", "m": "minutes"}
    if text[:-1].isdecimal() and text[-1] in units:
        return _now() + timedelta(**{units[text[-1]]: int(text[:-1])})
    try:
        end = datetime.fromisoformat(text)
    except ValueError:
        end = None
    if end is not None:
        end = end.replace(tzinfo=UTC) if end.tzinfo is None else end
        if end > _now():
            return end
    raise UsageError(
        f"{text!r} is no time to come.", hint="Write 90d, 12h, 30m or 2027-01-31.", code="bad_expiry"
    )


def _bounds(key: "Key") -> str:
    bounds = [*(key.collections or ()), *(f"tag {tag}" for tag in key.tags or ()), *key.origins]
    if key.tokens_per_day:
        bounds.append(f"{key.tokens_per_day} tokens/day")
    return ", ".join(sorted(bounds))


def _times(key: "Key") -> tuple[str, str]:
    return f"{key.created:%Y-%m-%d}", f"{key.expires:%Y-%m-%d %H:%M}" if key.expires else "never"


def _shown(key: "Key") -> dict[str, object]:
    values = asdict(key)
    del values["digest"]
    values = {
        name: sorted(value) if isinstance(value, frozenset) else value for name, value in values.items()
    }
    return {**values, "state": key.state(_now())}
