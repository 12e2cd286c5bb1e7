"""Where in a generator's space the variants of an emotion are drawn from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.datasets.synthetic.draws import Draws
from mien.errors import MienError
from mien.labels import EMOTIONS, emotion_index
from mien.runtime.expression_space import NEUTRAL, ExpressionSpace

EMOTIONGAN: Mapping[str, tuple[float, float]] = {
    EMOTIONS[emotion_index(name)]: place
    for name, place in (
        ("Angry", (0.6, -0.9)), ("Disgust", (-0.7, -1.0)), ("Fear", (-0.25, -0.9)), ("Happy", (0.6, 0.4)),
        ("Sad", (-0.9, -0.6)), ("Surprise", (0.9, -0.45)), ("Neutral", (0.4, -0.5)),
    )
}  # fmt: skip
"""The map that the study "Emotion Detection Using EmotionGAN" read off GANmut's published Gaussian generator."""

_VARIANT_BITS, _TRY_BITS = 18, 2
MOST_VARIANTS, MOST_TRIES = 1 << _VARIANT_BITS, 1 << _TRY_BITS
_MOST_ROWS = 1 << (44 - _VARIANT_BITS - _TRY_BITS)  # what an address of `draws.bits` leaves


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Where each emotion's variants lie: `strength` times its centre, plus an offset out of a box.

    Attributes:
        kind: of the space, "linear" or "gaussian".
        centres: float64 (8, d) by position in EMOTIONS; NaN for an emotion that the generator does not know.
        low, high: float64 (8, d), the ends of the offset.
        least: float64 (8,): strengths are drawn from here to 1.
        round: bool (8,): offsets are drawn from the disc or ball in the box, not from all of it.
    """

    kind: str
    centres: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    least: NDArray[np.float64]
    round: NDArray[np.bool_]

    @property
    def known(self) -> NDArray[np.bool_]:
        """(8,) the emotions that can be asked for."""
        return np.asarray(np.isfinite(self.centres).all(axis=1))

    def to_dict(self) -> dict[str, Any]:
        """By emotion: centre, low and high of the offset, least strength; JSON-able, rounded to 6 digits."""
        return {
            EMOTIONS[k]: {
                "centre": _rounded(self.centres[k]),
                "low": _rounded(self.low[k]),
                "high": _rounded(self.high[k]),
                "least_strength": float(self.least[k]),
            }
            for k in np.flatnonzero(self.known)
        }

    def codes(
        self,
        seed: int,
        row: NDArray[np.int64],
        variant: NDArray[np.int32],
        target: NDArray[np.int64],
        attempt: int = 0,
    ) -> NDArray[np.float32]:
        """(m, d) codes; each follows from (seed, row, variant, attempt, emotion) alone, whatever else is drawn.

        Args:
            row: (m,) the source's row, variant: (m,) its number among that row's, target: (m,) position in EMOTIONS.
            attempt: 0 or more, below MOST_TRIES.
        """
        address = (row << (_VARIANT_BITS + _TRY_BITS)) + (variant.astype(np.int64) << _TRY_BITS) + attempt
        if len(row) and (row.max() >= _MOST_ROWS or variant.max() >= MOST_VARIANTS or attempt >= MOST_TRIES):
            raise MienError(f"at most {_MOST_ROWS:,} rows and {MOST_VARIANTS:,} variants of each: ask for fewer")
        d = self.centres.shape[1]
        numbers = Draws(seed, "variants", address).matrix(d + 1).astype(np.float64)
        offset = self.low[target] + numbers[:, :d] * (self.high - self.low)[target]
        offset = np.where(self.round[target, None], _into_disc(offset), offset)
        least = self.least[target]
        strength = least + numbers[:, d] * (1 - least)
        code = strength[:, None] * self.centres[target] + offset
        if self.kind == "linear":
            code /= np.maximum(np.linalg.norm(code, axis=1, keepdims=True), 1)
        return np.clip(code, -1, 1).astype(np.float32)


def neighbourhood(
    space: ExpressionSpace,
    radius: float,
    least_strength: float,
    centres: Mapping[str, Sequence[float]] | None = None,
    *,
    published: bool = False,
) -> Neighbourhood:
    """The neighbourhood of every emotion that a generator knows.

    In a Gaussian space: the square (or cube) of centre +- radius, what of it lies in -1..1. In a linear one, whose
    emotions are directions: along the emotion's own from `least_strength` to 1, plus an offset of up to `radius` a
    coordinate, drawn back onto the unit circle where that leads out of it; neutral lies within `radius` of the origin.

    Args:
        radius: 0 or more, at most 1.
        least_strength: 0..1, of a linear space's own places; 1 stays at full strength.
        centres: emotion -> d coordinates instead of the generator's own place.
        published: centres are the study's, whose rule for anger is taken with them: y is not below its centre.

    Raises:
        MienError: a radius or strength out of range, a centre of an unknown emotion or outside the space.
    """
    if not 0 <= radius <= 1:
        raise MienError(f"--radius {radius:g}: expected 0 to 1; the space reaches from -1 to 1")
    if not 0 <= least_strength <= 1:
        raise MienError(f"--least-strength {least_strength:g}: expected 0 to 1")
    d, given = space.dims, dict(centres or {})
    at, least = np.full((len(EMOTIONS), d), np.nan), np.ones(len(EMOTIONS))
    for name in space.emotions:
        k = EMOTIONS.index(name)
        at[k] = space.check(given.pop(name)) if name in given else space.place(name)
        if space.kind == "linear" and name not in (centres or {}) and name != NEUTRAL:
            least[k] = least_strength
    if given and not published:
        raise MienError(f"--centres: this generator knows no {next(iter(given))}: {', '.join(space.emotions)}")
    low, high = np.full_like(at, -radius), np.full_like(at, radius)
    if space.kind == "gaussian":
        low, high = np.maximum(low, -1 - at), np.minimum(high, 1 - at)
    if published:
        low[emotion_index("anger"), 1] = 0
    flat = np.zeros(len(EMOTIONS), np.bool_)
    flat[EMOTIONS.index(NEUTRAL)] = space.kind == "linear"
    return Neighbourhood(space.kind, at, low, high, least, flat)


def _into_disc(offset: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points of a square or cube about 0 pulled straight towards its middle, so that they fill its disc or ball."""
    length = np.linalg.norm(offset, axis=1, keepdims=True)
    return np.asarray(offset * np.abs(offset).max(axis=1, keepdims=True) / np.where(length > 0, length, 1))


def _rounded(values: NDArray[np.float64]) -> list[float]:
    return [round(float(value), 6) for value in values]
