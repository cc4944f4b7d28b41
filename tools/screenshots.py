"""Photograph the main pages of a running demo into docs/images: `python tools/screenshots.py` beside `make run`."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("DATA_DIR", ROOT / "var"))
IMAGES = ROOT / "docs" / "images"
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}


def login(page: Page, url: str) -> None:
    """Log in as the demo's bookkeeper."""
    words = (DATA_DIR / "demo-login.txt").read_text().split()
    page.goto(url)
    page.fill("input[name=username]", words[1])
    page.fill("input[name=password]", words[2])
    page.click("button[type=submit]")
    page.wait_for_load_state("networkidle")


def photograph(page: Page, name: str, *, whole: bool = False) -> None:
    """Keep what the page shows now."""
    page.wait_for_load_state("networkidle")
    page.screenshot(path=IMAGES / f"{name}.png", full_page=whole)


def main() -> int:
    """Go the way of a bookkeeper's morning."""
    try:
        url = json.loads((DATA_DIR / "up.json").read_text())["PUBLIC_URL"]
    except FileNotFoundError:
        print("Nothing runs on this data. Start it first: make run", file=sys.stderr)
        return 1
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport=DESKTOP)  # type: ignore[arg-type]  # a plain dict
        login(page, url)
        photograph(page, "desk")
        page.goto(f"{url}/vouchers/voucher/")
        photograph(page, "vouchers")
        for state, name in (("awaiting_approval", "voucher"), ("blocked", "blocked")):
            page.goto(f"{url}/vouchers/voucher/?state={state}")
            page.click("a[href*='/vouchers/voucher/'][href$='/change/']")
            page.wait_for_load_state("networkidle")
            for summary in page.query_selector_all("summary:has-text('Why?')")[:3]:
                summary.click()
            photograph(page, name, whole=name == "voucher")
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a plain dict
        page.goto(url)
        photograph(page, "desk-phone")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
