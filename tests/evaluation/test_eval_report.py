"""The HTML report stands alone, shows evidence where it is, and takes nothing from documents as markup."""

import re
from pathlib import Path

import pytest
from eval_examples import ScriptedRespondent, WordSearcher, answered, citation, refused

from ragchat.evaluation.questions import Evidence, PastTurn, Question
from ragchat.evaluation.reporting.report import report_html
from ragchat.evaluation.result import EvalResult
from ragchat.evaluation.run import evaluate

TWO_YEARS = "The warranty lasts two years."
QUESTIONS = [
    Question(
        "w", "How long is the warranty?", evidence=(Evidence("warranty.md", 4, 12),), answers=("two years",)
    ),
    Question(
        "s",
        "Is shipping <b>free</b>?",
        evidence=(Evidence("shipping"), Evidence("absent.md", 1, 2)),
        answers=("yes",),
    ),
    Question("m", "Who walked on the moon?", False, history=(PastTurn("user", "Hello <script>"),)),
]


@pytest.fixture(scope="module")
def result() -> EvalResult:
    respondent = ScriptedRespondent(
        {
            QUESTIONS[0].question: answered(
                TWO_YEARS, citation("warranty.md", TWO_YEARS, TWO_YEARS, TWO_YEARS)
            ),
            QUESTIONS[1].question: answered("<img src=x onerror=alert(1)> & so on"),
            QUESTIONS[2].question: refused(),
        }
    )
    return evaluate(QUESTIONS, WordSearcher(), respondent)


def test_one_row_per_question_with_its_verdict(result: EvalResult) -> None:
    page = report_html(result, "warranty.jsonl")
    assert re.findall(r'<article data-verdict="(\w+)"', page) == ["right", "wrong", "refused"]


def test_evidence_is_marked_in_the_passage_and_what_was_not_retrieved_is_listed(result: EvalResult) -> None:
    page = report_html(result, "t")
    assert "The <mark>warranty</mark> lasts two years." in page
    assert "<li>absent.md [1, 2)</li>" in page


def test_nothing_from_outside_becomes_markup(result: EvalResult) -> None:
    page = report_html(result, "<i>t</i>")
    assert "<img" not in page
    assert "<b>free</b>" not in page
    assert "<i>t</i>" not in page
    assert page.count("<script>") == 1, "only our own"


def test_nothing_is_fetched_from_elsewhere(result: EvalResult) -> None:
    page = report_html(result, "t")
    assert not re.search(r"""<[^>]*(?:src|href)=|url\(|@import|https?://""", page)


@pytest.mark.browser
def test_filters_and_search_hide_rows_in_a_browser(result: EvalResult, tmp_path: Path) -> None:
    chromium = Path("/usr/bin/chromium")
    if not chromium.exists():
        pytest.skip("Debian's chromium is not installed")
    from playwright.sync_api import sync_playwright

    path = tmp_path / "report.html"
    path.write_text(report_html(result, "t"), encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(path.as_uri())
        visible = page.locator("article:visible")
        assert visible.count() == 3
        page.get_by_role("button", name="wrong").click()
        assert visible.count() == 1
        assert "shipping" in (visible.first.text_content() or "")
        page.get_by_role("searchbox").fill("moon")
        assert visible.count() == 0
        assert page.get_by_text("No question matches.").is_visible()
        page.get_by_role("button", name="all").click()
        assert visible.count() == 1
        browser.close()
