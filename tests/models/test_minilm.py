"""The embedder in the package: one pass for chunk and sentences, in order, bounded, deterministic, honest on damage."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ragchat.documents import Span
from ragchat.errors import NotReady
from ragchat.models.embedder import Passage, PassageVectors
from ragchat.models.loading import load_embedder
from ragchat.models.minilm import DIRECTORY, LOOK_AHEAD, MiniLMEmbedder

FIRST, SECOND = "Cats sleep most of the day.", "Interest rates rose again in March."


def one(embedder: MiniLMEmbedder, passage: Passage) -> PassageVectors:
    return next(iter(embedder.embed_passages([passage])))


def two_sentences(prefix: str = "") -> Passage:
    start = len(prefix)
    middle = start + len(FIRST) + 1
    spans = (Span(start, start + len(FIRST)), Span(middle, middle + len(SECOND)))
    return Passage("", f"{prefix}{FIRST} {SECOND}", spans)


def test_related_texts_are_nearer_than_unrelated_ones(minilm: MiniLMEmbedder) -> None:
    texts = ["How do I reset my password?", "I forgot my login secret", "The bridge opened in 1937"]
    question, related, unrelated = minilm.embed_documents(texts)
    assert question @ related > 0.5 > 0.2 > question @ unrelated


def test_vectors_have_unit_length_and_the_spec_names_the_model_file(minilm: MiniLMEmbedder) -> None:
    vectors = one(minilm, two_sentences())
    assert vectors.chunk.dtype == vectors.sentences.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors.sentences, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(vectors.chunk), 1, atol=1e-5)
    recorded = (DIRECTORY / "SHA256SUMS").read_text()
    assert f"{minilm.spec.revision}" in recorded
    assert minilm.spec.key == f"local:minilm@{minilm.spec.revision}/384"


def test_a_sentence_vector_is_about_its_own_sentence(minilm: MiniLMEmbedder) -> None:
    first, second = one(minilm, two_sentences()).sentences
    cats, rates = minilm.embed_query("sleeping cats"), minilm.embed_query("interest rates")
    assert first @ cats > second @ cats
    assert second @ rates > first @ rates


def test_sentences_that_tile_the_text_average_to_its_token_mean(minilm: MiniLMEmbedder) -> None:
    """The whole text as one sentence differs from the chunk only by the two marker tokens."""
    text = f"{FIRST} {SECOND} {FIRST}"
    vectors = one(minilm, Passage("", text, (Span(0, len(text)),)))
    assert vectors.sentences[0] @ vectors.chunk > 0.98


def test_spans_count_code_points_whatever_their_bytes(minilm: MiniLMEmbedder) -> None:
    """Astral, combining, CJK and control characters do not shift tokens: words have vectors, the gaps none."""
    text = "🦊🏽‍🚀 e\u0301\u0302 漢字 \x00\u200b ÅÄÖ cats sleep İstanbul ﬁne ½ most of the day"
    words = [Span(found.start(), found.end()) for found in re.finditer(r"[a-zA-Zﬁİ]{2,}", text)]
    gaps = [Span(word.start - 1, word.start) for word in words]
    found = one(minilm, Passage("", text, (*words, *gaps))).sentences.any(axis=1)
    assert found[: len(words)].all()
    assert not found[len(words) :].any()


def test_a_sentence_beyond_the_window_has_a_zero_vector(minilm: MiniLMEmbedder) -> None:
    text = "word " * 400
    vectors = one(minilm, Passage("", text, (Span(0, 4), Span(1500, 1504))))
    assert vectors.sentences[0].any()
    assert not vectors.sentences[1].any()


def test_a_huge_title_leaves_most_of_the_window_to_the_text(minilm: MiniLMEmbedder) -> None:
    text = "word " * 300
    tokens = [Span(start, start + 4) for start in range(0, len(text), 5)]
    vectors = one(minilm, Passage("title " * 1000, text, tuple(tokens)))
    assert int(vectors.sentences.any(axis=1).sum()) == 254 - 64


def test_a_short_text_leaves_its_room_to_the_title(minilm: MiniLMEmbedder) -> None:
    title = "alpha " * 100
    with_tail, without = (one(minilm, Passage(head, FIRST)).chunk for head in (title + "pancakes", title))
    assert not np.array_equal(with_tail, without)


def test_context_takes_part_in_the_chunk_vector(minilm: MiniLMEmbedder) -> None:
    bare, titled = (one(minilm, Passage(title, "It takes two days.")).chunk for title in ("", "Refunds"))
    refunds = minilm.embed_query("how long does a refund take")
    assert titled @ refunds > bare @ refunds


@pytest.mark.parametrize(
    "text", ["", "   \n", "\x00", "\ud800", "a\udfffb", "🦊" * 5000, "x" * 200_000, "\n" * 50_000]
)
def test_hostile_texts_still_have_a_finite_unit_vector(minilm: MiniLMEmbedder, text: str) -> None:
    vectors = one(minilm, Passage(text, text, (Span(0, len(text)),)))
    assert np.linalg.norm(vectors.chunk) == pytest.approx(1, abs=1e-5)
    assert np.isfinite(vectors.sentences).all()


def test_the_same_text_has_the_same_bytes_whatever_its_neighbours(minilm: MiniLMEmbedder) -> None:
    texts = [f"{FIRST} {number} " * (1 + number % 7) for number in range(24)]
    together = minilm.embed_documents(texts)
    alone = np.stack([minilm.embed_documents([text])[0] for text in texts])
    assert together.tobytes() == alone.tobytes() == minilm.embed_documents(texts[::-1])[::-1].tobytes()
    assert minilm.embed_query(texts[3]).tobytes() == alone[3].tobytes()


def test_a_remembered_query_cannot_be_spoilt_by_its_reader(minilm: MiniLMEmbedder) -> None:
    kept = minilm.embed_query(FIRST).copy()
    minilm.embed_query(FIRST)[:] = 0
    assert np.array_equal(minilm.embed_query(FIRST), kept)


def test_passages_stream_in_order_with_a_bounded_look_ahead(minilm: MiniLMEmbedder) -> None:
    taken = 0

    def passages() -> Iterator[Passage]:
        nonlocal taken
        for number in range(200):
            taken += 1
            yield Passage("", f"Item number {number} " * (20 if number % 5 == 0 else 1))

    stream = minilm.embed_passages(passages())
    for number, vectors in zip(range(40), stream, strict=False):
        assert taken <= number + LOOK_AHEAD * minilm.threads + 1
        expected = f"Item number {number} " * (20 if number % 5 == 0 else 1)
        assert np.array_equal(vectors.chunk, minilm.embed_documents([expected])[0])
    stream.close()  # type: ignore[attr-defined]
    assert taken < 60


def test_one_thread_gives_the_same_bytes_as_two(minilm: MiniLMEmbedder) -> None:
    texts = [FIRST, SECOND, FIRST + SECOND]
    single = MiniLMEmbedder(threads=1)
    assert single.embed_documents(texts).tobytes() == minilm.embed_documents(texts).tobytes()


def test_an_error_in_the_input_reaches_the_caller(minilm: MiniLMEmbedder) -> None:
    def broken() -> Iterator[Passage]:
        yield Passage("", FIRST)
        raise LookupError("the source is gone")

    with pytest.raises(LookupError, match="the source is gone"):
        list(minilm.embed_passages(broken()))


def test_no_texts_give_no_rows(minilm: MiniLMEmbedder) -> None:
    assert minilm.embed_documents([]).shape == (0, 384)
    assert list(minilm.embed_passages([])) == []
    assert one(minilm, Passage("", FIRST)).sentences.shape == (0, 384)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "SHA256SUMS"])
def test_a_missing_file_is_named_with_the_next_step(tmp_path: Path, name: str) -> None:
    model = shutil.copytree(DIRECTORY, tmp_path / "minilm")
    (model / name).unlink()
    with pytest.raises(NotReady, match=f"{name} cannot be read.*build_minilm") as caught:
        MiniLMEmbedder(directory=model)
    assert caught.value.code == "embedder_missing"


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_one_flipped_bit_is_found_before_anything_is_embedded(tmp_path: Path, name: str) -> None:
    model = shutil.copytree(DIRECTORY, tmp_path / "minilm")
    content = bytearray((model / name).read_bytes())
    content[len(content) // 2] ^= 1
    (model / name).write_bytes(content)
    with pytest.raises(NotReady, match=f"{name} is damaged"):
        MiniLMEmbedder(directory=model)


def test_importing_the_floor_loads_no_model_library() -> None:
    code = (
        "import sys, ragchat.models; "
        "print(sorted({'onnxruntime', 'tokenizers', 'langchain', 'langchain_core', 'openai'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_the_name_in_the_settings_loads_it() -> None:
    assert load_embedder("local:minilm", threads=1).spec.name == "local:minilm"


def test_the_runtime_of_the_models_keeps_and_reports_nothing(tmp_path: Path) -> None:
    """Its wheels write a device's id into the cache of the user and send events, unless they are told not to."""
    code = "from ragchat.models.loading import load_embedder\nload_embedder('local:minilm').embed_query('a word')"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    environment = kept | {"HOME": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("ORT_DISABLE_TELEMETRY", None)
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    assert list(tmp_path.rglob("*")) == []
