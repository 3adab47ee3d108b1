"""Sources that ragchat.toml names: each by its own rules, all by one command."""

import pytest
from conftest import Shell  # type: ignore[import-not-found,unused-ignore]

SOURCES = """
[[source]]
name = "handbook"
path = "handbook"
include = ["*.md"]

[[source]]
name = "salaries"
path = ["salaries", "bonus.md"]
acl = ["hr", "board"]
collection = "people"
"""


def documents(shell: Shell, collection: str) -> dict[str, list[str]]:
    rows = shell.run("documents", "list", "--json", "--collection", collection).json()["documents"]
    assert isinstance(rows, list)
    return {row["key"]: row["acl"] for row in rows}


def test_all_of_them_are_brought_in_line(shell: Shell) -> None:
    shell.write("ragchat.toml", SOURCES)
    shell.write("handbook/bikes.md", "# Bikes\n\nBikes are kept in the cellar.\n")
    shell.write("handbook/notes.txt", "Not for anybody.\n")
    shell.write("salaries/2026.md", "# Salaries\n\nThe first grade earns 3,100 euro.\n")
    shell.write("bonus.md", "# Bonus\n\nThe bonus is paid in May.\n")
    done = shell.run("ingest")
    assert done.code == 0, done.err
    assert done.out.index("handbook:") < done.out.index("salaries:")
    assert documents(shell, "default") == {"bikes.md": []}
    assert documents(shell, "people") == {"2026.md": ["board", "hr"], "bonus.md": ["board", "hr"]}
    shell.write("ragchat.toml", SOURCES.replace('"board"', '"ceo"'))
    assert shell.run("ingest").code == 0
    assert documents(shell, "people") == {"2026.md": ["ceo", "hr"], "bonus.md": ["ceo", "hr"]}


def test_tags_of_the_command_line(shell: Shell) -> None:
    shell.write("docs/a.md", "# A\n\nWords.\n")
    assert shell.run("ingest", "docs", "--acl", "staff").code == 0
    assert documents(shell, "default") == {"a.md": ["staff"]}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "there is no ragchat.toml here"),
        ("[[source]\n", "cannot be read"),
        ("", "at least one"),
        ("name = 'x'\n", "nothing else"),
        ("[[source]]\nname = 'x'\n", "source 1 has no path"),
        ("[[source]]\npaths = 'x'\n", "unknown key 'paths'"),
        ("[[source]]\npath = 3\n", "path must be a text or a list of texts"),
        ("[[source]]\npath = 'x'\nname = ''\n", "name must be a text"),
        ("[[source]]\npath = 'x'\n\n[[source]]\npath = 'x'\n", "two sources named 'x'"),
        ("[[source]]\npath = 'x'\n", "There is no file or folder 'x'"),
        ("[[source]]\npath = 'd/hr'\nacl = 'hr'\n\n[[source]]\npath = 'd'\n", "lie inside one another"),
        (
            "[[source]]\npath = 'd/hr'\n\n[[source]]\npath = 'd'\ncollection = 'default'\n",
            "lie inside one another",
        ),
    ],
)
def test_what_is_wrong_is_named(shell: Shell, content: str | None, told: str) -> None:
    if content is not None:
        shell.write("ragchat.toml", content)
    done = shell.run("ingest")
    assert done.code == 2
    assert told in " ".join(done.err.split())


def test_a_source_that_is_not_there_does_not_keep_the_others_back(shell: Shell) -> None:
    shell.write("ragchat.toml", "[[source]]\npath = 'gone'\n\n[[source]]\nname = 'rest'\npath = 'docs'\n")
    shell.write("docs/a.md", "# A\n\nWords.\n")
    done = shell.run("ingest")
    assert (done.code, "gone: There is no file or folder" in done.err) == (2, True)
    assert documents(shell, "default") == {"a.md": []}
