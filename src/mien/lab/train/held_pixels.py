"""How a data set's pictures are held in memory while a network learns from them.

FER2013 for a network of 224 x 224 x 3 would take 4.3 GB; its pictures, 48 x 48 and grey, take 66 MB. So what is
smaller than the network's input is enlarged when it is drawn, and what is larger is shrunk once.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mien.datasets.face_set import FaceSet
from mien.images.crop import fit, square_crops
from mien.lab.train.recipe import Input

Pixels = NDArray[np.uint8]


def held_pixels(faces: FaceSet, settings: Input) -> Pixels:
    """(n, c, h, w): at their own size where that is smaller than the input, one plane for grey pictures.

    Pictures of other proportions than the input's are cut to their centre first, as `images.crop.fit` does.
    """
    held = _held(faces.pixels, settings) if faces.pixels is not None else _stacked(_read(faces, settings), settings)
    return np.ascontiguousarray(held.transpose(0, 3, 1, 2))


def _held(pixels: Pixels, settings: Input) -> Pixels:
    """(n, h, w) grey or (n, h, w, 3) RGB -> (n, h', w', c): cut, and fitted where they are not smaller."""
    height, width = settings.height, settings.width
    h, w = pixels.shape[1:3]
    inner_h, inner_w = min(h, max(round(w * height / width), 1)), min(w, max(round(h * width / height), 1))
    colour = "grey" if pixels.ndim == 3 else settings.colour
    if inner_h >= height or inner_w >= width:
        return fit(pixels, height, width, colour)
    top, left = (h - inner_h) // 2, (w - inner_w) // 2
    return fit(pixels[:, top : top + inner_h, left : left + inner_w], inner_h, inner_w, colour)


def _read(faces: FaceSet, settings: Input) -> list[Pixels]:
    """Pictures behind paths, each (h, w, c) as it would be held if all were like it; cut around their boxes first."""
    from concurrent.futures import ThreadPoolExecutor

    from mien.evaluate.pixels import BOX_FACTOR
    from mien.images.read import read_image

    def one(row: int) -> Pixels:
        picture = read_image(paths[row])  # RGB, whatever the file held
        if faces.box is not None and np.isfinite(faces.box[row]).all():
            box = faces.box[row : row + 1]
            crop: Pixels = square_crops(picture, box, BOX_FACTOR, settings.height, settings.width, settings.colour)[0]
            return crop
        grey = np.array_equal(picture[..., 0], picture[..., 1]) and np.array_equal(picture[..., 0], picture[..., 2])
        held: Pixels = _held(np.ascontiguousarray(picture[..., 0])[None] if grey else picture[None], settings)[0]
        return held

    assert faces.paths is not None
    paths = faces.paths.tolist()
    with ThreadPoolExecutor() as pool:
        return list(pool.map(one, range(len(faces))))


def _stacked(pictures: list[Pixels], settings: Input) -> Pixels:
    """(n, h, w, c): all of one shape, the input's where they differ."""
    if not pictures:
        return np.zeros((0, settings.height, settings.width, 1), np.uint8)
    if len({picture.shape for picture in pictures}) == 1:
        return np.stack(pictures)
    one_size = {picture.shape[:2] for picture in pictures}
    height, width = one_size.pop() if len(one_size) == 1 else (settings.height, settings.width)
    colour = "grey" if all(picture.shape[2] == 1 for picture in pictures) else settings.colour

    def fitted(picture: Pixels) -> Pixels:
        plane = picture[None, ..., 0] if picture.shape[2] == 1 else picture[None]
        crop: Pixels = fit(plane, height, width, colour)[0]
        return crop

    return np.stack([fitted(picture) for picture in pictures])
