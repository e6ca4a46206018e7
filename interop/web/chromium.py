"""Chromium, driven as a person would use it; what its console complains of fails the test."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from interop.programs import require_program

TIMEOUT_MILLISECONDS: Final = 15_000
_OPTIONS: Final = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
# A form that is shown again with its problems is answered 422, which Chromium calls a failure to load;
# so it does of pages that say why somebody does not get in.
_EXPECTED: Final = re.compile(r"the server responded with a status of (400|403|404|410|422|429)")


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's own, headless."""
    path = require_program("chromium", "chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(_OPTIONS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(
    browser: Browser,
    *,
    scripts: bool = True,
    width: int = 1280,
    language: str = "en-GB",
    dark: bool = False,
) -> Iterator[Page]:
    """A window with cookies of its own; the test's authority is none that browsers know."""
    context = browser.new_context(
        ignore_https_errors=True,
        java_script_enabled=scripts,
        locale=language,
        color_scheme="dark" if dark else "light",
        viewport={"width": width, "height": 900},
    )
    context.set_default_timeout(TIMEOUT_MILLISECONDS)
    complaints: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not _EXPECTED.search(message.text):
            complaints.append(f"{message.page and message.page.url}: {message.text}")

    context.on("console", heard)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    try:
        yield context.new_page()
    finally:
        context.close()
    assert complaints == []
