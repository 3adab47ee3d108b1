"""RAGCHAT_KEEP_GENERATIONS is how many generations are kept, by every command that publishes or prunes one."""

from tests.cli.conftest import Shell


def generations(shell: Shell) -> list[int]:
    listed = shell.run("index", "list", "--json").json()["generations"]
    assert isinstance(listed, list)
    return [generation["number"] for generation in listed]


def test_as_many_generations_are_kept_as_the_setting_says(shell: Shell) -> None:
    for n in range(4):
        shell.write("docs/note.md", f"# Note\n\nThe archive room costs {n + 1} crowns per month.\n")
        assert shell.run("ingest", "docs", RAGCHAT_KEEP_GENERATIONS="3").code == 0
    assert generations(shell) == [2, 3, 4]
    assert shell.run("index", "rebuild", RAGCHAT_KEEP_GENERATIONS="3").code == 0
    assert generations(shell) == [3, 4, 5]
    assert "Removed 0" in shell.run("index", "prune", RAGCHAT_KEEP_GENERATIONS="3").out
    assert "Removed 1 generation(s): 3" in shell.run("index", "prune").out
    assert "Removed 1 generation(s): 4" in shell.run("index", "prune", "--keep", "1").out
