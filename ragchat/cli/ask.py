"""`ragchat ask` and `ragchat chat`: one answer, or a conversation, on the terminal; `gaps`: what had none."""

import sys
from contextlib import aclosing
from typing import TYPE_CHECKING, Annotated, Literal
from uuid import uuid4

import typer

from ragchat.cli.options import Collection, IndexDir, Json, settings_for
from ragchat.cli.terminal.output import err, out, print_json, print_table
from ragchat.errors import UsageError

if TYPE_CHECKING:
    from ragchat.answering.events import Done, Error
    from ragchat.conversations.gaps import Gap
    from ragchat.runtime.runtime import Runtime
    from ragchat.settings import Settings

REFUSED = 6
"""`ask` ends with it when the documents do not hold the answer, so that scripts can tell."""
UPSTREAM = 5

Question = Annotated[
    list[str] | None, typer.Argument(metavar="QUESTION", help="The question; - reads stdin.")
]
Model = Annotated[
    str | None, typer.Option("--model", help="extractive, or provider:model. [RAGCHAT_CHAT_MODEL]")
]
TopK = Annotated[int | None, typer.Option("--top-k", min=1, max=50, help="Passages to answer from.")]
Grounding = Annotated[
    Literal["annotate", "strict"] | None,
    typer.Option("--grounding", help="strict: show only sentences whose citation is verified."),
]
Mode = Annotated[
    Literal["chat", "agent"],
    typer.Option("--mode", help="agent: the model searches several times; it must be able to call tools."),
]


def ask(
    question: Question = None,
    collection: Collection = None,
    index_dir: IndexDir = None,
    model: Model = None,
    grounding: Grounding = None,
    top_k: TopK = None,
    mode: Mode = "chat",
    as_json: Json = False,
) -> None:
    """Answer one question, with its sources.

    Nothing is recorded: `ragchat gaps` tells what was asked of the server. Exit codes: 0 answered, 3 no index, 5 the
    model's service failed, 6 the documents do not hold the answer.
    """
    import asyncio

    settings = settings_for(collection, index_dir, chat_model=model, grounding=grounding, top_k=top_k)
    end = asyncio.run(_ask_once(settings, _question(question), mode, as_json=as_json))
    if end.type == "error":
        raise typer.Exit(UPSTREAM)
    if end.finish == "refused":
        raise typer.Exit(REFUSED)


def _question(words: list[str] | None) -> str:
    text = " ".join(words or ()).strip()
    if text == "-" or (not text and not sys.stdin.isatty()):
        text = sys.stdin.read().strip()
    if not text:
        raise UsageError("There is no question.", hint='Try: ragchat ask "How do I reset my password?"')
    return text


async def _ask_once(
    settings: "Settings", question: str, mode: Literal["chat", "agent"], *, as_json: bool
) -> "Done | Error":
    from ragchat.faces.collect import collect
    from ragchat.faces.terminal import render
    from ragchat.runtime.runtime import Runtime

    async with Runtime(settings) as runtime:
        _require_ready(runtime)
        events = runtime.answer(question, message_id=uuid4().hex, conversation_id=uuid4().hex, mode=mode)
        async with aclosing(events):
            if not as_json:
                return await render(events, out())
            collected = await collect(events)
    print_json(collected.as_json())
    return collected.end


def _require_ready(runtime: "Runtime") -> None:
    """Fail before anything is printed when there is no index."""
    with runtime.snapshot():
        pass


def chat(
    collection: Collection = None,
    index_dir: IndexDir = None,
    model: Model = None,
    grounding: Grounding = None,
    top_k: TopK = None,
    mode: Mode = "chat",
) -> None:
    """Talk with the documents.

    Follow-up questions understand what was said before. Nothing is recorded. Ctrl-D or /quit ends.
    """
    import asyncio

    settings = settings_for(collection, index_dir, chat_model=model, grounding=grounding, top_k=top_k)
    asyncio.run(_converse(settings, mode))


async def _converse(settings: "Settings", mode: Literal["chat", "agent"]) -> None:
    from ragchat.answering.answer import Turn
    from ragchat.faces.terminal import render
    from ragchat.runtime.runtime import Runtime

    conversation_id = uuid4().hex
    turns: list[Turn] = []
    async with Runtime(settings) as runtime:
        _require_ready(runtime)
        err().print(f"Ask about the collection {settings.collection!r}; Ctrl-D or /quit ends.", markup=False)
        while question := _next_question():
            events = runtime.answer(
                question,
                message_id=uuid4().hex,
                conversation_id=conversation_id,
                history=tuple(turns),
                mode=mode,
            )
            end = await render(events, out())
            if end.type == "done":
                turns.append(Turn("user", question))
                turns.append(Turn("assistant", end.response, refused=end.finish == "refused"))


def _next_question() -> str:
    """The next line that is not blank; "" at the end."""
    while True:
        try:
            line = input("\n> " if sys.stdin.isatty() else "").strip()
        except EOFError:
            return ""
        if line in ("/quit", "/exit", "/q"):
            return ""
        if line:
            return line


def gaps(collection: Collection = None, index_dir: IndexDir = None, as_json: Json = False) -> None:
    """List the questions that had no answer.

    Refused and disliked answers of the stored conversations, the same question counted once: the writer's to-do list.
    """
    import asyncio

    settings = settings_for(collection, index_dir)
    found = asyncio.run(_gaps(settings))
    if as_json:
        print_json({"gaps": [gap.as_json() for gap in found]})
    elif not found:
        out().print("No question was refused or disliked so far.")
    else:
        print_table(
            ("times", "last asked", "why", "question"),
            [
                (gap.times, f"{gap.last_asked:%Y-%m-%d %H:%M}", ", ".join(gap.reasons), gap.question)
                for gap in found
            ],
        )


async def _gaps(settings: "Settings") -> "list[Gap]":
    from ragchat.conversations.gaps import group
    from ragchat.conversations.store import SqlConversationStore

    store = SqlConversationStore(settings.conversations_url)
    try:
        return group(await store.unanswered(limit=10_000))
    finally:
        await store.close()
