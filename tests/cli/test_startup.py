"""What starting the command line costs: nothing heavy is imported before a command needs it."""

import subprocess
import sys

import pytest

HEAVY = (
    "numpy",
    "faiss",
    "tantivy",
    "onnxruntime",
    "tokenizers",
    "pydantic",
    "fastapi",
    "starlette",
    "uvicorn",
    "langchain",
    "langchain_core",
    "langchain_openai",
    "langchain_community",
    "sqlalchemy",
    "pypdf",
    "trafilatura",
    "httpx",
    "rich",
    "sqlite3",
    "asyncio",
)


def loaded_by(statement: str) -> set[str]:
    """The top-level modules in a fresh interpreter after `statement`."""
    code = f"{statement}\nimport sys\nprint(*sorted(m for m in sys.modules if '.' not in m))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


BARE = (
    "import contextlib, io, typer\napp = typer.Typer(rich_markup_mode=None, add_completion=False)\n"
    "@app.command()\ndef one(): ...\n@app.command()\ndef ingest(): ...\n"
)
HELP = (
    "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):\n"
    "    app(['ingest', '--help'])"
)


@pytest.mark.parametrize("call", ["", HELP], ids=["import", "help"])
def test_nothing_heavy_is_imported_that_a_bare_typer_program_does_not_import(call: str) -> None:
    ours = loaded_by(f"import contextlib, io\nfrom ragchat.cli import app\n{call}")
    assert ours & set(HEAVY) <= loaded_by(BARE + call)


def test_the_package_itself_imports_nothing() -> None:
    assert not any(name.startswith("ragchat.") for name in loaded_by("import ragchat"))
