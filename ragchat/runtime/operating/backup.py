"""A backup of everything that a server keeps, taken while it runs, and the way back.

A folder: `indexes/<collection>` as they lie in the index folder, `databases/` with the conversations' and the keys',
and `backup.json`, which names them with a sha256 of each database. It is written beside its place and moved there
when it is whole: what has the name of a backup is one. Restoring only ever writes where there is nothing yet.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import file_digest
from pathlib import Path
from typing import Final

from sqlalchemy import URL, create_engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from ragchat.corpus.opening import copy_collection, open_stores
from ragchat.errors import IndexDamaged, NotReady, StorageFailed, UsageError
from ragchat.settings import Settings

MANIFEST: Final = "backup.json"
VERSION: Final = 1
POSTGRES: Final = "postgresql.dump"


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds: generations by collection, and the sha256 of each database's file by its name."""

    created: str
    collections: Mapping[str, list[int]]
    databases: Mapping[str, str]
    version: int = VERSION


def back_up(settings: Settings, target: Path) -> Backup:
    """Write a backup to the folder `target`, which must not exist. UsageError, NotReady, StorageFailed."""
    _require_nothing(target)
    partial = target.with_name(f".{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        (partial / "databases").mkdir(parents=True)
        collections = {
            name: copy_collection(settings.index_dir, name, partial / "indexes" / name)
            for name in open_stores(settings.index_dir).names()
        }
        files = [_dumped(url, partial / "databases") for url in _databases(settings)]
        backup = Backup(
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            collections=collections,
            databases={file.name: _sha256(file) for file in files if file is not None},
        )
        (partial / MANIFEST).write_text(json.dumps(asdict(backup), indent=1), "utf-8")
        partial.rename(target)
    except OSError as refused:
        raise StorageFailed(f"The backup cannot be written: {refused}.", hint="Check its disk.") from refused
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return backup


def restore(settings: Settings, source: Path) -> Backup:
    """Bring back what a backup holds. UsageError where something is already; IndexDamaged when the backup is not
    whole."""
    backup = _read(source)
    targets = {source / "indexes" / name: settings.index_dir / name for name in backup.collections}
    for target in targets.values():
        _require_nothing(target)
    places = [
        (file, url)
        for url in _databases(settings)
        if (file := _file_of(source, url)).name in backup.databases
    ]
    for _, url in places:
        if _is_sqlite(url):
            _require_nothing(Path(url.database or ""))
    for copy, target in targets.items():
        shutil.copytree(copy, target)
    for file, url in places:
        _loaded(file, url)
    return backup


def _databases(settings: Settings) -> Iterator[URL]:
    """Each database once: conversations and keys may share one."""
    yield from dict.fromkeys([make_url(settings.conversations_url), make_url(settings.keys_url)])


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _file_of(folder: Path, url: URL) -> Path:
    name = Path(url.database or "").name if _is_sqlite(url) else POSTGRES
    return folder / "databases" / name


def _dumped(url: URL, folder: Path) -> Path | None:
    """A copy of the database as one transaction sees it; None where there is none yet."""
    file = _file_of(folder.parent, url)
    if not _is_sqlite(url):
        _postgres("pg_dump", url, "--format=custom", f"--file={file}")
        return file
    if not Path(url.database or "").exists():
        return None
    engine = create_engine(url.set(drivername="sqlite"), poolclass=NullPool, connect_args={"timeout": 30})
    try:
        with engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(
                text("VACUUM INTO :file"), {"file": str(file)}
            )
    except SQLAlchemyError as refused:
        reason = str(getattr(refused, "orig", refused))
        raise StorageFailed(f"The database {url.database} cannot be copied: {reason}.") from refused
    file.chmod(0o600)
    return file


def _loaded(file: Path, url: URL) -> None:
    if _is_sqlite(url):
        target = Path(url.database or "")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, target)
        target.chmod(0o600)
    else:
        _postgres(
            "pg_restore", url, "--no-owner", "--exit-on-error", "--single-transaction", str(file), into=True
        )


def _postgres(program: str, url: URL, *arguments: str, into: bool = False) -> None:
    """Run PostgreSQL's own tool; the password goes by the environment, where other users cannot read it."""
    if shutil.which(program) is None:
        raise NotReady(
            f"A PostgreSQL database is backed up by {program}, which is not installed.",
            hint="Install PostgreSQL's client programs (on Debian: apt install postgresql-client).",
            code="tool_missing",
        )
    plain = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    place = [f"--dbname={plain}"] if into else [plain]
    secret = {"PGPASSWORD": str(url.password)} if url.password else {}
    done = subprocess.run(
        [program, *place, *arguments],
        env={**os.environ, **secret},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise StorageFailed(f"{program} failed: {done.stderr.strip().splitlines()[-1]}.", code="tool_failed")


def _read(source: Path) -> Backup:
    try:
        written = json.loads((source / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError) as missing:
        raise UsageError(f"{source} is no backup: it has no {MANIFEST}.", code="no_backup") from missing
    if written.get("version") != VERSION:
        raise UsageError(f"{source} was written by another version of ragchat.", code="no_backup")
    backup = Backup(**written)
    for name, digest in backup.databases.items():
        file = source / "databases" / name
        if not file.is_file() or _sha256(file) != digest:
            raise IndexDamaged(
                f"The backup's database {name} is not what {MANIFEST} says.", code="backup_damaged"
            )
    return backup


def _require_nothing(target: Path) -> None:
    if target.exists():
        raise UsageError(
            f"{target} is already there; nothing is ever written over.",
            hint="Name another place, or move it away first.",
            code="already_there",
        )


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return file_digest(opened, "sha256").hexdigest()
