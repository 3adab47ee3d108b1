"""docs/extending.md works as it is shown: its Python is run in order, its places in the package are tried in a copy."""

import inspect
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.corpus.contract import test_contract_cached_embeddings, test_contract_publishing
from tests.corpus.support import Collection

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "extending.md").read_text("utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.S)


def code() -> Iterator[str]:
    """The blocks, padded so that an error names the line of the page."""
    for match in re.finditer(r"```python\n(.*?)```", PAGE, re.S):
        yield "\n" * PAGE.count("\n", 0, match.start(1)) + match[1]


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What stands in the page's namespace after its last line."""
    names: dict[str, object] = {"__name__": "extending"}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("extending"))
        for block in code():
            exec(compile(block, "docs/extending.md", "exec"), names)
    return names


def test_every_block_runs_in_order(names: dict[str, object]) -> None:
    assert {"extract", "HashedWords", "SharedWords", "Mine", "subtitles"} <= names.keys()


@pytest.mark.parametrize(
    "test",
    [
        test
        for module in (test_contract_publishing, test_contract_cached_embeddings)
        for name, test in inspect.getmembers(module, inspect.isfunction)
        if name.startswith("test_") and list(inspect.signature(test).parameters) == ["collection"]
    ],
    ids=lambda test: test.__name__,
)
def test_the_store_of_the_page_is_put_through_the_suite(
    names: dict[str, object], test, tmp_path: Path
) -> None:  # type: ignore[no-untyped-def]
    mine = names["Mine"]()  # type: ignore[operator]
    test(Collection(mine.stores(tmp_path).store("test")))


INGESTED = """
from ingest.run import ingest
from ragchat.corpus.opening import open_stores
from ragchat.models import load_embedder
store = open_stores("memory:").store("cards")
report = ingest(["cards"], store, load_embedder("local:minilm"))
with store.open() as snapshot:
    (document,) = snapshot.documents()
    print(document.title, document.media_type, [b.kind for b in snapshot.structures([document.id])[document.id].blocks])
"""


def test_the_format_of_the_page_is_read_once_it_has_its_row(names: dict[str, object], tmp_path: Path) -> None:
    shutil.copytree(ROOT / "ingest", tmp_path / "ingest", ignore=shutil.ignore_patterns("__pycache__"))
    extractor = next(block for block in BLOCKS if "def extract" in block)
    (tmp_path / "ingest" / "extract" / "cards.py").write_text(extractor, "utf-8")
    (row,) = (match for block in BLOCKS for match in re.findall(r"^row = (Format\([^)]*\))$", block, re.M))
    table = tmp_path / "ingest" / "extract" / "formats.py"
    source = table.read_text("utf-8")
    assert source.count("FORMATS: Final = (\n") == 1
    table.write_text(source.replace("FORMATS: Final = (\n", f"FORMATS: Final = (\n    {row},\n"), "utf-8")
    (tmp_path / "cards").mkdir()
    (tmp_path / "cards" / "contacts.vcf").write_bytes(names["CARDS"])  # type: ignore[arg-type]
    done = subprocess.run(
        [sys.executable, "-c", INGESTED],
        cwd=tmp_path,
        env={"PYTHONPATH": f"{tmp_path}:{ROOT}", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Contacts text/vcard ['heading', 'pair', 'pair']")
