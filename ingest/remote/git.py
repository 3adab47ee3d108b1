"""A git repository as a source: one commit, fetched shallowly by the `git` command into the mirror.

`#ref=v2&path=docs` behind the address names a branch, tag or commit, and a folder. Hooks, submodules, filters and
protocols that run commands are off; credentials are git's own business (helpers, keys, the agent) and none are taken
from the address, where they would be seen.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from ingest.remote.brought import Brought
from ingest.remote.mirror import Mirror
from ragchat.errors import UpstreamFailed, UsageError

SECONDS: Final = 900
_SAFE: Final = (
    "-c", "core.hooksPath=/dev/null", "-c", "protocol.ext.allow=never", "-c", "submodule.recurse=false",
    "-c", "core.symlinks=false", "-c", "core.fsmonitor=false", "-c", "core.protectNTFS=true",
    "-c", "filter.lfs.smudge=cat", "-c", "filter.lfs.process=", "-c", "filter.lfs.required=false",
    "-c", "advice.detachedHead=false", "-c", "gc.auto=0",
)  # fmt: skip
_REF: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._/+@-]{0,200}")


@dataclass(frozen=True, slots=True)
class Repository:
    """`url` as git takes it, `ref` "" for the default branch, `folder` below its top ("" for all of it)."""

    url: str
    ref: str = ""
    folder: str = ""

    @property
    def identity(self) -> str:
        """The root: another ref or folder is another source."""
        asked = [f"{name}={value}" for name, value in (("ref", self.ref), ("path", self.folder)) if value]
        return f"git+{self.url}" + (f"#{'&'.join(asked)}" if asked else "")

    def bring(self, mirror: Mirror, told: Callable[[int], None]) -> Brought:
        """See `ingest.remote.source`. Git counts for itself: `told` is not."""
        commit = bring_repository(self, mirror.files)
        folder = mirror.files / self.folder if self.folder else mirror.files
        return Brought(self.identity, folder, facts={"commit": commit})


def repository_of(address: str) -> Repository:
    """Raises UsageError for what no repository can be fetched from."""
    place, _, fragment = address.partition("#")
    asked = dict(parse_qsl(fragment))
    url = place.removeprefix("git+")
    if unknown := sorted(asked.keys() - {"ref", "path"}):
        raise _refused(address, f"{unknown[0]!r} is not known behind #", "Write #ref=BRANCH&path=FOLDER.")
    if "://" in url and (urlsplit(url).password or (urlsplit(url).username and not url.startswith("ssh"))):
        raise _refused(
            url.partition("://")[0] + "://…",
            "it has a user name or password in it",
            "Leave them out; git asks its credential helper, or the SSH agent for git@host:path.",
        )
    ref, folder = asked.get("ref", ""), asked.get("path", "").strip("/")
    if ref and (not _REF.fullmatch(ref) or ".." in ref):
        raise _refused(address, f"{ref!r} names no branch, tag or commit", "Write #ref=main.")
    if ".." in PurePosixPath(folder).parts:
        raise _refused(address, "its path leads out of the repository", "Write #path=docs.")
    return Repository(url, ref, folder)


def bring_repository(repository: Repository, files: Path) -> str:
    """The full name of the commit that lies in `files` now. Raises UpstreamFailed, UsageError (no git, no such ref or
    folder)."""
    if shutil.which("git") is None:
        raise UsageError(
            "Ingesting a repository needs the `git` command, which is not installed.",
            hint="Install it (on Debian: apt install git), or clone elsewhere and give the folder.",
            code="no_git",
        )
    if not (files / ".git").is_dir():
        _git(files, "init", "--quiet", "--template=")
    wanted = repository.ref or "HEAD"
    _git(files, "fetch", "--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules", "--force", "--",
         repository.url, wanted)  # fmt: skip
    _git(files, "checkout", "--quiet", "--force", "--detach", "FETCH_HEAD")
    _git(files, "clean", "--quiet", "-ffdx")
    if repository.folder and not (files / repository.folder).is_dir():
        raise UsageError(
            f"{repository.url} has no folder {repository.folder!r}.",
            hint="Name one that is there: #path=docs.",
            code="no_such_path",
        )
    return _git(files, "rev-parse", "HEAD").strip()


def _git(files: Path, *arguments: str) -> str:
    allowed = "file:git:http:https:ssh"
    environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "GIT_ALLOW_PROTOCOL": allowed, "LC_ALL": "C"}
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_EXTERNAL_DIFF"):
        environment.pop(name, None)
    try:
        done = subprocess.run(
            ["git", *_SAFE, *arguments],
            cwd=files,
            env=environment,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise UpstreamFailed(f"git {arguments[0]} did not end within {SECONDS} seconds.") from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines() or ["no reason given"]
        told = next((line for line in said if line.startswith(("fatal:", "error:"))), said[-1])
        raise UpstreamFailed(
            f"git {arguments[0]} failed: {told[:300]}",
            hint="Try `git ls-remote ADDRESS`: what it says is what git was told here.",
        )
    return done.stdout.decode(errors="replace")


def _refused(address: str, why: str, hint: str) -> UsageError:
    return UsageError(f"{address} cannot be ingested: {why}.", hint=hint, code="bad_source")
