"""`ragchat backup` and `ragchat restore`: everything that a server keeps, copied while it runs, and the way back."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ragchat.cli.options import IndexDir, Json, settings_for
from ragchat.cli.terminal.output import out, print_json

if TYPE_CHECKING:
    from ragchat.runtime.operating.backup import Backup

Folder = Annotated[Path, typer.Argument(help="Folder of the backup.", show_default=False)]


def backup(folder: Folder, index_dir: IndexDir = None, as_json: Json = False) -> None:
    """Copy all indexes, conversations and keys into a new folder.

    Servers and ingests may go on. The copy holds secrets (hashes of keys, conversations): keep it as safe as the
    original.
    """
    from ragchat.runtime.operating.backup import back_up

    _print("Backed up", back_up(settings_for(None, index_dir), folder), as_json=as_json)


def restore(folder: Folder, index_dir: IndexDir = None, as_json: Json = False) -> None:
    """Bring back a backup into an index folder and databases that are empty, and verify every index."""
    from ragchat.cli.catalog import DAMAGED
    from ragchat.cli.options import stores_for
    from ragchat.runtime.operating.backup import restore as bring_back

    settings = settings_for(None, index_dir)
    restored = bring_back(settings, folder)
    damaged = [name for name in restored.collections if stores_for(settings).store(name).verify().problems]
    _print("Restored", restored, as_json=as_json)
    for name in damaged:
        out().print(f"{name} is damaged: see `ragchat verify --collection {name}`.", markup=False)
    if damaged:
        raise typer.Exit(DAMAGED)


def _print(done: str, backup: "Backup", *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(backup))
        return
    for name, generations in backup.collections.items():
        out().print(f"{done} {name}: generation(s) {', '.join(map(str, generations))}", markup=False)
    for name in backup.databases:
        out().print(f"{done} {name}", markup=False)
    if not backup.collections and not backup.databases:
        out().print("There was nothing to copy yet.")
