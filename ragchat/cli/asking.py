"""What the commands that ask golden questions share: the product on the current generation, and writing a file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ragchat.cli.options import existing_home
from ragchat.errors import StorageFailed, UsageError

if TYPE_CHECKING:
    from ragchat.evaluation.product import ProductRespondent, ProductSearcher
    from ragchat.settings import Settings


@contextmanager
def product_of(
    settings: "Settings", *, retrieval_only: bool
) -> "Iterator[tuple[ProductSearcher, ProductRespondent]]":
    """The product on the current generation, which stays open; a chat model is loaded only when it is to answer."""
    from ragchat.evaluation.product import product
    from ragchat.retrieval.search import Retriever
    from ragchat.runtime.checks import answer_choices
    from ragchat.runtime.models import Models

    models = Models(settings)
    choices = answer_choices(models, answering=not retrieval_only)
    with existing_home(settings).open(embedder=models.embedder_spec()) as generation:
        yield product(Retriever(generation, models.embedder(), models.reranker()), choices)


def check_writable(path: Path | None) -> None:
    """Raises UsageError where the folder of a file to write does not exist, or the path is a folder itself."""
    if path is not None and path.is_dir():
        raise UsageError(f"{path} is a folder.", hint="Name a file in it.")
    if path is not None and not path.absolute().parent.is_dir():
        raise UsageError(
            f"The folder of {path} does not exist.", hint="Create it, or choose another --output."
        )


def write(path: Path, text: str) -> None:
    """Raises StorageFailed."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StorageFailed(f"Cannot write {path}: {error.strerror or type(error).__name__}.") from error
