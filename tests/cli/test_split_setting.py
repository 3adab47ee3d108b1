"""RAGCHAT_SPLIT and --split: how documents are cut, for all of them or for some."""

from tests.cli.conftest import Shell

TEXT = " ".join(f"Machine {number} stopped and was restarted by hand." for number in range(40)) + "\n"


def chunks(shell: Shell, *arguments: str, **variables: str) -> int:
    report = shell.run("ingest", "docs", "--json", *arguments, **variables).json()["chunks"]
    assert isinstance(report, dict)
    return int(report["total"])


def test_some_files_can_be_cut_otherwise_and_a_change_takes_hold_at_the_next_run(shell: Shell) -> None:
    shell.write("docs/app.log.txt", TEXT)
    shell.write("docs/note.md", TEXT)

    small = {"RAGCHAT_CHUNK_TOKENS": "64", "RAGCHAT_CHUNK_OVERLAP": "40"}
    none = chunks(shell, **small)
    one = chunks(shell, "--split", "auto, *.log.txt=sentences", **small)
    both = chunks(shell, RAGCHAT_SPLIT="sentences", **small)

    assert none < one < both
    assert one - none == both - one
    assert chunks(shell) < none


def test_a_strategy_that_does_not_exist_is_told_with_those_that_do(shell: Shell) -> None:
    shell.write("docs/note.md", TEXT)
    done = shell.run("ingest", "docs", "--split", "paragraphs")
    assert done.code == 2
    assert "'paragraphs'" in done.err
    assert "sentences" in done.err
