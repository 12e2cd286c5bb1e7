"""Drawn faces whose emotion, action units, valence and arousal are known, because the drawing follows them."""

from __future__ import annotations

from mien.datasets.synthetic.expression import DRAWN_UNITS
from mien.datasets.synthetic.sample import DEFAULT_DIFFICULTY, SPLITS, fingerprint, synthetic
from mien.datasets.synthetic.version import FIRST_HUNDRED_SHA256, SYNTHETIC_VERSION

__all__ = [
    "DEFAULT_DIFFICULTY",
    "DRAWN_UNITS",
    "FIRST_HUNDRED_SHA256",
    "SPLITS",
    "SYNTHETIC_VERSION",
    "fingerprint",
    "synthetic",
]
