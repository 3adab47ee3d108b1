"""Titles that tell files apart: files of one name in several folders get their folder into the title.

Three documents called "Readme", or the price lists of two years, cannot be told apart in a citation by a title that is
made of their content alone.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Final

from ingest.extract.clean import humanised, one_line

_ANY_FOLDERS: Final = frozenset({"index", "_index", "readme", "default", "main", "changelog", "license"})
"""Names that every folder has: a title of their own says enough."""
DEEPEST: Final = 4
"""Folders that are looked at, from the file upwards."""


def folder_labels(keys: Iterable[str]) -> dict[str, str]:
    """For each key whose file name another key has too: the end of its folder's path that no other one has."""
    sharing: dict[str, list[str]] = defaultdict(list)
    for key in keys:
        sharing[PurePosixPath(key).name.casefold()].append(key)
    labels: dict[str, str] = {}
    for group in sharing.values():
        waiting = group if len(group) > 1 else []
        for depth in range(1, DEEPEST + 1):
            tails = {key: "/".join(PurePosixPath(key).parent.parts[-depth:]) for key in waiting}
            count = Counter(tails.values())
            labels.update((key, tail) for key, tail in tails.items() if tail and count[tail] == 1)
            waiting = [key for key, tail in tails.items() if count[tail] > 1]
    return labels


def told_apart(title: str, key: str, labels: dict[str, str]) -> str:
    """The title with the folder of its file where that takes it."""
    label = one_line(labels.get(key, ""))
    stem = PurePosixPath(key).stem
    if not label or label.casefold() in title.casefold():
        return title
    if stem.casefold() in _ANY_FOLDERS and title.casefold() != humanised(stem).casefold():
        return title
    return f"{title} ({label})"
