"""A git repository as a source, through the real git command."""

import shutil
import subprocess
from pathlib import Path

import pytest

from ingest.options import IngestOptions
from ingest.remote.git import repository_of
from ingest.report import IngestReport
from ingest.run import ingest
from ragchat.corpus.local.store import LocalStore
from ragchat.errors import UpstreamFailed, UsageError
from tests.support.vectors import HashEmbedder

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "init.defaultBranch=main")
    return subprocess.run(
        ["git", *who, *arguments], cwd=folder, check=True, capture_output=True, text=True
    ).stdout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "docs").mkdir(parents=True)
    (folder / "README.md").write_text("# Project\n\nPumps and valves.\n")
    (folder / "docs" / "use.md").write_text("# Use\n\nTurn the valve.\n")
    git(folder, "init", "--quiet")
    commit(folder)
    return folder


def commit(folder: Path) -> str:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "change")
    return git(folder, "rev-parse", "HEAD").strip()


def run(address: str, tmp_path: Path) -> IngestReport:
    store = LocalStore(tmp_path / "indexes" / "default")
    return ingest([address], store, HashEmbedder(), IngestOptions(mirrors=tmp_path / "mirrors"))


def documents(tmp_path: Path) -> dict[str, str]:
    with LocalStore(tmp_path / "indexes" / "default").open() as snapshot:
        return {one.key: str(one.metadata.get("commit")) for one in snapshot.documents()}


def test_a_repository_is_its_files_at_a_commit(repository: Path, tmp_path: Path) -> None:
    head = git(repository, "rev-parse", "HEAD").strip()
    report = run(f"git+file://{repository}", tmp_path)
    assert documents(tmp_path) == {"README.md": head, "docs/use.md": head}
    assert report.roots == (f"git+file://{repository}",)


def test_only_what_a_later_commit_changed_is_read_and_what_it_deletes_leaves(
    repository: Path, tmp_path: Path
) -> None:
    address = f"git+file://{repository}"
    run(address, tmp_path)
    (repository / "README.md").write_text("# Project\n\nOnly pumps.\n")
    (repository / "docs" / "use.md").unlink()
    (repository / "docs" / "more.md").write_text("# More\n\nOil the pump.\n")
    head = commit(repository)
    report = run(address, tmp_path)
    assert (report.documents["updated"], report.documents["added"], report.documents["removed"]) == (1, 1, 1)
    assert documents(tmp_path) == {"README.md": head, "docs/more.md": head}
    assert not run(address, tmp_path).published


def test_a_branch_and_a_folder_can_be_named(repository: Path, tmp_path: Path) -> None:
    git(repository, "checkout", "--quiet", "-b", "next")
    (repository / "docs" / "new.md").write_text("# New\n\nComing soon.\n")
    commit(repository)
    git(repository, "checkout", "--quiet", "-")
    run(f"git+file://{repository}#ref=next&path=docs", tmp_path)
    assert set(documents(tmp_path)) == {"new.md", "use.md"}


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("git+https://user:secret@example.com/x.git", "user name or password"),
        ("https://token@example.com/x.git", "user name or password"),
        ("git+https://example.com/x.git#ref=--upload-pack=touch", "names no branch"),
        ("git+https://example.com/x.git#ref=a..b", "names no branch"),
        ("git+https://example.com/x.git#path=../../etc", "out of the repository"),
        ("git+https://example.com/x.git#branch=main", "'branch' is not known"),
    ],
)
def test_addresses_that_would_leak_or_lead_astray_are_refused(address: str, why: str) -> None:
    with pytest.raises(UsageError, match=why) as raised:
        repository_of(address)
    assert "secret" not in str(raised.value)


def test_what_git_says_is_told(tmp_path: Path) -> None:
    with pytest.raises(UpstreamFailed, match="git fetch failed"):
        run(f"git+file://{tmp_path}/nothing", tmp_path)


def test_no_program_of_the_repository_is_run(repository: Path, tmp_path: Path) -> None:
    (repository / ".gitattributes").write_text("*.md filter=evil\n")
    (repository / "link.md").symlink_to("/etc/passwd")
    commit(repository)
    run(f"git+file://{repository}", tmp_path)
    (mirror,) = (tmp_path / "mirrors").iterdir()
    assert not (mirror / "files" / "link.md").is_symlink()
    with pytest.raises((UpstreamFailed, UsageError)):
        run("git+ext::sh -c touch% /tmp/never", tmp_path)
