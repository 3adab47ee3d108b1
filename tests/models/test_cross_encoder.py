"""The second reader in the package: what it grades, and that nothing but the pair decides a grade."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ragchat.errors import NotReady
from ragchat.models.cross_encoder import DIRECTORY, NAME, CrossEncoder
from ragchat.models.reranker import load_reranker

QUESTION = "How long is the warranty of the pump?"
TEXTS = [
    "Pumps\nThe pump must not run dry.",
    "Pumps\nThe warranty of the bilge pump lasts 24 months.",
    "Harbour\nDogs must be kept on a lead.",
]


@pytest.fixture(scope="module")
def reader() -> CrossEncoder:
    return CrossEncoder(threads=2)


def test_the_text_that_answers_gets_the_best_grade_and_an_unrelated_one_the_worst(
    reader: CrossEncoder,
) -> None:
    dry, warranty, dogs = reader.scores(QUESTION, TEXTS)
    assert warranty > dry > dogs
    assert warranty > 0 > dogs


def test_a_grade_depends_on_its_pair_alone(reader: CrossEncoder) -> None:
    together = reader.scores(QUESTION, TEXTS)
    assert [reader.scores(QUESTION, [text])[0] for text in TEXTS] == list(together)
    with ThreadPoolExecutor(4) as pool:
        again = list(pool.map(lambda _: reader.scores(QUESTION, TEXTS), range(8)))
    assert all(list(grades) == list(together) for grades in again)
    assert list(CrossEncoder(threads=1).scores(QUESTION, TEXTS)) == list(together)


def test_nothing_to_grade_is_no_grade(reader: CrossEncoder) -> None:
    assert list(reader.scores(QUESTION, [])) == []


def test_a_long_text_is_cut_and_a_long_question_leaves_room_for_it(reader: CrossEncoder) -> None:
    text = TEXTS[1]
    filler = " and so on" * 2_000
    assert reader.scores(QUESTION, [text + filler])[0] > 0
    long_question = reader.scores(QUESTION + filler, [text, TEXTS[2]])
    assert len(long_question) == 2


@pytest.mark.parametrize("text", ["", "\ud800 lone", "\0", "🚢" * 50, "漢字" * 400])
def test_any_text_gets_a_grade(reader: CrossEncoder, text: str) -> None:
    (grade,) = reader.scores(text or "?", [text])
    assert grade == grade


def test_it_is_loaded_by_its_name() -> None:
    assert load_reranker(NAME, threads=1).name == NAME


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_a_damaged_file_is_named_with_the_next_step(tmp_path: Path, name: str) -> None:
    model = shutil.copytree(DIRECTORY, tmp_path / "reader")
    with (model / name).open("r+b") as file:
        file.seek(100)
        file.write(b"\xff\xfe")
    with pytest.raises(NotReady, match=f"{name} is damaged.*build_reader") as caught:
        CrossEncoder(directory=model)
    assert caught.value.code == "reranker_missing"
