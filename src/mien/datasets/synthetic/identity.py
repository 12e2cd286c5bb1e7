"""Who is drawn: the shape and colours that stay with a person from face to face."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.datasets.synthetic.draws import Column, Draws

Colour = NDArray[np.float32]
"""(n, 3) RGB in 0..1."""


@dataclass(frozen=True, slots=True)
class Identity:
    """n people. Lengths are in face units: the head is about 2 high, its centre at (0, 0), v down."""

    width: Column  # half width of the head
    chin: Column  # lower half of the head's height
    jaw: Column  # how much narrower the jaw is, 0..1
    eye_apart: Column  # from the middle to an eye's centre
    eye_height: Column  # v of the eyes
    eye_length: Column  # half
    eye_open: Column  # upper aperture at rest
    eye_tilt: Column  # outer corner up, slope
    brow_height: Column  # above the eye
    brow_thick: Column
    brow_slope: Column  # a resting frown (positive) or worry (negative)
    nose_length: Column
    nose_width: Column
    mouth_height: Column
    mouth_width: Column
    mouth_rest: Column  # corners at rest, down positive
    lips: Column  # thickness factor
    fringe: Column  # v of the hairline
    long_hair: NDArray[np.bool_]
    bald: NDArray[np.bool_]
    beard: Column  # 0..1, how much of it
    moustache: Column
    glasses: NDArray[np.bool_]
    skin: Colour
    hair: Colour
    lip: Colour
    iris: Colour


def _blend(a: tuple[float, float, float], b: tuple[float, float, float], t: Column) -> Colour:
    low, high = np.asarray(a, np.float32), np.asarray(b, np.float32)
    return low + t[:, :, 0] * (high - low)


def people(seed: int, numbers: NDArray[np.int64]) -> Identity:
    """The people of these numbers."""
    d = Draws(seed, "identity", numbers)
    tone = d.uniform()
    skin = _blend((0.94, 0.77, 0.66), (0.42, 0.27, 0.19), tone)
    grey_hair = d.chance(0.12)[:, :, 0]
    dark = _blend((0.10, 0.07, 0.06), (0.38, 0.24, 0.13), d.uniform())
    fair = _blend((0.55, 0.38, 0.20), (0.80, 0.66, 0.42), d.uniform())
    hair = np.where(d.chance(0.28)[:, :, 0] & (tone[:, :, 0] < 0.5), fair, dark)
    hair = np.where(grey_hair, _blend((0.5, 0.5, 0.5), (0.8, 0.8, 0.8), d.uniform()), hair)
    redness = d.uniform(0.3, 0.8)[:, :, 0]
    lip = skin * (1 - redness * np.asarray((0.12, 0.48, 0.42), np.float32))
    bearded = d.chance(0.16)
    return Identity(
        width=d.uniform(0.68, 0.82),
        chin=d.uniform(0.94, 1.06),
        jaw=d.uniform(0.05, 0.3),
        eye_apart=d.uniform(0.31, 0.375),
        eye_height=d.uniform(-0.17, -0.09),
        eye_length=d.uniform(0.165, 0.205),
        eye_open=d.uniform(0.072, 0.1),
        eye_tilt=d.bell(0.05),
        brow_height=d.uniform(0.20, 0.255),
        brow_thick=d.uniform(0.026, 0.055),
        brow_slope=d.bell(0.018),
        nose_length=d.uniform(0.31, 0.40),
        nose_width=d.uniform(0.11, 0.165),
        mouth_height=d.uniform(0.47, 0.55),
        mouth_width=d.uniform(0.26, 0.325),
        mouth_rest=d.bell(0.01),
        lips=d.uniform(0.7, 1.35),
        fringe=d.uniform(-0.82, -0.56),
        long_hair=d.chance(0.45),
        bald=d.chance(0.07),
        beard=np.where(bearded, d.uniform(0.45, 0.95), 0).astype(np.float32),
        moustache=np.where(bearded | d.chance(0.04), d.uniform(0.4, 0.9), 0).astype(np.float32),
        glasses=d.chance(0.14),
        skin=skin,
        hair=hair.astype(np.float32),
        lip=lip.astype(np.float32),
        iris=_blend((0.10, 0.06, 0.04), (0.35, 0.42, 0.48), d.uniform() * d.uniform()),
    )
