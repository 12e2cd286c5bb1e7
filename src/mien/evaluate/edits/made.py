"""The edits themselves, a few faces at a time: what is kept of them is numbers, and a few pictures to look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mien.evaluate.edits.judge import Judge, fitted
from mien.evaluate.edits.rows import Rows
from mien.evaluate.features import Embedder
from mien.evaluate.pixels import crops
from mien.evaluate.predictions import Progress
from mien.model_spec import ModelSpec
from mien.runtime.expression_space import NEUTRAL, ExpressionSpace

LEVELS = tuple(round(0.1 * step, 1) for step in range(1, 11))
"""Intensities that are asked for, beside 0."""
SHOWN = 8
"""Faces whose edits are kept as pictures."""
PEAK = 255.0
_BATCH = 64

Floats = NDArray[np.float64]


class Editor(Protocol):
    """What is asked of a generator; `mien.runtime.expression_editor.ExpressionEditor` is one."""

    @property
    def spec(self) -> ModelSpec: ...

    @property
    def space(self) -> ExpressionSpace: ...

    def edit(self, crops: NDArray[np.uint8], codes: NDArray[np.float32], batch: int = 64) -> NDArray[np.uint8]:
        """uint8 (n, h, w, c) and codes (n, d) or (d,) -> uint8 (n, h, w, c)."""
        ...


@dataclass(frozen=True, slots=True)
class Made:
    """What was seen of n faces, each edited towards every one of k emotions.

    Attributes:
        own: (n,) each face's own emotion; the edit towards it is the face's reconstruction.
        plain: (n, k) the judge's probabilities of the faces as they are.
        full: (n, k, k) of the edits at full strength: face, emotion asked for, the judge's probabilities.
        climbed: (m,) the faces that were also asked for every intensity.
        ladder: (m, k, 11) the judge's probability of the emotion asked for, at intensities 0, 0.1, ... 1.
        l1, psnr: (n,) of the reconstruction: mean absolute difference in grey levels, and decibels of 255.
        real, features: (n, d) of the faces and (n, k, d) of the edits, float32.
        shown, pictures: uint8 (r, h, w, c) faces and (r, k, h, w, c) edits to look at.
    """

    own: NDArray[np.int64]
    plain: Floats
    full: Floats
    climbed: NDArray[np.int64]
    ladder: Floats
    l1: Floats
    psnr: Floats
    real: NDArray[np.float32]
    features: NDArray[np.float32]
    shown: NDArray[np.uint8]
    pictures: NDArray[np.uint8]


def make(
    editor: Editor,
    rows: Rows,
    judge: Judge,
    features: Embedder,
    *,
    ladder: int,
    seed: int = 0,
    batch: int = _BATCH,
    progress: Progress | None = None,
) -> Made:
    """Edit, judge and forget the pictures.

    Args:
        ladder: how many faces are asked for every intensity.
        batch: faces that go through the generator at once.
        progress: told how many edits are made, and of how many.
    """
    spec, space = editor.spec, editor.space
    n, k = len(rows.own), len(space.emotions)
    climbed = np.sort(np.random.default_rng([seed, 1]).permutation(n)[:ladder])
    shown = _spread(rows.own, SHOWN)
    done, total = 0, n * k + len(climbed) * (k - 1) * (len(LEVELS) - 1)
    parts: list[dict[str, NDArray[Any]]] = []
    pictures: list[NDArray[np.uint8]] = []
    originals: list[NDArray[np.uint8]] = []
    start = 0
    for faces in crops(rows.faces, spec.height, spec.width, spec.colour, batch):
        at = np.arange(start, start + len(faces))
        edits = np.stack([editor.edit(faces, place, batch) for place in space.places], axis=1)
        done += edits.shape[0] * k
        part = _judged(faces, edits, rows.own[at], judge, features)
        low = np.flatnonzero(np.isin(at, climbed))
        part["ladder"] = _ladder(editor, faces[low], part["full"][low], judge, batch)
        done += len(low) * (k - 1) * (len(LEVELS) - 1)
        parts.append(part)
        picked = np.flatnonzero(np.isin(at, shown))
        originals.append(faces[picked])
        pictures.append(edits[picked])
        start += len(faces)
        if progress:
            progress(done, total)
    joined = {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
    return Made(
        own=rows.own, climbed=climbed, shown=np.concatenate(originals), pictures=np.concatenate(pictures), **joined
    )


def _judged(
    faces: NDArray[np.uint8], edits: NDArray[np.uint8], own: NDArray[np.int64], judge: Judge, features: Embedder
) -> dict[str, NDArray[Any]]:
    """Numbers of faces (m, h, w, c) and their edits (m, k, h, w, c)."""
    m, k = edits.shape[:2]
    flat = edits.reshape(m * k, *edits.shape[2:])
    away = edits[np.arange(m), own].astype(np.float64) - faces
    squared = (away**2).mean(axis=(1, 2, 3))
    return {
        "plain": judge.probabilities(faces),
        "full": judge.probabilities(flat).reshape(m, k, k),
        "l1": np.abs(away).mean(axis=(1, 2, 3)),
        # a picture met exactly has an infinite ratio; half a grey level in one of its pixels is as good as exact
        "psnr": 10 * np.log10(PEAK**2 / np.maximum(squared, 0.25 / away[0].size)),
        "real": features.embeddings(fitted(faces, features.spec)),
        "features": features.embeddings(fitted(flat, features.spec)).reshape(m, k, -1),
    }


def _ladder(editor: Editor, faces: NDArray[np.uint8], full: Floats, judge: Judge, batch: int) -> Floats:
    """(m, k, 11) probability of the emotion asked for; the two ends are known from the edits at full strength."""
    space = editor.space
    neutral = space.emotions.index(NEUTRAL)
    out = np.empty((len(faces), len(space.emotions), len(LEVELS) + 1))
    for at, name in enumerate(space.emotions):
        out[:, at, 0], out[:, at, -1] = full[:, neutral, at], full[:, at, at]
        for step, level in enumerate(LEVELS[:-1], 1):
            if at == neutral:  # one and the same code whatever the intensity
                out[:, at, step] = full[:, at, at]
            elif len(faces):
                made = editor.edit(faces, space.code(name, level), batch)
                out[:, at, step] = judge.probabilities(made)[:, at]
    return out


def _spread(own: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """Positions of n faces, the emotions taking turns."""
    turns = [(turn, int(at)) for k in np.unique(own) for turn, at in enumerate(np.flatnonzero(own == k))]
    return np.array(sorted(at for _, at in sorted(turns)[:n]), np.int64)
