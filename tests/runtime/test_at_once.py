"""How many searches are worked on at once, and that answers that are being read do not wait for them."""

import os
from pathlib import Path

import anyio
import pytest

from ragchat.answering.working import in_thread
from ragchat.runtime.models import Models
from ragchat.runtime.runtime import Runtime
from ragchat.settings import Settings


def settings(directory: Path, **chosen: object) -> Settings:
    return Settings.model_validate(
        {"_env_file": None, "index_dir": directory, "max_concurrent": 500, **chosen}
    )


@pytest.mark.parametrize(
    ("chosen", "many"),
    [
        ({}, False),
        ({"reranker": "none"}, False),
        ({"embeddings": "openai:text-embedding-3-small"}, True),
        ({"reranker": "llm"}, True),
    ],
)
def test_only_searches_that_wait_for_others_are_many_at_once(
    tmp_path: Path, chosen: dict[str, object], many: bool
) -> None:
    at_once = Models(settings(tmp_path, **chosen)).at_once
    assert at_once == (500 if many else len(os.sched_getaffinity(0)) + 1)
    assert Models(settings(tmp_path, **chosen, max_concurrent=1)).at_once == 1


async def test_a_sentence_is_checked_while_searches_wait_for_their_turn(tmp_path: Path) -> None:
    async with Runtime(settings(tmp_path)) as runtime:
        workers = runtime._workers
        assert workers.beginning is not None
        async with anyio.create_task_group() as searches:
            release = anyio.Event()
            for _ in range(int(workers.beginning.total_tokens)):
                searches.start_soon(_holding, workers.beginning, release)
            await anyio.wait_all_tasks_blocked()
            assert workers.beginning.available_tokens == 0
            with anyio.fail_after(20):
                assert await in_thread(lambda: "checked", workers.checking) == "checked"
            release.set()


async def _holding(limiter: anyio.CapacityLimiter, release: anyio.Event) -> None:
    async with limiter:
        await release.wait()
