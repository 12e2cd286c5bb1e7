"""Encoded pictures of a data set -> one array of pixels."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from mien.datasets.broken_rows import BrokenRows
from mien.errors import MienError
from mien.images.kind import kind_of, not_a_picture, open_header
from mien.images.read import MAX_PIXELS, read_image

_BATCH = 256  # pictures a task: the hand-over between threads costs more than decoding one small picture
T = TypeVar("T")
R = TypeVar("R")


def decode(data: bytes) -> NDArray[np.uint8]:
    """One encoded picture as (h, w) grey or (h, w, 3) RGB, whatever its three channels hold.

    Raises:
        MienError: no picture, or a damaged one; the message says what is wrong, not where.
    """
    kind = _kind(data)
    if kind == "WebP":
        found = _webp(data)  # Pillow takes three times as long on these
        if found is not None:
            return found
    try:
        picture = open_header(kind, io.BytesIO(data))
        simple = picture.mode in ("L", "RGB") and not picture.info.keys() & {"exif", "transparency"}
        if simple and picture.width * picture.height <= MAX_PIXELS:
            return np.asarray(picture)
    except MemoryError:
        raise
    except Exception:  # Pillow's plugins raise anything; what follows says what is wrong
        pass
    try:
        return read_image(data)  # turned, transparent, 16-bit, CMYK: the same as at inference
    except MienError as error:
        raise MienError(str(error).removeprefix("bytes: ").split("; ")[0]) from error


def size_of(data: bytes) -> tuple[int, int]:
    """(height, width) of an encoded picture as stored, from its header alone.

    Raises:
        MienError: no picture, or one whose header is damaged.
    """
    kind = _kind(data)
    try:
        width, height = open_header(kind, io.BytesIO(data)).size
    except Exception as error:  # Pillow's plugins raise anything
        raise MienError(f"broken {kind} file ({str(error) or type(error).__name__})") from error
    return height, width


def _kind(data: bytes) -> str:
    kind = kind_of(data)
    if kind is None:
        raise MienError(not_a_picture(data).split("; ")[0] if data else "an empty picture")
    return kind


def _webp(data: bytes) -> NDArray[np.uint8] | None:
    import cv2

    try:
        found = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        return None
    if found is None or found.dtype != np.uint8 or found.ndim != 3 or found.shape[2] != 3:
        return None  # Pillow's turn: transparent, or damaged and worth a message
    return np.asarray(found[..., ::-1], np.uint8)


def in_threads(function: Callable[[T], R], items: Sequence[T]) -> list[R]:
    """`function` of every item, in order, in batches spread over the processors."""
    batches = [items[i : i + _BATCH] for i in range(0, len(items), _BATCH)]
    with ThreadPoolExecutor(min(8, cpu_count() or 1)) as pool:
        return [x for batch in pool.map(lambda b: [function(item) for item in b], batches) for x in batch]


def decode_all(encoded: Sequence[bytes | None], broken: BrokenRows) -> list[NDArray[np.uint8] | None]:
    """Pictures by row; None and an entry in `broken` where one cannot be read."""

    def attempt(data: bytes | None) -> NDArray[np.uint8] | str:
        try:
            return decode(data or b"")
        except MienError as error:
            return str(error)

    found: list[NDArray[np.uint8] | None] = []
    for row, picture in enumerate(in_threads(attempt, encoded)):
        if isinstance(picture, str):
            broken.add(row, picture)
        found.append(None if isinstance(picture, str) else picture)
    return found


def is_grey(picture: NDArray[np.uint8]) -> bool:
    """Whether a picture has one plane, or three that are equal."""
    return picture.ndim == 2 or bool(
        (picture[..., 0] == picture[..., 1]).all() and (picture[..., 1] == picture[..., 2]).all()
    )


def stack(pictures: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Pictures of one size -> (n, h, w) if all of them are grey, else (n, h, w, 3).

    Raises:
        ValueError: pictures of several sizes.
    """
    if len({p.shape[:2] for p in pictures}) > 1:
        raise ValueError("pictures of several sizes")
    if all(is_grey(p) for p in pictures):
        return np.stack([p if p.ndim == 2 else p[..., 0] for p in pictures])
    return np.stack([p if p.ndim == 3 else np.repeat(p[..., None], 3, axis=2) for p in pictures])
