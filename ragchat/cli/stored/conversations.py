"""`ragchat conversations …`: list and export what people asked and were answered. Whose it is does not hold it back."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ragchat.cli.asking import check_writable, write
from ragchat.cli.options import IndexDir, Json, settings_for
from ragchat.cli.terminal.output import out, print_json, print_table

if TYPE_CHECKING:
    from ragchat.conversations import Conversation, ConversationStore
    from ragchat.conversations.store import SqlConversationStore

app = typer.Typer(no_args_is_help=True, help="The stored conversations: list, export.")

User = Annotated[str | None, typer.Option("--user", help="Only of this user.")]


class Form(StrEnum):
    """What an export is written in."""

    JSON = "json"
    MARKDOWN = "markdown"


@app.command("list")
def list_conversations(
    user: User = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many.")] = 50,
    index_dir: IndexDir = None,
    as_json: Json = False,
) -> None:
    """Conversations, most recently used first."""
    import asyncio

    found = asyncio.run(_listed(_store(index_dir), user, limit))
    if as_json:
        from pydantic import TypeAdapter

        from ragchat.conversations import Conversation

        adapter = TypeAdapter(list[Conversation])
        print_json({"conversations": adapter.dump_python(list(found), mode="json")})
    elif not found:
        out().print("No conversation is stored.")
    else:
        rows = [
            (c.id, c.user_id or "", f"{c.updated:%Y-%m-%d %H:%M}", c.message_count, c.title) for c in found
        ]
        print_table(("id", "user", "last used", "messages", "title"), rows)


@app.command()
def export(
    conversation: Annotated[str, typer.Argument(metavar="ID", help="As `conversations list` shows it.")],
    tenant: Annotated[str, typer.Option("--tenant", help="The key's name under which it was begun.")] = "",
    user: User = None,
    form: Annotated[
        Form, typer.Option("--format", help="json has everything, markdown is to be read.")
    ] = Form.JSON,
    output: Annotated[Path | None, typer.Option("--output", help="Write it to this file.")] = None,
    index_dir: IndexDir = None,
) -> None:
    """Write a whole conversation as JSON or Markdown.

    Ids are unique for one user of one key; without --tenant and --user it is the one of this id that was used last.
    """
    import asyncio

    check_writable(output)
    text = asyncio.run(_exported(_store(index_dir), conversation, (tenant, user), form))
    if output is None:
        sys.stdout.write(text)
    else:
        write(output, text)


def _store(index_dir: Path | None) -> "SqlConversationStore":
    from ragchat.conversations.store import SqlConversationStore

    return SqlConversationStore(settings_for(None, index_dir).conversations_url)


async def _listed(store: "SqlConversationStore", user: str | None, limit: int) -> "tuple[Conversation, ...]":
    async with store:
        return (await store.list(user_id=user, limit=limit)).conversations


async def _exported(
    store: "SqlConversationStore", conversation: str, owner: tuple[str, str | None], form: Form
) -> str:
    from ragchat.conversations.exporting import everything, exported

    async with store:
        view: ConversationStore = store.of(*owner) if any(owner) else store
        return exported(*await everything(view, conversation), form.value)
