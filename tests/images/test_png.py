"""Pictures as PNG."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from mien.images.png import encode_png


@pytest.mark.parametrize(("shape", "mode"), [((5, 7), "L"), ((5, 7, 1), "L"), ((5, 7, 3), "RGB")])
def test_another_reader_reads_the_same_pixels(shape: tuple[int, ...], mode: str) -> None:
    picture = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    read = Image.open(io.BytesIO(encode_png(picture)))
    assert (read.format, read.mode) == ("PNG", mode)
    np.testing.assert_array_equal(np.asarray(read), picture.reshape(np.asarray(read).shape))
