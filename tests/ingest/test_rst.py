"""reStructuredText is read: its tables have rows, its notes say what they are, its links lead somewhere."""

import pytest

from ingest.extract import Extracted, extract
from ragchat.documents.blocks import check_blocks
from tests.support.outlines import outline


def read(source: str) -> Extracted:
    extracted = extract(source.encode(), "page.rst")
    check_blocks(extracted.blocks, extracted.text)
    return extracted


def built(source: str) -> list[str]:
    extracted = read(source)
    return outline(extracted.blocks, extracted.text)


def rows(source: str) -> list[str]:
    return [line for line in read(source).text.splitlines() if line.startswith("|") and "---" not in line]


def test_a_table_drawn_with_lines_keeps_what_spans_its_cells() -> None:
    source = (
        "+-----------+-------+\n| Group     | Rest  |\n+-----+-----+       |\n| A   | B   | more  |\n"
        "+=====+=====+=======+\n"
        "| one | 2   | 3     |\n| two |     |       |\n+-----+-----+-------+\n"
        "| both      | 4     |\n+-----+-----+-------+\n"
        "| r   | x   | y     |\n|     +-----+-------+\n|     | z   | w     |\n+-----+-----+-------+\n"
    )
    assert rows(source) == [
        "| Group / A | Group / B | Rest more |",
        "| one two | 2 | 3 |",
        "| both | both | 4 |",
        "| r | x | y |",
        "| r | z | w |",
    ]


def test_a_table_by_columns_joins_what_goes_on_below() -> None:
    source = (
        "===== ===== ======\n   In       Out\n----------- ------\n A     B    A or B\n===== ===== ======\n"
        "F     F     F\nT     T     T\n            of all\n===== ===== ======\n"
    )
    assert rows(source) == ["| In / A | In / B | Out / A or B |", "| F | F | F |", "| T | T | T of all |"]


def test_lists_inside_of_cells_and_other_signs_keep_a_table_in_form() -> None:
    source = (
        ".. list-table::\n   :header-rows: 1\n\n   - * Pier\n     * Days\n   - * East\n     * - Monday\n"
        "       - Friday\n   - * West\n     *\n"
    )
    assert rows(source) == ["| Pier | Days |", "| East | Monday Friday |", "| West |  |"]


def test_tables_as_lists_and_as_csv_have_rows_and_captions() -> None:
    source = (
        ".. list-table:: Codes\n   :header-rows: 1\n\n   * - Code\n     - Cause\n   * - E1\n     - lid\n       open\n\n"
        '.. csv-table:: Rates\n   :header: "Day", "Rate"\n\n   "Sunday", "9, flat"\n'
    )
    assert built(source) == [
        "paragraph: Codes",
        "table <- Codes",
        "  header: | Code | Cause |",
        "  row: | E1 | lid open | <- | Code | Cause |",
        "paragraph: Rates",
        "table <- Rates",
        "  header: | Day | Rate |",
        "  row: | Sunday | 9, flat | <- | Day | Rate |",
    ]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (".. note:: Short.\n", "Note: Short."),
        (".. danger:: High voltage\n   Stay away.\n", "Danger: High voltage\nStay away."),
        (".. seealso::\n\n   The manual.\n", "See also: The manual."),
        (".. versionchanged:: 2.4\n   It was 11.\n", "Changed in version 2.4: It was 11."),
        (".. deprecated:: 2.5\n", "Deprecated since version 2.5"),
        (".. admonition:: For fitters\n\n   Use key 12.\n", "For fitters\n\nUse key 12."),
        (".. figure:: x.png\n   :alt: red wire\n\n   The plan.\n", "[Image: red wire]\n\nThe plan."),
        (".. toctree::\n   :maxdepth: 1\n\n   other\n\n.. include:: x.txt\n\n.. a comment\n   on\n\nText.", "Text."),
        (".. |p| replace:: D3\n\nThe |p| and |q|.\n", "The D3 and |q|."),
        ("See `form <https://x.y/f>`_ and `list`_.\n\n.. _list: https://x.y/l\n",
         "See [form](https://x.y/f) and [list](https://x.y/l)."),
        ("A word_ and `that`__.\n\n.. _word: a@b.example\n__ https://x.y/t\n",
         "A [word](a@b.example) and [that](https://x.y/t)."),
        (":ref:`The guide <guide>`, :class:`~a.b.C`, :abbr:`LO (lock out)`, :pep:`8`.\n",
         "The guide, C, LO (lock out), PEP 8."),
        ("H\\ :sub:`2`\\ O, 10\\ :sup:`6`, ``a_b_``, snake_case, \\*star\\*.\n",
         "H2O, 10⁶, `a_b_`, snake_case, *star*."),
        ("Said [1]_.\n\n.. [1] By whom\n   it was.\n", "Said [^1].\n\n[^1]: By whom it was."),
        ("Run::\n\n    make\n    test\n\nDone.\n", "Run:\n\n```\nmake\ntest\n```\n\nDone."),
        ("::\n\n  make\n", "```\nmake\n```"),
        (">>> 1 + 1\n2\n\nText.\n", "```pycon\n>>> 1 + 1\n2\n```\n\nText."),
        ("| one\n| two\n", "one\ntwo"),
    ],
)  # fmt: skip
def test_markup_is_read(source: str, text: str) -> None:
    assert read(source).text == text


def test_lists_nest_by_their_indent_and_keep_their_labels() -> None:
    source = (
        "Do this:\n\n1. First\n   goes on.\n\n   a) inner\n\n2. Then\n\n   .. code:: sh\n\n      make\n\n"
        "#. last\n\n* bullet\n\n  more\n"
    )
    assert built(source) == [
        "paragraph: Do this:",
        "list <- Do this:",
        "  step: 1. First goes on.",
        "    list <- 1. First goes on.",
        "      step: a. inner",
        "  step: 2. Then",
        "    code: ```sh <- 2. Then",
        "  step: 3. last",
        "list",
        "  item: - bullet",
        "    paragraph: more",
    ]


def test_terms_fields_and_options_are_pairs() -> None:
    source = (
        "sump\n   Low part.\n\n   It is deep.\n\npurge : verb\n   To blow\n   out.\n\n"
        ":Owner: Desk\n:Valid: until\n   2028\n\n"
        "-a, --all  everything\n--file=NAME\n    the file\n"
    )
    assert built(source) == [
        "question: sump",
        "answer <- sump",
        "  paragraph: Low part.",
        "  paragraph: It is deep.",
        "pair: purge: To blow out.",
        "pair: Owner: Desk",
        "pair: Valid: until 2028",
        "pair: `-a, --all`: everything",
        "pair: `--file=NAME`: the file",
    ]


def test_tabs_and_described_objects_are_answers_to_their_titles() -> None:
    source = (
        ".. tab:: Linux\n\n   Run.\n\n.. py:function:: open(path)\n\n   Opens.\n\n   :param path: where\n"
    )
    assert built(source) == [
        "question: Linux",
        "answer: Run. <- Linux",
        "question: `open(path)`",
        "answer <- `open(path)`",
        "  paragraph: Opens.",
        "  pair: Param path: where",
    ]


def test_fields_at_the_top_are_facts_of_the_document() -> None:
    extracted = read(":Owner: Desk\n:Status: final\n\nTitle\n=====\n\nText.\n")
    assert extracted.metadata == {"owner": "Desk", "status": "final"}
    assert extracted.title == "Title"
