"""What a sentence is: the units that are scored, quoted and cited."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragchat.documents import Span
from ragchat.language.sentences import MAX_UNIT, prose_spans, sentence_spans, whole_spans


def units(text: str) -> list[str]:
    return [span.of(text) for span in sentence_spans(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One is here. Two is there.", ["One is here.", "Two is there."]),
        ("Ask Dr. Smith, e.g. at noon. Go.", ["Ask Dr. Smith, e.g. at noon.", "Go."]),
        ("See No. 5 of Fig. 3 on p. 12. Next.", ["See No. 5 of Fig. 3 on p. 12.", "Next."]),
        ("He said no. She left.", ["He said no.", "She left."]),
        (
            "Der 2. Weltkrieg endete am 8. Mai. Danach war Ruhe.",
            ["Der 2. Weltkrieg endete am 8. Mai.", "Danach war Ruhe."],
        ),
        ("L'art. 5 s'applique. Voilà.", ["L'art. 5 s'applique.", "Voilà."]),
        ("She won 3 and 2. We left at 5. The end.", ["She won 3 and 2.", "We left at 5.", "The end."]),
        ("Open the app. Press Start.", ["Open the app.", "Press Start."]),
        ("The U.S. Army moved. It stopped in the U.S. The rest did not.", None),
        ("It was written by J. R. R. Tolkien. Really.", ["It was written by J. R. R. Tolkien.", "Really."]),
        ("Pi is 3.14 in v1.2.3 here. See https://a.b/c.d?x=1. Done.", None),
        ('"Why?" he asked. "Go away!" Then he left.', ['"Why?" he asked.', '"Go away!"', "Then he left."]),
        ("(All of it is true.) Some is not.", ["(All of it is true.)", "Some is not."]),
        ("He waited... and left. Well… Maybe not.", ["He waited... and left.", "Well…", "Maybe not."]),
        ("Built in 1960.[12] Burnt in 1975.", ["Built in 1960.[12]", "Burnt in 1975."]),
        ("It costs 99.[^1] It is paid later.", ["It costs 99.[^1]", "It is paid later."]),
        ("Really?! Yes! Yahoo! is a name.", ["Really?!", "Yes!", "Yahoo! is a name."]),
        ("東京は大きい。人が多い。終わり", ["東京は大きい。", "人が多い。", "終わり"]),
        (
            "study of a wing in a slipstream . an experiment was made .",
            ["study of a wing in a slipstream .", "an experiment was made ."],
        ),
    ],
)
def test_prose_is_split_at_its_real_full_stops(text: str, expected: list[str] | None) -> None:
    if expected is None:
        expected = {
            "The U": ["The U.S. Army moved.", "It stopped in the U.S.", "The rest did not."],
            "Pi is": ["Pi is 3.14 in v1.2.3 here.", "See https://a.b/c.d?x=1.", "Done."],
        }[text[:5]]
    assert units(text) == expected


def test_hard_wrapped_lines_are_joined_and_deliberate_ones_are_not() -> None:
    wrapped = (
        "A paragraph that was wrapped by an editor at about\nforty columns goes on. It has\ntwo sentences."
    )
    assert units(wrapped) == [
        "A paragraph that was wrapped by an editor at about\nforty columns goes on.",
        "It has\ntwo sentences.",
    ]
    titled = "Oral Argument\nThe lawyer will present the argument to the judges of the court in person."
    assert units(titled)[0] == "Oral Argument"


def test_every_list_item_is_a_unit_with_its_continuation_lines() -> None:
    text = "Steps:\n- Open it. Look inside.\n- Close\n  it\n1. First\n2. Second\n(a) third\n"
    assert units(text) == [
        "Steps:",
        "- Open it. Look inside.",
        "- Close\n  it",
        "1. First",
        "2. Second",
        "(a) third",
    ]


def test_a_long_list_item_is_split_like_prose() -> None:
    item = "- " + " ".join(f"Sentence number {n} says a little more than nothing." for n in range(8))
    assert len(units(item)) == 8


def test_headings_are_units_of_their_own_with_their_underline() -> None:
    text = "# One\nText of one.\n\nTwo\n===\nText of two.\n\n=====\nThree\n=====\nText."
    assert units(text) == [
        "# One",
        "Text of one.",
        "Two\n===",
        "Text of two.",
        "=====\nThree\n=====",
        "Text.",
    ]


def test_a_table_row_is_a_unit_and_the_separator_stays_with_the_header() -> None:
    pipes = "| Plan | Price |\n|------|-------|\n| Pro. | 5.00  |\n| Max  | 9.00  |"
    assert units(pipes) == ["| Plan | Price |\n|------|-------|", "| Pro. | 5.00  |", "| Max  | 9.00  |"]
    assert units("Plan | Price\nPro | 5. Or 6.\n") == ["Plan | Price", "Pro | 5. Or 6."]


def test_code_is_never_split_inside_a_line() -> None:
    fenced = "```python\nx = 1. \ny = f(2). Z\n```"
    assert units(fenced) == [fenced]
    indented = "Run this.\n\n    make. All\n    x = {1}; y = (2)\n\nThen stop."
    assert units(indented) == ["Run this.", "make. All\n    x = {1}; y = (2)", "Then stop."]
    long = "```\n" + "\n".join(f"line_{n} = call({n})" for n in range(80)) + "\n```"
    assert all(part.endswith((")", "```")) and len(part) <= MAX_UNIT for part in units(long))


def test_a_run_on_unit_is_cut_at_a_clause() -> None:
    clauses = ", ".join(f"clause number {n} of a sentence that does not end" for n in range(30))
    parts = units(clauses)
    assert all(len(part) <= MAX_UNIT for part in parts)
    assert all(part.endswith(",") for part in parts[:-1])


def test_a_part_of_a_text_gives_spans_of_the_whole_text() -> None:
    text = "Zero. One is here. Two is there. Three."
    spans = sentence_spans(text, 6, 32)
    assert [span.of(text) for span in spans] == ["One is here.", "Two is there."]


PIECES = st.sampled_from(
    ["A b. ", "word ", "Dr. ", "\n", "\n\n", "- ", "1. ", "| a | b |", "|---|", "```", "    ", "# ", "===",
     "。", "…", '."', "e.g. ", "U.S. ", "\t", "\u00a0", "\u2028", "x" * 90, ", ", "[1]"]
)  # fmt: skip


@given(st.one_of(st.text(max_size=300), st.lists(PIECES, max_size=60).map("".join)))
def test_spans_cover_every_character_that_is_not_white_space_exactly_once(text: str) -> None:
    spans = sentence_spans(text)
    at = 0
    for span in spans:
        assert span.start < span.end
        assert not text[at : span.start].strip()
        assert span.of(text) == span.of(text).strip()
        assert len(span) <= MAX_UNIT or "\n" in span.of(text)
        at = span.end
    assert not text[at:].strip()


@pytest.mark.parametrize(
    "unit", [".", "a. ", "- a\n", "|", "```\n", "x", "No. ", "=\n", '."', "    x=1\n\n", "    x\n\n", "。"]
)
@pytest.mark.timeout(60)
def test_hostile_text_takes_linear_time(unit: str) -> None:
    # A quadratic step would take hours on 100,000 repetitions; the limit above only ends such a run.
    assert sentence_spans(unit * 100_000)


def test_a_run_in_label_stays_with_its_sentence() -> None:
    assert units("**The cause.** A deploy filled the queue. It was undone.") == [
        "**The cause.** A deploy filled the queue.",
        "It was undone.",
    ]
    assert units("*Handbook, chapter 3. Valid from May.* Leave is paid.")[0].startswith(
        "*Handbook, chapter 3. Valid from May.*"
    )


def test_known_prose_is_only_cut_at_its_full_stops() -> None:
    text = "| That is a cell. It is prose.\n# So is this. And that."
    assert [span.of(text) for span in prose_spans(text, 0, len(text))] == [
        "| That is a cell.", "It is prose.", "# So is this.", "And that.",
    ]  # fmt: skip
    assert prose_spans("a  \n b", 1, 5) == []


def test_a_whole_is_cut_only_where_it_is_too_long() -> None:
    row = "| One sentence. Another. | x |"
    assert [span.of(row) for span in whole_spans(row, Span(0, len(row)))] == [row]
    long = "| " + "word " * 200 + "|"
    assert all(len(span) <= MAX_UNIT for span in whole_spans(long, Span(0, len(long))))
