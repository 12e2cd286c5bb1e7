"""What comes between a face and its picture: occlusion, light, blur and noise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mien.datasets.synthetic.canvas import Canvas, Pixels
from mien.datasets.synthetic.draws import Draws, bits


def occlude(canvas: Canvas, seed: int, rows: NDArray[np.int64], difficulty: float) -> None:
    """A bar, a blob or a hand before some of the faces: none at difficulty 0, a third at 1."""
    draws = Draws(seed, "occlusion", rows)
    hit = draws.chance(0.36 * difficulty)[:, 0, 0]
    kind = (draws.uniform() * 3).astype(np.int64)[:, 0, 0]
    tone = draws.matrix(3)
    cx, cy = draws.uniform(-0.75, 0.75), draws.uniform(-0.75, 0.85)
    half = draws.uniform(-0.9, 0.9)  # tangent of half the angle
    size = draws.uniform(0.5, 1.0) * (0.12 + 0.10 * difficulty)
    x, y = canvas.grid()
    over = 1 / (1 + half * half)
    cos, sin = (1 - half * half) * over, 2 * half * over
    for shape, draw in enumerate((_bar, _blob, _hand)):
        index = np.flatnonzero(hit & (kind == shape))
        if not len(index):
            continue
        dx, dy = x - cx[index], y - cy[index]
        along, across = dx * cos[index] + dy * sin[index], dy * cos[index] - dx * sin[index]
        inside = draw(along, across, size[index])
        alpha = np.clip(inside * (canvas.size / 2) + 0.5, 0, 1)
        rgb = tone[index]
        if shape == 2:  # a hand has skin's colours
            rgb = np.asarray((0.4, 0.26, 0.18), np.float32) + rgb[:, :1] * np.asarray((0.5, 0.48, 0.46), np.float32)
        full = np.zeros((len(hit), 3), np.float32)
        full[index] = rgb
        shade = 1 - 0.25 * np.clip(1 - np.abs(inside) * 14, 0, 1)
        for plane, value in zip(canvas.planes, canvas.colour(full), strict=True):
            plane[index] += alpha * (value[index] * shade - plane[index])


def _bar(along: Pixels, across: Pixels, size: Pixels) -> Pixels:
    return size * 0.6 - np.abs(across)


def _blob(along: Pixels, across: Pixels, size: Pixels) -> Pixels:
    return size * 1.25 - np.sqrt(along * along * 0.6 + across * across)


def _hand(along: Pixels, across: Pixels, size: Pixels) -> Pixels:
    """A palm and four fingers, capsules side by side."""
    finger = size * 0.30
    palm = size * 0.95 - np.sqrt(along * along + across * across)
    out = palm
    for k in range(4):
        offset = across - (k - 1.5) * (size * 0.52)
        length = size * (1.9 if k in (1, 2) else 1.6)
        beyond = np.maximum(along - length, 0) + np.minimum(along, 0)
        out = np.maximum(out, finger - np.sqrt(offset * offset + beyond * beyond))
    return out


def light(canvas: Canvas, seed: int, rows: NDArray[np.int64], difficulty: float) -> None:
    """A slanting light, contrast and exposure; at difficulty 0 nearly even."""
    draws = Draws(seed, "light", rows)
    d = difficulty
    x, y = canvas.grid()
    slant = 1 + draws.bell(0.03 + 0.13 * d) * x + draws.bell(0.03 + 0.10 * d) * y
    slant = np.clip(slant, 0.15, 1.9)
    contrast = draws.uniform(1 - 0.35 * d, 1.05)
    middle = draws.uniform(0.5 - 0.14 * d, 0.5 + 0.10 * d)
    # exposure: x / (x + g (1 - x)) bends like a gamma curve, without a power
    bend = 1 + draws.uniform(-0.38 * d, 0.6 * d)
    for plane in canvas.planes:
        plane *= slant
        np.clip(plane, 0, 1, out=plane)
        plane[...] = plane / (plane + bend * (1 - plane))
        plane -= 0.5
        plane *= contrast
        plane += middle


def blur(canvas: Canvas, seed: int, rows: NDArray[np.int64], difficulty: float) -> None:
    """Up to two passes of the kernel (1, 2, 1) / 4 along each axis, mixed in by each face's own share."""
    draws = Draws(seed, "blur", rows)
    share = np.clip(draws.uniform(0, 1.1) * difficulty, 0, 2)
    passes = max(1, round(canvas.size / 48))
    for plane in canvas.planes:
        for step in range(2):
            mix = np.clip(share - step, 0, 1)
            soft = plane
            for _ in range(passes):
                soft = _soften(soft)
            plane += mix * (soft - plane)


def _soften(plane: Pixels) -> Pixels:
    across = np.pad(plane, ((0, 0), (0, 0), (1, 1)), mode="edge")
    soft = (across[:, :, :-2] + across[:, :, 2:]) * 0.25 + plane * 0.5
    down = np.pad(soft, ((0, 0), (1, 1), (0, 0)), mode="edge")
    out: Pixels = (down[:, :-2] + down[:, 2:]) * 0.25 + soft * 0.5
    return out


def noise(canvas: Canvas, seed: int, rows: NDArray[np.int64], difficulty: float) -> None:
    """The same bell-shaped grain on every channel, its strength drawn for each face."""
    draws = Draws(seed, "noise", rows)
    sigma = draws.uniform(0.2, 1) * (0.006 + 0.028 * difficulty)
    n, size = len(rows), canvas.size
    words = (size * size + 1) // 2
    raw = bits(seed, "grain", rows, 0, words).astype("<u8").view(np.uint8)
    four = raw.reshape(n, -1, 4)[:, : size * size].astype(np.uint16)
    total = four[..., 0] + four[..., 1] + four[..., 2] + four[..., 3]
    grain = (total.astype(np.float32) - 510) * (1 / 147.8)  # four bytes: mean 510, deviation 147.8
    grain = grain.reshape(n, size, size) * sigma
    for plane in canvas.planes:
        plane += grain


def quantise(canvas: Canvas) -> NDArray[np.uint8]:
    """(n, size, size) grey or (n, size, size, 3) RGB, rounded half up."""
    planes = [(np.clip(p, 0, 1) * 255 + 0.5).astype(np.uint8) for p in canvas.planes]
    return planes[0] if len(planes) == 1 else np.stack(planes, axis=-1)
