"""OpenDR's picture: one array, channels first."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError
from mien.images.read import read_image

ORDERS = ("bgr", "rgb")


class Image:
    """A picture (c, h, w), uint8 in 0..255 or float32.

    OpenDR's own class casts to uint8, which turns faces in 0..1 black; here floats stay floats. Its network wants BGR,
    which is what its data sets and OpenCV hold, and takes any array as it stands; here a picture knows its order, and
    the learner turns one that is RGB.

    Args:
        data: (c, h, w), or (h, w, c) as OpenCV has it; an array, a tensor or nested lists.
        dtype: what it is cast to; None leaves uint8 alone and makes float32 of all else.
        guess_format: take an array whose last axis alone is 1 or 3 long for (h, w, c).
        channel_order: bgr | rgb: of the data.

    Raises:
        MienError: no numbers, or other than three axes; another order.
    """

    def __init__(
        self, data: Any = None, dtype: Any = None, guess_format: bool = True, channel_order: str = "bgr"
    ) -> None:
        if channel_order not in ORDERS:
            raise MienError(f"Image: channel_order {channel_order!r}, expected {' or '.join(ORDERS)}")
        self.dtype, self.channel_order, self._guess = dtype, channel_order, guess_format
        self._data: NDArray[Any] | None = None
        if data is not None:
            self.data = data

    @property
    def data(self) -> NDArray[Any]:
        """(c, h, w)."""
        if self._data is None:
            raise MienError("Image: empty; set its data")
        return self._data

    @data.setter
    def data(self, data: Any) -> None:
        try:
            found = np.asarray(data)
        except (TypeError, ValueError, RuntimeError) as error:
            raise MienError(f"Image: not an array ({error}); hand in numbers (c, h, w)") from error
        if found.ndim != 3 or found.dtype.kind not in "biuf":
            raise MienError(f"Image: {found.dtype} {found.shape}, expected numbers (c, h, w)")
        if self._guess and found.shape[2] in (1, 3) and found.shape[0] not in (1, 3):
            found = found.transpose(2, 0, 1)
        if self.dtype is not None:
            found = found.astype(self.dtype)
        elif found.dtype != np.uint8:
            found = found.astype(np.float32)
        self._data = np.ascontiguousarray(found)

    @classmethod
    def open(cls, filename: str | os.PathLike[str]) -> Image:
        """A file as RGB, turned as its camera was held.

        Raises:
            MienError: a file that is missing or broken.
        """
        return cls(read_image(filename).transpose(2, 0, 1), guess_format=False, channel_order="rgb")

    def numpy(self) -> NDArray[Any]:
        """A copy of (c, h, w)."""
        return self.data.copy()

    def opencv(self) -> NDArray[Any]:
        """(h, w, c) in BGR."""
        return self.convert("channels_last", "bgr")

    def convert(self, format: str = "channels_first", channel_order: str = "rgb") -> NDArray[Any]:  # noqa: A002
        """A copy as (c, h, w) or (h, w, c), in RGB or BGR.

        Args:
            format: channels_first | channels_last; its name is OpenDR's.
            channel_order: rgb | bgr.
        """
        if format not in ("channels_first", "channels_last") or channel_order not in ORDERS:
            raise MienError(
                f"Image: {format!r} and {channel_order!r}, expected channels_first or channels_last, rgb or bgr"
            )
        data = self.data if channel_order == self.channel_order else self.data[::-1]
        return np.array(data if format == "channels_first" else data.transpose(1, 2, 0), order="C")

    def __str__(self) -> str:
        return str(self.data)
