"""Embeddings of any LangChain provider, over real HTTP against a local OpenAI-compatible server."""

import time

import numpy as np
import pytest
from pydantic import SecretStr

from ragchat.documents import Span
from ragchat.errors import NotReady, RagchatError, UpstreamFailed, UsageError
from ragchat.models.embedder import Passage
from ragchat.models.langchain_embedder import BatchLimits, LangChainEmbedder, RetryPolicy
from ragchat.models.loading import load_embedder
from tests.support.openai_server import ChatScript, OpenAIServer

NAME = "openai:text-embedding-3-small"
KEY = SecretStr("sk-very-secret")


def embedder(
    server: OpenAIServer, *, limits: BatchLimits | None = None, deadline: float = 10.0
) -> LangChainEmbedder:
    built = LangChainEmbedder.named(NAME, base_url=server.url, api_key=KEY)
    retries = RetryPolicy(deadline=deadline, first_wait=0.01, longest_wait=0.02)
    return LangChainEmbedder(NAME, built._model, limits=limits, retries=retries)


def inputs(server: OpenAIServer) -> list[list[str]]:
    return [request.body["input"] for request in server.requests]


def test_vectors_come_in_order_at_unit_length_and_the_dimension_is_found(openai: OpenAIServer) -> None:
    local = embedder(openai)
    vectors = local.embed_documents(["one", "two", "three"])
    expected = np.array([openai.vector(text) for text in ("one", "two", "three")], np.float32)
    np.testing.assert_allclose(vectors, expected / np.linalg.norm(expected, axis=1, keepdims=True), atol=1e-6)
    assert local.spec.key == f"{NAME}@text-embedding-3-small/8"
    np.testing.assert_allclose(local.embed_query("two"), vectors[1], atol=1e-6)


def test_texts_are_sent_as_text_with_the_key_of_the_settings(openai: OpenAIServer) -> None:
    embedder(openai).embed_documents(["plain words"])
    request = openai.requests[-1]
    assert request.body["input"] == ["plain words"]
    assert request.body["model"] == "text-embedding-3-small"
    assert request.headers["authorization"] == "Bearer sk-very-secret"


