"""Checks what people read: links resolve, `.env.example` matches the settings, nothing names a machine or a secret.

`make check` runs it; `python tools/check_docs.py --write` renders `.env.example` anew. Prints every finding with its
place and exits 1 when there is one.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from ragchat.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
FORBIDDEN = {
    "a path of a machine": re.compile(r"/(?:root|work|home/\w+)/\w"),
    "an address of a package registry": re.compile(
        r"https?://(?:files\.pythonhosted|pypi|registry\.npmjs|deb\.debian)"
    ),
    "something like a secret": re.compile(
        r"\b(?:sk-[A-Za-z0-9]{20,}|ghp_[A-Za-z0-9]{30,}|AKIA[0-9A-Z]{16})\b"
    ),
}
TEXT = {".md", ".py", ".toml", ".txt", ".yml", ".yaml", ".json", ".js", ".css", ".html", ".example", ""}
MAY_NAME_SECRETS = ("tests/", "corpus/", "tools/check_docs.py")


def tracked() -> list[Path]:
    """Files that git tracks or would track, as paths below the repository."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [path for name in listed.stdout.splitlines() if (path := ROOT / name).is_file()]


def broken_links(path: Path) -> Iterator[str]:
    """Relative links of a Markdown file whose target does not exist."""
    for target in LINK.findall(CODE.sub("", path.read_text(encoding="utf-8"))):
        name = target.split("#", 1)[0]
        if name and not re.match(r"[a-z]+:", name) and not (path.parent / name).exists():
            yield f"{path.relative_to(ROOT)}: the link to {target} leads nowhere"


def forbidden_words(path: Path) -> Iterator[str]:
    """Lines that name a machine, a registry or something like a secret."""
    name = path.relative_to(ROOT).as_posix()
    if name.startswith(MAY_NAME_SECRETS):
        return
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        for what, pattern in FORBIDDEN.items():
            if pattern.search(line):
                yield f"{name}:{number}: names {what}"


def env_example() -> str:
    """`.env.example`: every setting with its meaning and default, all commented out."""
    lines = [
        "# Settings of ragchat. Copy to .env and uncomment what you change; real environment variables win.",
        "",
    ]
    for name, field in Settings.model_fields.items():
        default = "" if field.default in (None, ()) else str(field.default)
        lines += [f"# {field.description}", f"#RAGCHAT_{name.upper()}={default}", ""]
    return "\n".join(lines)


def findings() -> Iterator[str]:
    example = ROOT / ".env.example"
    if not example.exists() or example.read_text(encoding="utf-8") != env_example():
        yield ".env.example does not match ragchat/settings.py: run `python tools/check_docs.py --write`"
    for path in tracked():
        if path.suffix == ".md" and not path.is_relative_to(ROOT / "corpus"):
            yield from broken_links(path)
        if path.suffix in TEXT and path.stat().st_size < 2_000_000:
            yield from forbidden_words(path)


def main() -> int:
    if "--write" in sys.argv[1:]:
        (ROOT / ".env.example").write_text(env_example(), encoding="utf-8")
    found = list(findings())
    sys.stdout.write("".join(f"{finding}\n" for finding in found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
