"""What is shipped: the wheel holds everything that is needed to run, and the image is built from files that exist."""

import re
import subprocess
import sys
import zipfile
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    target = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(target)]
    subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True)
    (path,) = target.glob("*.whl")
    return zipfile.ZipFile(path)


def test_the_wheel_holds_model_pages_prompts_and_types(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    for needed in (
        "ragchat/models/minilm/model.onnx",
        "ragchat/models/minilm/tokenizer.json",
        "ragchat/web/static/index.html",
        "ragchat/py.typed",
        "ingest/py.typed",
    ):
        assert needed in names
    for package in ("ragchat", "ingest"):
        data = {path for path in (REPOSITORY / package).rglob("*") if path.is_file()}
        expected = {
            path.relative_to(REPOSITORY).as_posix() for path in data if "__pycache__" not in path.parts
        }
        assert expected <= names


def test_the_wheel_brings_the_licences_and_nothing_of_the_sample(wheel: zipfile.ZipFile) -> None:
    names = wheel.namelist()
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert any(name.endswith("licenses/NOTICE") for name in names)
    assert not any(name.startswith(("corpus", "tests", "bench", "indexes", "tools")) for name in names)


def test_the_command_is_installed_by_the_wheel(wheel: zipfile.ZipFile) -> None:
    (entry,) = (name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    assert "ragchat = ragchat.cli:main" in wheel.read(entry).decode()


def test_the_image_copies_only_files_that_are_in_its_context() -> None:
    rules = (REPOSITORY / ".dockerignore").read_text().split()
    allowed = [rule.removeprefix("!") for rule in rules if rule.startswith("!")]
    dockerfile = (REPOSITORY / "Dockerfile").read_text()
    copied = [
        source
        for line in re.findall(r"^COPY (?!--from)(.+)$", dockerfile, re.MULTILINE)
        for source in line.split()[:-1]
    ]
    assert copied
    for source in copied:
        assert (REPOSITORY / source).exists(), source
        assert any(fnmatch(source, pattern) for pattern in allowed), source


def test_the_image_runs_as_an_ordinary_user_and_can_tell_its_health() -> None:
    dockerfile = (REPOSITORY / "Dockerfile").read_text()
    assert re.search(r"^USER (?!root)", dockerfile, re.MULTILINE)
    assert "HEALTHCHECK" in dockerfile
    assert "corpus" not in "".join(line for line in dockerfile.splitlines() if line.startswith("COPY"))


def test_constraints_pin_names_and_versions_only() -> None:
    lines = Path(REPOSITORY / "constraints.txt").read_text().splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert pins
    assert all(re.fullmatch(r"[a-z0-9-]+==[A-Za-z0-9.+]+", pin) for pin in pins)
