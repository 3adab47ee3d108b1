"""What a file is called: by its own title field, by its name, or by both."""

import pytest

from ingest.extract.assembly.titles import file_title


@pytest.mark.parametrize(
    ("declared", "name", "title"),
    [
        ("Tern T3 user manual", "doc-4711.pdf", "Tern T3 user manual"),
        ("", "finance/acme_2018_10K.pdf", "Acme 2018 10K"),
        ("Microsoft Word - draft7.doc", "price-list.pdf", "Price list"),
        ("PowerPoint-Präsentation", "kick-off.pptx", "Kick off"),
        ("acme-20180630x10k.htm", "acme_2018_10K.pdf", "Acme 2018 10K"),
        ("x", "price-list.pdf", "Price list"),
        ("w" * 301, "price-list.pdf", "Price list"),
        ("  Tern\nmanual ", "a.pdf", "Tern manual"),
    ],
)
def test_the_declared_title_wins_unless_a_program_left_it(declared: str, name: str, title: str) -> None:
    assert file_title(declared, name) == title


@pytest.mark.parametrize("declared", ["10-K", "Annual Report 2018", "FORM 10-K", "0001558370-19-000470"])
def test_a_title_that_fits_a_hundred_files_gets_the_name_of_the_file_beside_it(declared: str) -> None:
    assert file_title(declared, "acme_2018_10K.pdf") == f"{declared} (Acme 2018 10K)"


def test_a_file_name_that_adds_no_word_is_not_repeated() -> None:
    assert file_title("Annual Report 2018", "2018-annual-report.pdf") == "Annual Report 2018"
