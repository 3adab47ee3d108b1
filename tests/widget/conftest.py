"""Node's side of the widget: what it needs is installed once, where there is Node and a registry answers."""

from pathlib import Path

import pytest

from tests.support.node import installed


@pytest.fixture(scope="session")
def widget() -> Path:
    """The folder `widget/` with its packages installed; skips, and says why, where that cannot be."""
    return installed()
