"""A window that shows pictures one after the other, by Tk, which comes with Python."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError

CLOSING = ("<Escape>", "q", "Q")
"""Keys that close the window, besides its own button."""


class Window:
    """Open until the user closes it.

    Raises:
        MienError: Python without Tk, or a machine without a display.
    """

    def __init__(self, title: str) -> None:
        try:
            import tkinter
        except ImportError as error:
            raise MienError(
                "--show needs Tk, which this Python lacks: install python3-tk, or leave out --show and use --out"
            ) from error
        try:
            self._root = tkinter.Tk(className="mien")
        except tkinter.TclError as error:
            raise MienError(
                "--show needs a display, and there is none here; leave out --show, or use the page of `mien serve`"
            ) from error
        self._root.title(title)
        self._label = tkinter.Label(self._root, borderwidth=0)
        self._label.pack()
        self._photo: Any = None  # Tk shows nothing of a picture that nobody holds
        self._error = tkinter.TclError
        self.open = True
        self._root.protocol("WM_DELETE_WINDOW", self._end)
        for key in CLOSING:
            self._root.bind(key, lambda event: self._end())

    def show(self, image: NDArray[np.uint8]) -> None:
        """Show a uint8 RGB picture (h, w, 3) and hear what the user does; nothing once it is closed."""
        from PIL import Image, ImageTk

        if not self.open:
            return
        try:
            self._photo = ImageTk.PhotoImage(Image.fromarray(image), master=self._root)
            self._label.configure(image=self._photo)
            self._root.update()
        except self._error:  # closed in this very moment
            self.open = False

    def close(self) -> None:
        """Close it; again does no harm."""
        self.open = False
        with suppress(self._error):
            self._root.destroy()

    def _end(self) -> None:
        self.open = False
