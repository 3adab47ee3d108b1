"""The language of a collection: told by its first documents, kept, or said by RAGCHAT_LANGUAGE."""

from ragchat.corpus.local.store import LocalStore
from tests.cli.conftest import Shell

GERMAN = "# Urlaub\n\nAlle Mitarbeiter haben 28 Urlaubstage im Jahr, und was sie bis März nicht nehmen, verfällt.\n"


def language(shell: Shell) -> str:
    with LocalStore(shell.folder / "indexes" / "default").open() as generation:
        return generation.language


def test_a_new_collection_takes_the_language_of_its_text_and_keeps_it(shell: Shell) -> None:
    shell.write("docs/urlaub.md", GERMAN)
    shell.run("ingest", "docs")
    assert language(shell) == "de"

    shell.write(
        "docs/notes.md", "There are the notes of what was said in the meetings that we had with them. " * 9
    )
    shell.run("ingest", "docs")
    assert language(shell) == "de"


def test_the_setting_decides_and_a_change_of_it_is_taken_up(shell: Shell) -> None:
    shell.write("docs/urlaub.md", GERMAN)
    shell.run("ingest", "docs", RAGCHAT_LANGUAGE="nl")
    assert language(shell) == "nl"
    shell.run("ingest", "docs", RAGCHAT_LANGUAGE="de")
    assert language(shell) == "de"
    wrong = shell.run("ingest", "docs", RAGCHAT_LANGUAGE="german")
    assert (wrong.code, "RAGCHAT_LANGUAGE is wrong: 'german' is not two letters" in wrong.err) == (2, True)
