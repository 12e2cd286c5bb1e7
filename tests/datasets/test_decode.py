"""Encoded pictures."""

from __future__ import annotations

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from mien.datasets.broken_rows import BrokenRows
from mien.datasets.decode import decode, decode_all, in_threads, size_of, stack
from mien.errors import MienError
from mien.images.read import read_image

Pixels = NDArray[np.uint8]


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)  # type: ignore[arg-type]
    return file.getvalue()


@pytest.mark.parametrize(("kind", "options"), [("PNG", {}), ("WebP", {"lossless": True}), ("BMP", {}), ("TIFF", {})])
def test_lossless_grey(pixels: Pixels, kind: str, options: dict[str, object]) -> None:
    data = encoded(Image.fromarray(pixels[0]), kind, **options)
    assert (stack([decode(data)])[0] == pixels[0]).all()
    assert size_of(data) == (48, 48)


@pytest.mark.parametrize(("kind", "options"), [("PNG", {}), ("WebP", {"lossless": True})])
def test_colours_in_their_order(kind: str, options: dict[str, object]) -> None:
    colour = np.zeros((4, 6, 3), np.uint8)
    colour[:, :] = 200, 100, 50
    data = encoded(Image.fromarray(colour), kind, **options)
    assert (decode(data) == colour).all()
    assert size_of(data) == (4, 6)


def test_what_is_not_plain_is_read_as_at_inference(pixels: Pixels) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = encoded(Image.fromarray(pixels[0, :32]), "JPEG", exif=exif)
    clear = encoded(Image.fromarray(np.dstack([pixels[0]] * 4), "RGBA"), "PNG")
    palette = encoded(Image.fromarray(np.dstack([pixels[0] & 0xF0] * 3)).convert("P"), "PNG")
    for data in (turned, clear, palette):
        assert (decode(data) == read_image(data)).all()
    assert decode(turned).shape[:2] == (48, 32)


def test_damage_is_said_in_a_few_words(pixels: Pixels) -> None:
    whole = encoded(Image.fromarray(pixels[0]), "PNG")
    webp = encoded(Image.fromarray(pixels[0]), "WebP")
    cases = {b"": "empty", b"hello": "text", whole[:300]: "PNG", webp[:200]: "WebP", whole[:10]: "PNG"}
    broken = BrokenRows("x")
    found = decode_all([whole, *cases, None], broken)
    assert [f is None for f in found] == [False] + [True] * 6
    assert len(broken) == 6
    for data, word in cases.items():
        with pytest.raises(MienError, match=word) as caught:
            decode(data)
        assert "bytes:" not in str(caught.value)
        assert "\n" not in str(caught.value)
    with pytest.raises(MienError):
        size_of(whole[:10])


def test_stack_is_grey_only_if_all_are(pixels: Pixels) -> None:
    grey = np.repeat(pixels[0][..., None], 3, axis=2)
    colour = grey.copy()
    colour[0, 0] = 1, 2, 3
    assert stack([pixels[1], grey]).shape == (2, 48, 48)
    mixed = stack([pixels[1], colour])
    assert mixed.shape == (2, 48, 48, 3)
    assert (mixed[0] == pixels[1][..., None]).all()
    with pytest.raises(ValueError, match="sizes"):
        stack([pixels[0], pixels[0, :24]])


def test_order_over_many_batches() -> None:
    assert in_threads(lambda x: x * 2, list(range(1000))) == list(range(0, 2000, 2))
    assert in_threads(lambda x: x, []) == []
