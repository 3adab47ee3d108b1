"""A process that only serves loads what its first answer would wait for, then sets apart what is there."""

import asyncio
from pathlib import Path

import pytest

from ragchat.runtime import runtime as module
from ragchat.runtime.runtime import Runtime
from ragchat.settings import Settings


@pytest.mark.parametrize(("lasting", "expected"), [(True, ["model", "writing", "apart"]), (False, [])])
async def test_only_a_lasting_process_settles(
    tmp_path: Path, lasting: bool, expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    monkeypatch.setattr(module, "load_writing", lambda: done.append("writing"))
    monkeypatch.setattr(module, "set_apart", lambda: done.append("apart"))
    settings = Settings(_env_file=None, index_dir=tmp_path, reranker="none", chat_model="scripted:Hello.")
    runtime = Runtime(settings, lasting=lasting)
    loaded = runtime.models.chat_model
    monkeypatch.setattr(runtime.models, "chat_model", lambda: (done.append("model"), loaded())[1])
    async with runtime:
        for _ in range(500 if lasting else 15):
            if lasting and done == expected:
                break
            await asyncio.sleep(0.02)
    assert done == expected


async def test_a_model_that_cannot_be_had_hinders_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    apart: list[str] = []
    monkeypatch.setattr(module, "set_apart", lambda: apart.append("apart"))
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    settings = Settings(_env_file=None, index_dir=tmp_path, reranker="none", chat_model="openai:test-model")
    async with Runtime(settings, lasting=True):
        for _ in range(500):
            if apart:
                break
            await asyncio.sleep(0.02)
    assert apart == ["apart"]
