from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time

import numpy as np
import pytest

from mien.errors import MienError
from mien.runtime.video.window import Window


def test_without_a_display_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("tkinter")
    if sys.platform != "linux":
        pytest.skip("a display is always there")
    monkeypatch.delenv("DISPLAY", raising=False)
    with pytest.raises(MienError, match="needs a display"):
        Window("x")


def test_without_tk_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tkinter", None)
    with pytest.raises(MienError, match="needs Tk"):
        Window("x")


@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="needs Xvfb")
def test_pictures_are_shown_until_it_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    server = subprocess.Popen(["Xvfb", ":97", "-screen", "0", "640x480x24"])
    try:
        monkeypatch.setitem(os.environ, "DISPLAY", ":97")
        for attempt in range(50):
            try:
                window = Window("x")
                break
            except MienError:
                if attempt == 49:
                    raise
                time.sleep(0.2)  # the server is still starting
        window.show(np.zeros((40, 60, 3), np.uint8))
        assert window._root.winfo_width() == 60
        window._root.focus_force()  # no window manager here gives it the keyboard
        window._root.update()
        window._root.event_generate("<Escape>")
        window.show(np.zeros((40, 60, 3), np.uint8))
        assert not window.open
        window.close()
    finally:
        server.terminate()
        server.wait()
