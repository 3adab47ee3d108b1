"""The command line. Each command is a module of its own that imports what it needs only when it runs, so that
`ragchat --help` costs what typer costs. `main` is the boundary at which errors become messages and exit codes.
"""

import os
import sys
import traceback
from typing import Annotated

import typer

from ragchat import __version__
from ragchat.cli import ask, catalog, configuration, documents, evaluate, ingest, search, serve
from ragchat.cli.clients import mcp
from ragchat.cli.operating import backup, doctor, keys
from ragchat.cli.stored import conversations
from ragchat.cli.terminal.output import print_error, print_json
from ragchat.cli.terminal.stopping import exit_code_of, stop_on_sigterm
from ragchat.errors import RagchatError, UsageError

app = typer.Typer(
    name="ragchat",
    help="Answers questions from your documents only, streams the answer and proves every citation.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("ingest")(ingest.ingest)
app.command("ask")(ask.ask)
app.command("chat")(ask.chat)
app.command("serve")(serve.serve)
app.command("search")(search.search)
app.command("eval")(evaluate.evaluate)
app.command("status")(catalog.status)
app.command("verify")(catalog.verify)
app.add_typer(catalog.app, name="index")
app.add_typer(documents.app, name="documents")
app.add_typer(conversations.app, name="conversations")
app.command("gaps")(ask.gaps)
app.add_typer(keys.app, name="keys")
app.command("doctor")(doctor.doctor)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.command("config")(configuration.config)
app.command("demo")(serve.demo)
app.command("mcp")(mcp.mcp)


def _print_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"ragchat {__version__}\n")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Options before any command."""


def main() -> None:
    """Run the command line; never returns normally without an exit code."""
    stop_on_sigterm()
    try:
        _require_utf8(sys.argv[1:])
        app(prog_name="ragchat")
    except RagchatError as error:
        _report(error)
        sys.exit(error.exit_code)
    except KeyboardInterrupt as stop:
        sys.stderr.write("\nStopped.\n")
        sys.exit(exit_code_of(stop))
    except BrokenPipeError:
        # The reader of our output went away (`ragchat … | head`): not an error worth a word.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception:  # noqa: BLE001  # the boundary of the program: a bug becomes exit code 70, not a bare trace
        traceback.print_exc()
        sys.stderr.write("\nThis is a bug in ragchat; please report it with the lines above.\n")
        sys.exit(RagchatError.exit_code)


def _require_utf8(arguments: list[str]) -> None:
    """UsageError for one that is not: it could be neither stored nor shown, and would fail somewhere deep inside."""
    for argument in arguments:
        try:
            argument.encode("utf-8")
        except UnicodeEncodeError as error:
            shown = os.fsencode(argument).decode("utf-8", "backslashreplace")
            raise UsageError(
                f"The argument {shown} is not UTF-8.",
                hint="Of a file with such a name, give the folder; of a text, see what encoding the terminal has.",
                code="not_utf8",
            ) from error


def _report(error: RagchatError) -> None:
    """For a person on stderr; with --json also as the one JSON object on stdout that a script waits for."""
    if "--json" in sys.argv:
        print_json({"error": {"code": error.code, "message": error.message, "hint": error.hint}})
    print_error(error)
