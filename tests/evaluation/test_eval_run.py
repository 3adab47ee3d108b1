"""A run over golden questions gives the figures of the contract, and nothing where nothing can be measured."""

import pytest
from eval_examples import ScriptedRespondent, WordSearcher, answered, citation, passage, refused

from ragchat.answering.events import Error
from ragchat.evaluation.questions import Evidence, PastTurn, Question
from ragchat.evaluation.result import FIGURES
from ragchat.evaluation.run import evaluate
from ragchat.evaluation.scoring import FoundPassage

WARRANTY = Question(
    "w", "How long is the warranty?", evidence=(Evidence("warranty.md", 0, 29),), answers=("two years",)
)
SHIPPING = Question("s", "Is shipping free?", evidence=(Evidence("shipping"),), answers=("above 50 euros",))
MOON = Question("m", "Who walked on the moon?", answerable=False)
TWO_YEARS = "The warranty lasts two years."


def respondent() -> ScriptedRespondent:
    return ScriptedRespondent(
        {
            WARRANTY.question: answered(TWO_YEARS, citation("warranty.md", TWO_YEARS, TWO_YEARS, TWO_YEARS)),
            SHIPPING.question: refused(),
            MOON.question: answered("Parcels leave daily. So do I."),
        },
        {WARRANTY.question: 0.9, SHIPPING.question: 0.4, MOON.question: 0.4},
    )


def test_the_figures_of_answered_questions() -> None:
    figures = evaluate([WARRANTY, SHIPPING, MOON], WordSearcher(), respondent()).as_json()
    assert figures["questions"] == 3
    assert figures["answers"] == {"answerable": 2, "contained": 0.5, "mean_words": 5, "false_refusals": 0.5}
    assert figures["refusal"] == {"unanswerable": 1, "false_answers": 1, "auroc": 0.75}
    assert figures["citations"] == {
        "sentences": 3,
        "cited": pytest.approx(1 / 3),
        "verified": pytest.approx(1 / 3),
    }


def test_retrieval_only_never_answers_and_says_null() -> None:
    output = evaluate([WARRANTY, SHIPPING, MOON], WordSearcher()).as_json()
    assert output["answers"] == {
        "answerable": 2,
        "contained": None,
        "mean_words": None,
        "false_refusals": None,
    }
    assert output["refusal"] == {"unanswerable": 1, "false_answers": None, "auroc": None}
    assert output["citations"] == {"sentences": 0, "cited": None, "verified": None}
    retrieval = output["retrieval"]
    assert isinstance(retrieval, dict)
    assert (retrieval["recall_at_1"], retrieval["hit_at_5"], retrieval["span_recall"]) == (1, 1, 1)


def test_the_json_has_exactly_the_keys_of_the_contract_and_the_rows() -> None:
    output = evaluate([MOON], WordSearcher()).as_json()
    assert list(output) == [
        "questions",
        "retrieval",
        "answers",
        "refusal",
        "citations",
        "latency_ms",
        "results",
    ]
    expected = [
        *(
            "recall_at_1",
            "recall_at_3",
            "recall_at_5",
            "recall_at_10",
            "recall_at_20",
            "hit_at_5",
            "mrr_at_10",
        ),
        *("ndcg_at_10", "span_recall", "span_precision", "span_iou"),
    ]
    assert output["retrieval"] == dict.fromkeys(expected)
    latency = output["latency_ms"]
    assert isinstance(latency, dict)
    assert list(latency) == ["p50", "p95"]
    assert 0 < latency["p50"] <= latency["p95"]


def test_every_figure_has_a_path_of_its_own() -> None:
    assert len({figure.path for figure in FIGURES}) == len(FIGURES)
    assert len({figure.name for figure in FIGURES}) == len(FIGURES), (
        "a bare name must be enough for --require"
    )


def test_history_reaches_search() -> None:
    follow_up = Question(
        "f", "And for them?", evidence=(Evidence("returns.md"),), history=(PastTurn("user", "Returns?"),)
    )
    result = evaluate([follow_up], WordSearcher())
    assert result.figures["retrieval.recall_at_1"] == 1


def test_a_failed_answer_is_counted_and_told() -> None:
    failing = ScriptedRespondent({MOON.question: Error("upstream_failed", "The model is away.", True)})
    result = evaluate([MOON], WordSearcher(), failing)
    assert result.judged[0].row.verdict == "failed"
    assert result.figures["refusal.false_answers"] is None
    assert result.warnings == ("1 of 1 answers failed; the first: upstream_failed: The model is away.",)


def test_drafts_are_told() -> None:
    draft = Question("d", "What is free?", draft=True)
    assert evaluate([draft], WordSearcher()).warnings == ("1 of 1 questions are unchecked drafts",)


def test_progress_counts_to_the_end() -> None:
    seen: list[tuple[int, int]] = []
    evaluate([WARRANTY, MOON], WordSearcher(), progress=lambda done, total: seen.append((done, total)))
    assert seen == [(0, 2), (1, 2), (2, 2)]


class ManyPassages:
    """Twenty-five passages of one document stand before those of thirty others."""

    def search(self, question: str, history: object, top_k: int) -> list[FoundPassage]:
        first = [passage("warranty.md")] * 25
        others = [FoundPassage(f"id {n}", f"{n}.md", "", 0, 1, "x", 0.1) for n in range(30)]
        return [*first, *others][:top_k]


def test_the_ranking_goes_deep_enough_for_twenty_documents() -> None:
    question = Question("q", "?", evidence=(Evidence("18.md"), Evidence("19.md")))
    result = evaluate([question], ManyPassages())
    assert result.figures["retrieval.recall_at_20"] == 0.5, "18.md is the twentieth document, 19.md the next"
    assert len(result.judged[0].passages) == 5
