"""Pictures of the chat page and the widget for the documentation, from a running `make demo`.

Usage: `build_screenshots.py [FOLDER [ADDRESS]]`. Writes chat.png, viewer.png, widget.png, phone.png and admin.png
(docs/img by default) with Debian's chromium.
"""

import sys
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page, expect, sync_playwright

FOLDER: Final = Path(__file__).resolve().parent.parent / "docs" / "img"
ADDRESS: Final = "http://127.0.0.1:8000"
QUESTION: Final = "How long is the warranty of a Tern T3?"
BEYOND: Final = "Who won the football world cup in 1998?"


def ask(page: Page, question: str) -> None:
    page.get_by_role("textbox").last.fill(question)
    page.keyboard.press("Enter")
    expect(page.locator(".turn").last).to_have_attribute("aria-busy", "false", timeout=20_000)


def chat(browser: Browser, address: str, folder: Path) -> None:
    page = browser.new_page(viewport={"width": 1200, "height": 760}, locale="en-GB")
    page.goto(address)
    ask(page, QUESTION)
    page.locator(".ref").first.hover()
    expect(page.locator(".bubble")).to_be_visible()
    page.screenshot(path=folder / "chat.png")
    page.mouse.move(5, 5)
    page.locator(".card").first.click()
    expect(page.locator("canvas.sheet")).to_have_attribute(
        "aria-label", "Page 7 of Tern T3 and Tern T3 Cryo user manual"
    )
    page.screenshot(path=folder / "viewer.png")
    page.close()


def widget(browser: Browser, address: str, folder: Path) -> None:
    page = browser.new_page(viewport={"width": 1200, "height": 760}, locale="en-GB")
    page.goto(f"{address}/demo")
    page.locator(".launcher").click()
    ask(page, BEYOND)
    page.screenshot(path=folder / "widget.png")
    page.close()
    phone = browser.new_page(
        viewport={"width": 360, "height": 680}, locale="en-GB", color_scheme="dark", device_scale_factor=2
    )
    phone.goto(f"{address}/demo")
    phone.locator(".launcher").click()
    ask(phone, QUESTION)
    phone.screenshot(path=folder / "phone.png")
    phone.close()


def admin(browser: Browser, address: str, folder: Path) -> None:
    page = browser.new_page(viewport={"width": 1200, "height": 760}, locale="en-GB")
    page.goto(f"{address}/admin")
    expect(page.locator("tbody tr").first).to_be_visible()
    page.screenshot(path=folder / "admin.png")
    page.close()


def main() -> int:
    given = sys.argv[1:]
    folder, address = Path(given[0]) if given else FOLDER, given[1] if len(given) > 1 else ADDRESS
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        chat(browser, address, folder)
        widget(browser, address, folder)
        admin(browser, address, folder)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
