"""Faces: what an analysis found in one picture or frame, as numpy, checked on construction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mien.labels import EMOTIONS

if TYPE_CHECKING:
    import pandas as pd

SOURCES = ("detected", "tracked", "whole")


def _column(values: Any, n: int, name: str, dtype: Any = np.float32) -> NDArray[Any]:
    array = np.asarray(values, dtype)
    if array.shape != (n,):
        raise ValueError(f"{name}: shape {array.shape}, expected ({n},)")
    return array


def _within(values: NDArray[Any], most: float, name: str) -> NDArray[Any]:
    if ((values < -1e-5) | (values > most + 1e-5)).any():
        raise ValueError(f"{name}: outside 0..{most:g}")
    return values


@dataclass(frozen=True, slots=True)
class Faces:
    """The n faces of one picture or video frame; n may be 0.

    Attributes:
        input: path, URL or name of what was analysed.
        boxes: (n, 4) float32, left top right bottom in pixels of the picture as displayed.
        scores: (n,) float32 in 0..1, the detector's confidence; 1 where the whole picture is the face.
        emotion: (n, 8) float32 probabilities in the order of `labels.EMOTIONS`; NaN in columns that the
            model does not have, all NaN for a face that was not classified.
        landmarks: (n, k, 2) float32 in pixels, or None.
        action_units: AU name -> (n,) float32 in 0..1, the probability that it is shown; empty where there is no such
            head. NaN where it is not known.
        shown: AU name -> (n,) bool, whether its probability reaches the model's threshold; 0.5 unless handed over.
        intensity: AU name -> (n,) float32 in 0..5, as FACS counts; empty where there is no such head.
        valence, arousal: (n,) float32 in -1..1, or None.
        track: (n,) int64, the same face in this video; -1 where nothing was tracked.
        source: (n,) of 'detected', 'tracked' or 'whole'.
        abstain: (n,) bool, the model declines to name an emotion.
        conformal: for each face the emotions of its conformal set; empty without a calibrated model.
        frame: the source's own frame number from 0; None for a picture.
        time: presentation time in seconds; None for a picture.
        error: why the input could not be read, or None.
        size: (height, width) of the picture as displayed, or None when it could not be read.

    Raises:
        ValueError: arrays whose lengths disagree, values outside their range, boxes turned inside out.
    """

    input: str
    boxes: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 4), np.float32))
    scores: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    emotion: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 8), np.float32))
    landmarks: NDArray[np.float32] | None = None
    action_units: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    shown: Mapping[str, NDArray[np.bool_]] | None = None
    intensity: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    valence: NDArray[np.float32] | None = None
    arousal: NDArray[np.float32] | None = None
    track: NDArray[np.int64] | None = None
    source: tuple[str, ...] | None = None
    abstain: NDArray[np.bool_] | None = None
    conformal: tuple[tuple[str, ...], ...] = ()
    frame: int | None = None
    time: float | None = None
    error: str | None = None
    size: tuple[int, int] | None = None

    def __post_init__(self) -> None:

        def put(name: str, value: object) -> None:  # the dataclass is frozen
            object.__setattr__(self, name, value)

        boxes = np.asarray(self.boxes, np.float32).reshape(-1, 4)
        n = len(boxes)
        if n and not (np.isfinite(boxes).all() and (boxes[:, 2:] >= boxes[:, :2]).all()):
            raise ValueError("boxes: expected finite left <= right and top <= bottom")
        put("boxes", boxes)
        put("scores", _column(self.scores, n, "scores"))
        emotion = np.asarray(self.emotion, np.float32)
        if emotion.shape != (n, len(EMOTIONS)):
            raise ValueError(f"emotion: shape {emotion.shape}, expected ({n}, {len(EMOTIONS)})")
        if ((emotion < -1e-5) | (emotion > 1 + 1e-5)).any():
            raise ValueError("emotion: probabilities outside 0..1")
        put("emotion", emotion)
        if self.landmarks is not None:
            landmarks = np.asarray(self.landmarks, np.float32)
            if landmarks.ndim != 3 or landmarks.shape[0] != n or landmarks.shape[2] != 2:
                raise ValueError(f"landmarks: shape {landmarks.shape}, expected ({n}, k, 2)")
            put("landmarks", landmarks)
        put("action_units", {k: _within(_column(v, n, k), 1, k) for k, v in self.action_units.items()})
        put("intensity", {k: _within(_column(v, n, k), 5, k) for k, v in self.intensity.items()})
        shown = {k: v >= 0.5 for k, v in self.action_units.items()} if self.shown is None else self.shown
        put("shown", {k: _column(v, n, k, np.bool_) for k, v in shown.items()})
        for name in ("valence", "arousal"):
            if (value := getattr(self, name)) is not None:
                put(name, _column(value, n, name))
        put("track", _column(np.full(n, -1) if self.track is None else self.track, n, "track", np.int64))
        put("source", ("detected",) * n if self.source is None else tuple(self.source))
        if len(self.source or ()) != n or not set(self.source or ()) <= set(SOURCES):
            raise ValueError(f"source: expected {n} of {', '.join(SOURCES)}")
        put("abstain", _column(np.zeros(n) if self.abstain is None else self.abstain, n, "abstain", np.bool_))
        if self.conformal and len(self.conformal) != n:
            raise ValueError(f"conformal: {len(self.conformal)} sets for {n} faces")

    def __len__(self) -> int:
        return len(self.boxes)

    @property
    def success(self) -> bool:
        """Whether any face was found."""
        return len(self) > 0

    @property
    def top(self) -> list[str | None]:
        """The likeliest emotion of each face; None for a face that was not classified."""
        return [None if np.isnan(p).all() else EMOTIONS[int(np.nanargmax(p))] for p in self.emotion]

    @property
    def confidence(self) -> NDArray[np.float32]:
        """(n,) probability of the likeliest emotion; NaN for a face that was not classified."""
        known = ~np.isnan(self.emotion).all(axis=1)
        out = np.full(len(self), np.nan, np.float32)
        out[known] = np.nanmax(self.emotion[known], axis=1) if known.any() else 0
        return out

    def rows(self) -> Iterator[dict[str, Any]]:
        """One dict a face in the table's columns, or a single one with `success` 0."""
        from mien.table import rows

        return rows(self)

    def to_dataframe(self) -> pd.DataFrame:
        """The table of INTERFACE: one row a face, or a single row with `success` 0."""
        from mien.table import to_dataframe

        return to_dataframe([self])

    def to_deepface(self) -> list[dict[str, Any]]:
        """What `DeepFace.analyze(..., actions=["emotion"])` would return for these faces, see `mien.compat.deepface`.

        Raises:
            NotAnalysedError: a picture that could not be read.
        """
        from mien.compat.deepface import to_deepface

        return to_deepface(self)

    def to_fer(self) -> list[dict[str, Any]]:
        """What `FER().detect_emotions` would return for these faces, see `mien.compat.fer`.

        Raises:
            NotAnalysedError: a picture that could not be read.
        """
        from mien.compat.fer import to_fer

        return to_fer(self)
