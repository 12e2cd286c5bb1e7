"""Drawn faces in AffectNet's prepared folders, as `pre_process_affect_net` leaves them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from mien.datasets.synthetic import synthetic
from mien.labels import CODES, EMOTIONS

NARROW = (4,) * 8
CODE = {name: code for code, name in CODES["affectnet"].items()}


def write_faces(root: Path, training: int = 48, validation: int = 24, seed: int = 0) -> Path:
    """Faces whose blue plane is dark and whose red one is bright, so that BGR and RGB are not the same."""
    faces = synthetic(n=training + validation, seed=seed, size=96)
    emotions = faces.hard("synthetic")
    for row in range(len(faces)):
        folder, number = ("Training_Labeled", row) if row < training else ("Validation", row - training)
        target = root / folder / str(number // 500)
        target.mkdir(parents=True, exist_ok=True)
        valence, arousal = (int(1000 * float(faces.targets[key][row])) for key in ("valence", "arousal"))
        grey = np.asarray(faces.pixels[row])
        picture = np.stack([grey, grey // 2, grey // 4], axis=2)
        name = f"{number:07d}s{CODE[EMOTIONS[emotions[row]]]}s{valence}s{arousal}.jpg"
        Image.fromarray(picture).save(target / name, quality=95)
    return root
