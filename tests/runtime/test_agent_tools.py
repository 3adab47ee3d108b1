"""Tools of an installed package, found by its entry points as any installer writes them."""

import sys
from pathlib import Path

import pytest

from ragchat.errors import NotReady, UsageError
from ragchat.runtime.agent_tools import own_tools

MODULE = '''
def opening_hours(site: str) -> str:
    """When a site is open."""
    return f"{site} opens at seven."

async def weather(place: str) -> str:
    """The weather of a place."""
    return f"Rain in {place}."
'''


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shop_tools.py").write_text(MODULE, "utf-8")
    about = tmp_path / "shop_tools-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: shop-tools\nVersion: 1.0\n", "utf-8")
    offered = "hours = shop_tools:opening_hours\nweather = shop_tools:weather\ngone = shop_tools:gone\n"
    (about / "entry_points.txt").write_text(f"[ragchat_tools]\n{offered}", "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    sys.modules.pop("shop_tools", None)


@pytest.mark.usefixtures("package")
async def test_functions_of_a_package_become_tools() -> None:
    hours, weather = own_tools(["hours", "weather"])
    assert (hours.name, hours.description) == ("hours", "When a site is open.")
    assert await hours.ainvoke({"site": "Ostend"}) == "Ostend opens at seven."
    assert await weather.ainvoke({"place": "Ostend"}) == "Rain in Ostend."


@pytest.mark.usefixtures("package")
def test_a_name_that_nobody_offers_is_told_with_those_that_are() -> None:
    with pytest.raises(UsageError, match="'stock'") as refused:
        own_tools(["hours", "stock"])
    assert "gone, hours, weather" in refused.value.hint


@pytest.mark.usefixtures("package")
def test_a_tool_that_cannot_be_loaded_stops_the_start() -> None:
    with pytest.raises(NotReady, match="'gone' cannot be loaded"):
        own_tools(["gone"])


def test_without_a_choice_nothing_is_looked_for() -> None:
    assert own_tools([]) == ()
