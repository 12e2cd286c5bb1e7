"""What a person does on the page, for the browser tests."""

from __future__ import annotations

import base64
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Download, FileChooser, Page

DROP = """([data, type, name]) => {
  const bytes = Uint8Array.from(atob(data), c => c.charCodeAt(0))
  const moved = new DataTransfer()
  moved.items.add(new File([bytes], name, { type }))
  const event = new DragEvent("drop", { dataTransfer: moved, bubbles: true, cancelable: true })
  document.getElementById("drop").dispatchEvent(event)
}"""


def drop(page: Page, data: bytes, name: str, mime: str) -> None:
    """Drop a file on the page, as from a folder."""
    page.evaluate(DROP, [base64.b64encode(data).decode(), mime, name])


def give(page: Page, data: bytes, name: str = "party.jpg", mime: str = "image/jpeg") -> None:
    page.set_input_files("#file", {"name": name, "mimeType": mime, "buffer": data})


def content(download: Download) -> str:
    return Path(download.path()).read_text(encoding="utf-8")


def until(page: Page, expression: str, seconds: float = 10) -> None:
    """Wait for a JavaScript expression; Playwright's own way needs eval, which the page's policy forbids."""
    deadline = time.monotonic() + seconds
    while not page.evaluate(expression):
        assert time.monotonic() < deadline, f"never came true: {expression}"
        page.wait_for_timeout(30)


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id || document.activeElement.closest('[id]')?.id"))


def tab_to(page: Page, wanted: str, most: int = 40) -> None:
    """Press Tab until the element of this id, or one inside it, has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if focused(page) == wanted:
            return
    pytest.fail(f"{wanted} is not reached by Tab")


def press_for_files(page: Page, key: str, tries: int = 3) -> FileChooser:
    """Press a key that opens the browser's choice of files, again where a busy machine lost the press."""
    from playwright.sync_api import TimeoutError as Late

    for left in range(tries, 0, -1):
        try:
            with page.expect_file_chooser(timeout=5000) as waiting:
                page.keyboard.press(key)
            return waiting.value
        except Late:
            if left == 1:
                raise
    raise AssertionError("no tries")
