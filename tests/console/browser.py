"""A real browser for the console: every request that it makes is recorded, and every script that runs is told."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from tests.console.site import PASSWORD, Site

CHROMIUM = which("chromium") or "/usr/bin/chromium"
SIZES = ((1280, 720), (1024, 640))
PATIENCE = 90_000
"""Milliseconds."""
PAINTED = "() => document.readyState === 'complete' && performance.getEntriesByType('paint').length > 0"
"""Nobody presses a key on a page that is not there yet, and what is pressed before its first paint is lost."""


@dataclass
class Seen:
    """What a browser did."""

    page: Any
    site: Site
    folder: Path
    asked: list[str] = field(default_factory=list)
    """Addresses of all requests, those of frames and of prefetching too."""
    alarms: list[str] = field(default_factory=list)
    """Dialogs, errors of pages, what the policy had to stop, popups."""
    scripts: bool = True
    """Whether the browser runs scripts; one that does not cannot be asked what it has painted."""

    def sign_in(self, name: str) -> None:
        """By the form."""
        self.page.goto(f"{self.site.base}/sign-in")
        self.page.fill("input[name=name]", name)
        self.page.fill("input[name=password]", PASSWORD)
        self.page.press("input[name=password]", "Enter")
        self.page.wait_for_url("**/today")
        self.painted()

    def go(self, path: str) -> None:
        """Open a page of the console."""
        answer = self.page.goto(self.site.base + path)
        assert answer is not None and answer.status < 400, path
        self.painted()

    def painted(self) -> None:
        """Wait until the page is on the screen, with its style and its scripts."""
        if self.scripts:
            self.page.wait_for_function(PAINTED)
        else:
            self.page.wait_for_load_state("load")

    def shoot(self, name: str) -> None:
        """A screenshot into the test's folder, and into ADWATCH_TEST_SCREENSHOTS."""
        size = self.page.viewport_size
        folders = [self.folder]
        if os.environ.get("ADWATCH_TEST_SCREENSHOTS"):
            folders.append(Path(os.environ["ADWATCH_TEST_SCREENSHOTS"]))
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=folder / f"{name}-{size['width']}x{size['height']}.png")

    def foreign(self) -> list[str]:
        """Requests that left the console."""
        return [url for url in self.asked if not url.startswith((self.site.base + "/", "about:", "data:"))]


def filtered(page: Any, name: str, label: str, value: str) -> None:
    """Choose in a filter, which is sent as it changes: by the page's script, so by nobody before the page is painted."""
    page.wait_for_function(PAINTED)
    page.select_option(f"select[name={name}]", label=label)
    page.wait_for_url(f"**{name}={value}**")


@contextmanager
def browsing(site: Site, folder: Path, size: tuple[int, int] = SIZES[0]) -> Iterator[Seen]:
    """A fresh profile of Debian's chromium; skips only where there is none."""
    if not Path(CHROMIUM).exists():
        pytest.skip("chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"])
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="zh-CN")
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        seen = Seen(page, site, folder)
        context.on("request", lambda request: seen.asked.append(request.url))
        context.on("page", lambda _: seen.alarms.append("another page"))
        page.on("dialog", lambda dialog: (seen.alarms.append(f"dialog {dialog.message}"), dialog.dismiss()))
        page.on("pageerror", lambda error: seen.alarms.append(f"error {error}"))
        page.on("console", lambda said: seen.alarms.append(said.text) if said.type == "error" else None)
        try:
            yield seen
        finally:
            browser.close()
