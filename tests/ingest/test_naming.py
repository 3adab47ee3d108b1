"""Files of one name in several folders have titles that tell them apart."""

from ingest.naming import folder_labels, told_apart


def test_the_folder_that_differs_is_named() -> None:
    keys = ["billing/README.md", "kitchen/README.md", "2024/price-list.csv", "2025/price-list.csv", "a.md"]
    labels = folder_labels(keys)
    assert labels == {
        "billing/README.md": "billing",
        "kitchen/README.md": "kitchen",
        "2024/price-list.csv": "2024",
        "2025/price-list.csv": "2025",
    }
    assert told_apart("Readme", "billing/README.md", labels) == "Readme (billing)"
    assert told_apart("Price list 2024", "2024/price-list.csv", labels) == "Price list 2024"
    assert told_apart("Alone", "a.md", labels) == "Alone"


def test_as_much_of_the_path_as_it_takes() -> None:
    labels = folder_labels(["a/docs/x.md", "b/docs/x.md", "c/x.md"])
    assert labels == {"a/docs/x.md": "a/docs", "b/docs/x.md": "b/docs", "c/x.md": "c"}


def test_pages_that_every_folder_has_keep_a_title_of_their_own() -> None:
    labels = folder_labels(["leave/index.md", "travel/index.md"])
    assert told_apart("Sick leave", "leave/index.md", labels) == "Sick leave"
    assert told_apart("Index", "leave/index.md", labels) == "Index (leave)"


def test_a_file_beside_the_folders_stays_as_it_is() -> None:
    assert "README.md" not in folder_labels(["README.md", "x/README.md"])
