"""The pages: everything comes from the package, nothing inline or remote is allowed to run."""

import re

import httpx
import pytest

from ragchat.web.routers.pages import STATIC


@pytest.mark.parametrize("path", ["/", "/docs", "/documents/d1"])
async def test_pages_forbid_everything_remote_and_inline(client: httpx.AsyncClient, path: str) -> None:
    response = await client.get(path)
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    for address in re.findall(r"(?:src|href)=\"([^\"]+)\"", response.text):
        assert address.startswith(("/", "#"))
        if address.startswith("/static/"):
            assert (await client.get(address)).status_code == 200


def test_no_static_file_names_a_remote_address_or_makes_markup_of_text() -> None:
    for file in (one for one in STATIC.iterdir() if one.suffix in (".html", ".css", ".svg", ".js")):
        if file.name in ("widget.js", "page.js"):
            continue  # made by a build: tests/widget/test_build.py looks at them
        source = file.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://", source), file.name
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", source), (
            file.name
        )


async def test_the_script_of_the_widget_may_be_loaded_by_other_sites(client: httpx.AsyncClient) -> None:
    response = await client.get("/widget.js")
    assert response.headers["content-type"].startswith("text/javascript")
    assert response.headers["cross-origin-resource-policy"] == "cross-origin"
    assert response.headers["cache-control"] == "no-cache"


async def test_the_demo_shop_is_served_by_the_demo_only(client: httpx.AsyncClient) -> None:
    assert (await client.get("/demo")).status_code == 404


async def test_the_schema_names_only_what_is_there(client: httpx.AsyncClient) -> None:
    schema = (await client.get("/openapi.json")).json()
    named = set(re.findall(r"#/components/schemas/([\w-]+)", str(schema)))
    assert named <= set(schema["components"]["schemas"])
    assert "Problem" in named
    assert "HTTPValidationError" not in schema["components"]["schemas"]


async def test_cors_is_off(client: httpx.AsyncClient) -> None:
    response = await client.get("/healthz", headers={"Origin": "https://elsewhere.example"})
    assert "access-control-allow-origin" not in response.headers
