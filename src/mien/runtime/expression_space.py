"""Where the emotions lie in a generator's space, and the code that asks for one; without torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError
from mien.labels import EMOTIONS, emotion
from mien.model_spec import ModelSpec

NEUTRAL = "neutral"
KINDS = ("linear", "gaussian")
TOLERANCE = 1e-4
"""By how much a code may lie outside: places are stored in float32 and rounded by hand."""


def is_generator(spec: ModelSpec) -> bool:
    """Whether a ModelSpec is that of a network that makes faces, and so answers nothing about them."""
    return bool(spec.space) or (not spec.heads and spec.architecture.startswith("ganmut_"))


@dataclass(frozen=True, slots=True)
class ExpressionSpace:
    """GANmut's conditional space (d'Apolito et al., CVPR 2021) as a ModelSpec keeps it.

    Attributes:
        kind: "linear": emotion is a direction, intensity a length, neutral the origin. "gaussian": every emotion,
            neutral too, is a Gaussian in -1..1 along each coordinate.
        emotions: their names, in the order of the rows.
        places: float32 (k, d), where each emotion lies at its full strength.
        covariances: float32 (k, d, d) of a Gaussian space, not necessarily positive definite in 3-D; else None.
    """

    kind: str
    emotions: tuple[str, ...]
    places: NDArray[np.float32]
    covariances: NDArray[np.float32] | None = None

    @classmethod
    def from_spec(cls, spec: ModelSpec) -> ExpressionSpace:
        """The space that a generator's ModelSpec holds.

        Raises:
            MienError: the spec of something else, or one whose `space` is missing or contradicts itself.
        """
        if not spec.space:
            name = spec.name or "this model"
            if not is_generator(spec):
                raise MienError(
                    f"{name}: {spec.architecture} is no generator of faces; give one that "
                    f'`method = "ganmut"` trained or `mien models pull` fetched'
                )
            raise MienError(f"{name}: its ModelSpec does not say where emotions lie; `mien export` it again")
        return cls._read(spec.space, f"{spec.name or 'generator'}: space in its ModelSpec")

    @classmethod
    def _read(cls, facts: Mapping[str, Any], source: str) -> ExpressionSpace:
        again = "`mien export` the generator again"
        try:
            kind, emotions = facts["kind"], tuple(facts["emotions"])
            places = np.asarray(facts["places"], np.float32)
            given = facts.get("covariances")
            covariances = None if given is None else np.asarray(given, np.float32)
        except (KeyError, TypeError, ValueError) as error:
            raise MienError(f"{source}: kind, emotions or places are missing or no numbers; {again}") from error
        if kind not in KINDS:
            raise MienError(f"{source}: kind {kind!r}, expected {' or '.join(KINDS)}; {again}")
        if not set(emotions) <= set(EMOTIONS) or len(set(emotions)) != len(emotions) or NEUTRAL not in emotions:
            raise MienError(f"{source}: emotions {', '.join(map(str, emotions))}: expected known ones, once; {again}")
        k = len(emotions)
        if places.ndim != 2 or places.shape[0] != k or places.shape[1] not in (2, 3) or not _in_square(places):
            raise MienError(f"{source}: places are not {k} rows of 2 or 3 numbers in -1..1; {again}")
        d = places.shape[1]
        if (covariances is None) != (kind == "linear") or (
            covariances is not None and (covariances.shape != (k, d, d) or not np.isfinite(covariances).all())
        ):
            raise MienError(f"{source}: covariances do not suit a {kind} space of {k} emotions in {d}-D; {again}")
        return cls(kind, emotions, places, covariances)

    @property
    def dims(self) -> int:
        """Coordinates of a code, 2 or 3."""
        return int(self.places.shape[1])

    @property
    def neutral(self) -> NDArray[np.float32]:
        """Where the neutral face lies, float32 (d,); the origin of a linear space."""
        return self.place(NEUTRAL)

    def place(self, name: str) -> NDArray[np.float32]:
        """Where an emotion lies at its full strength, float32 (d,).

        Raises:
            MienError: a word for no emotion, or an emotion that the generator did not learn.
        """
        name = emotion(name)
        if name not in self.emotions:
            raise MienError(f"this generator knows no {name}: {', '.join(self.emotions)}")
        found: NDArray[np.float32] = self.places[self.emotions.index(name)].copy()
        return found

    def code(self, name: str, intensity: float = 1.0) -> NDArray[np.float32]:
        """The code float32 (d,) of an emotion: intensity 0 is neutral, 1 its own place, between them a line.

        Raises:
            MienError: as `place`, or an intensity outside 0..1.
        """
        if not 0 <= intensity <= 1:
            raise MienError(f"intensity {intensity}: expected 0 (neutral) to 1")
        place, neutral = self.place(name), self.neutral
        return np.asarray(neutral + np.float32(intensity) * (place - neutral), np.float32)

    def asked(self, name: str | None, intensity: float, at: Sequence[float] | None) -> NDArray[np.float32]:
        """The code (d,) that a person asks for by an emotion's name, or by its coordinates.

        Raises:
            MienError: both or neither, or as `code` and `check`.
        """
        if (name is None) == (at is None):
            raise MienError("what to change the face to: give an emotion, or a point of the space")
        return self.check(at) if at is not None else self.code(str(name), intensity)

    def check(self, code: Sequence[float] | NDArray[Any]) -> NDArray[np.float32]:
        """A code (d,) as float32, or many (n, d).

        Raises:
            MienError: not numbers, of another width, or outside the space: -1..1 along a coordinate, and no
                longer than 1 in a linear space.
        """
        found = np.asarray(code, np.float32)
        if found.ndim not in (1, 2) or found.shape[-1] != self.dims:
            width = found.shape[-1] if found.ndim else 1
            raise MienError(f"code {_told(found)}: {width} coordinates, this generator's space has {self.dims}")
        if not _in_square(found):
            raise MienError(f"code {_told(found)}: every coordinate lies in -1..1")
        if self.kind == "linear" and (np.linalg.norm(found, axis=-1) > 1 + TOLERANCE).any():
            raise MienError(f"code {_told(found)}: its length is the intensity, at most 1 in a linear space")
        return found


def _in_square(values: NDArray[np.float32]) -> bool:
    return bool(np.isfinite(values).all() and (np.abs(values) <= 1 + TOLERANCE).all())


def _told(code: NDArray[np.float32]) -> str:
    """A code's numbers as they were typed; of many only their shape."""
    return ",".join(f"{value:g}" for value in code) if code.ndim == 1 else f"{code.shape}"