def test_a_local_server_from_the_environment_needs_no_key(
    openai: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", openai.url)
    assert load_embedder(NAME).embed_query("hello").shape == (8,)


def test_building_an_embedder_calls_no_service(openai: OpenAIServer) -> None:
    load_embedder(NAME, base_url=openai.url, api_key=KEY)
    assert openai.requests == []


def test_passages_carry_their_context_and_have_no_sentence_vectors(openai: OpenAIServer) -> None:
    (vectors,) = embedder(openai).embed_passages([Passage("Refunds", "Two days.", (Span(0, 9),))])
    assert inputs(openai)[-1] == ["Refunds\nTwo days."]
    assert vectors.chunk.shape == (8,)
    assert vectors.sentences.shape == (0, 8)


def test_batches_respect_the_count_and_the_token_budget(openai: OpenAIServer) -> None:
    local = embedder(openai, limits=BatchLimits(texts=3, tokens=20, text_tokens=10))
    local.embed_documents(["a", "b", "c", "d", "x" * 30, "y" * 30, "z" * 90])
    assert inputs(openai) == [["a", "b", "c"], ["d", "x" * 30], ["y" * 30, "z" * 30]]


def test_passages_are_taken_batch_by_batch(openai: OpenAIServer) -> None:
    taken: list[int] = []

    def passage(number: int) -> Passage:
        taken.append(number)
        return Passage("", f"text {number}")

    stream = embedder(openai, limits=BatchLimits(texts=4)).embed_passages(map(passage, range(100)))
    next(stream)
    assert len(taken) == 5


def test_no_texts_give_no_rows(openai: OpenAIServer) -> None:
    assert embedder(openai).embed_documents([]).shape == (0, 8)


@pytest.mark.parametrize("text", ["", "  ", "\ud800"])
def test_texts_that_services_refuse_are_made_acceptable(openai: OpenAIServer, text: str) -> None:
    assert embedder(openai).embed_query(text).shape == (8,)


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_failures_that_may_pass_are_tried_again(openai: OpenAIServer, status: int) -> None:
    openai.embedding_failures = [ChatScript(fault="status", status=status)] * 2
    assert embedder(openai).embed_query("x").shape == (8,)
    assert len(openai.requests) == 3


def test_retry_after_is_waited_for(openai: OpenAIServer) -> None:
    openai.embedding_failures = [ChatScript(fault="status", status=429, retry_after="0.3")]
    started = time.monotonic()
    embedder(openai).embed_query("x")
    assert time.monotonic() - started >= 0.3


def test_a_wait_beyond_the_deadline_fails_at_once(openai: OpenAIServer) -> None:
    openai.embedding_failures = [ChatScript(fault="status", status=429, retry_after="3600")]
    with pytest.raises(UpstreamFailed, match="429") as caught:
        embedder(openai).embed_query("x")
    assert caught.value.retryable
    assert len(openai.requests) == 1


@pytest.mark.parametrize(("status", "said"), [(401, "refused the key"), (404, "HTTP 404"), (400, "HTTP 400")])
def test_failures_that_stay_are_not_tried_again(openai: OpenAIServer, status: int, said: str) -> None:
    openai.embedding_failures = [ChatScript(fault="status", status=status)]
    with pytest.raises(UpstreamFailed, match=said) as caught:
        embedder(openai).embed_query("x")
    assert not caught.value.retryable
    assert len(openai.requests) == 1


def test_no_error_shows_the_key_even_when_the_service_echoes_it(openai: OpenAIServer) -> None:
    openai.embedding_failures = [ChatScript(fault="status", status=401)]
    with pytest.raises(UpstreamFailed) as caught:
        embedder(openai).embed_query("x")
    assert "sk-very-secret" not in f"{caught.value} {caught.value.hint} {caught.value!r}"


def test_a_web_page_in_place_of_vectors_is_named(openai: OpenAIServer) -> None:
    openai.embedding_failures = [ChatScript(fault="html")]
    with pytest.raises(UpstreamFailed, match=r"cannot be read.*base URL"):
        embedder(openai).embed_query("x")


@pytest.mark.parametrize(
    ("vectors", "said"),
    [
        ([[0.0] * 8], "no direction"),
        ([[1.0] * 8, [1.0] * 8], "shape"),
        ([[]], "shape"),
        ([[float("inf")] * 8], "no direction"),
    ],
)
def test_vectors_that_cannot_be_compared_are_refused(
    openai: OpenAIServer, vectors: list[list[float]], said: str
) -> None:
    openai.bad_vectors = vectors
    with pytest.raises(UpstreamFailed, match=said):
        embedder(openai).embed_documents(["x"])


def test_a_dimension_that_changes_is_refused(openai: OpenAIServer) -> None:
    local = embedder(openai)
    assert local.spec.dimension == 8
    openai.bad_vectors = [[1.0] * 7]
    with pytest.raises(UpstreamFailed, match="7 numbers, not 8"):
        local.embed_documents(["x"])


def test_a_server_that_is_not_there_is_named() -> None:
    with OpenAIServer() as server:
        url = server.url
    gone = LangChainEmbedder.named(NAME, base_url=url, api_key=KEY)
    with pytest.raises(UpstreamFailed, match="cannot be reached"):
        LangChainEmbedder(NAME, gone._model, retries=RetryPolicy(deadline=0.0)).embed_query("x")


@pytest.mark.parametrize(
    ("name", "error", "said"),
    [
        (NAME, NotReady, "Set OPENAI_API_KEY"),
        ("cohere:embed-v4", NotReady, "pip install langchain-cohere"),
        ("ollama:nomic-embed-text", NotReady, "pip install langchain-ollama"),
        ("nowhere:model", UsageError, "no provider 'nowhere'"),
        ("minilm", UsageError, "provider:model"),
    ],
)
def test_what_is_missing_is_said_with_the_next_step(
    openai: OpenAIServer, name: str, error: type[RagchatError], said: str
) -> None:
    with pytest.raises(error, match=said):
        load_embedder(name)


def test_a_redirect_is_not_followed_with_the_documents_words(openai: OpenAIServer) -> None:
    with OpenAIServer() as other:
        openai.embedding_failures = [ChatScript(fault="redirect", elsewhere=f"{other.url}/embeddings")]
        with pytest.raises(UpstreamFailed, match="elsewhere") as failure:
            embedder(openai).embed_documents(["a confidential sentence"])
        assert failure.value.code == "redirected"
        assert not other.requests
