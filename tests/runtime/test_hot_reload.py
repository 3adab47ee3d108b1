"""A running service takes over new generations: no dropped answer, none mixed of two generations."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from ingest.options import IngestOptions
from ingest.run import ingest
from ragchat.answering.events import Done, Event, Start
from ragchat.corpus.local.store import LocalStore
from ragchat.errors import NotFound, NotReady, UsageError, WrongEmbedder
from ragchat.models.embedder import Embedder
from ragchat.models.loading import load_embedder
from ragchat.runtime.runtime import Runtime
from ragchat.settings import Settings, load_settings

CLIENTS, GENERATIONS = 8, 4


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return load_embedder("local:minilm")


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.chdir(tmp_path)
    return load_settings(index_dir=tmp_path / "indexes")


def publish(settings: Settings, embedder: Embedder, folder: Path, version: int) -> None:
    """Two documents that must always be of one version."""
    folder.mkdir(exist_ok=True)
    for name in ("fee", "deposit"):
        text = f"# The {name}\n\nThe {name} of the archive room is {1000 + version} crowns per month.\n"
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    home = LocalStore(settings.index_dir / settings.collection)
    report = ingest([folder], home, embedder, IngestOptions())
    assert report.generation == version


async def answer(runtime: Runtime, question: str) -> tuple[int, Done]:
    """The generation an answer started with, and its end."""
    stream = runtime.answer(question, message_id="m", conversation_id="c")
    async with aclosing(stream):
        events = [event async for event in stream]
    assert isinstance(events[0], Start)
    assert isinstance(events[-1], Done), events[-1]
    return events[0].generation, events[-1]


async def test_eight_clients_ask_while_generations_are_published(
    settings: Settings, embedder: Embedder, tmp_path: Path
) -> None:
    publish(settings, embedder, tmp_path / "docs", 1)
    seen: set[int] = set()
    finished = asyncio.Event()

    async def client(runtime: Runtime) -> int:
        answers = 0
        while not finished.is_set() or answers == 0:
            generation, done = await answer(runtime, "What is the fee of the archive room per month?")
            assert f"{1000 + generation} crowns" in done.response
            assert all(str(1000 + generation) in citation.quote for citation in done.citations)
            seen.add(generation)
            answers += 1
        return answers

    async with Runtime(settings) as runtime:
        clients = [asyncio.create_task(client(runtime)) for _ in range(CLIENTS)]
        for version in range(2, GENERATIONS + 1):
            await asyncio.to_thread(publish, settings, embedder, tmp_path / "docs", version)
            await served(runtime, version)
        while GENERATIONS not in seen:
            await asyncio.sleep(0.02)
        finished.set()
        answers = await asyncio.gather(*clients)
    assert min(answers) >= 1
    assert GENERATIONS in seen


async def served(runtime: Runtime, generation: int) -> None:
    """Waits until the runtime serves this generation."""
    while runtime.ready().generation != generation:
        await asyncio.sleep(0.02)


async def test_an_answer_under_way_ends_on_the_generation_it_began_with(
    settings: Settings, embedder: Embedder, tmp_path: Path
) -> None:
    publish(settings, embedder, tmp_path / "docs", 1)
    async with Runtime(settings) as runtime:
        stream: AsyncIterator[Event] = runtime.answer(
            "What is the fee of the archive room per month?", message_id="m", conversation_id="c"
        )
        assert isinstance(await anext(stream), Start)
        for version in (2, 3, 4):
            await asyncio.to_thread(publish, settings, embedder, tmp_path / "docs", version)
            await served(runtime, version)
        *_, done = [event async for event in stream]
    assert isinstance(done, Done)
    assert "1001 crowns" in done.response


async def test_a_service_started_without_an_index_becomes_ready_when_one_is_ingested(
    settings: Settings, embedder: Embedder, tmp_path: Path
) -> None:
    async with Runtime(settings) as runtime:
        assert not runtime.ready().ready
        assert "ragchat ingest" in runtime.ready().reason
        with pytest.raises(NotReady), runtime.snapshot():
            pass
        await asyncio.to_thread(publish, settings, embedder, tmp_path / "docs", 1)
        await served(runtime, 1)
        assert runtime.ready().ready


async def test_an_index_of_another_embedder_is_not_served_and_says_so(
    settings: Settings, embedder: Embedder, tmp_path: Path
) -> None:
    from tests.support.vectors import HashEmbedder

    home = LocalStore(settings.index_dir / settings.collection)
    (tmp_path / "a.md").write_text("# A\n\nSome words.\n", encoding="utf-8")
    ingest([tmp_path / "a.md"], home, HashEmbedder(), IngestOptions())
    async with Runtime(settings) as runtime:
        assert not runtime.ready().ready
        with pytest.raises(WrongEmbedder), runtime.snapshot():
            pass


async def test_unknown_collections_and_models_are_named(
    settings: Settings, embedder: Embedder, tmp_path: Path
) -> None:
    publish(settings, embedder, tmp_path / "docs", 1)
    async with Runtime(settings) as runtime:
        with pytest.raises(NotFound, match="nowhere"):
            await runtime.search("x", collection="nowhere")
        with pytest.raises(UsageError):
            await runtime.search("x", collection="../escape")
        with pytest.raises(UsageError, match="openai:other"):
            await anext(runtime.answer("x", message_id="m", conversation_id="c", model="openai:other"))
