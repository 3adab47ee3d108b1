"""docs/clients.md works as it is shown: its Python is run in order, against a server over a real socket."""

import re
from pathlib import Path

import pytest

from ragchat.runtime.runtime import Runtime
from ragchat.settings import Settings
from tests.support.serving import ROUTER, served

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "clients.md").read_text("utf-8")


def test_every_block_of_python_runs_in_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "router.md").write_text(ROUTER, "utf-8")
    runtime = Runtime(Settings(_env_file=None, index_dir=tmp_path / "indexes", reranker="none"))
    runtime.bring_in("default", tmp_path / "docs", (), lambda: False)
    with served(runtime) as base:
        names: dict[str, object] = {"base": base, "index_dir": tmp_path / "indexes"}
        for match in re.finditer(r"```python\n(.*?)```", PAGE, re.S):
            padded = "\n" * PAGE.count("\n", 0, match.start(1)) + match[1]
            exec(compile(padded, "docs/clients.md", "exec"), names)
        names["snapshot"].close()  # type: ignore[attr-defined]
        names["client"].close()  # type: ignore[attr-defined]
    said = capsys.readouterr().out
    assert said.count("36 months") >= 4
    assert f"Router manual {base}/documents/" in said
