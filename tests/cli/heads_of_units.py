"""A small set of action units in files, and models that answer by brightness."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from mien.labels import AFFECT, SEVEN
from mien.model_spec import Head

HEADS = (
    Head("emotion", "emotion", SEVEN, "emotion"),
    Head("units", "action_units", ("AU06", "AU12"), "x", "sigmoid"),
    Head("affect", "valence_arousal", AFFECT, "x", "tanh"),
)


def write_set(folder: Path, seed: int = 0, noise: float = 12.0, **left_out: str) -> Path:
    """20 faces a split, four people each: dark ones show AU06 and bright ones AU12, less clearly with more noise.

    Args:
        left_out: `columns="emotion valence"` for instance leaves these out.
    """
    random = np.random.default_rng(seed)
    (folder / "faces").mkdir(parents=True)
    names = ["path", "AU06", "AU12", "valence", "arousal", "emotion", "subject", "split"]
    kept = [name for name in names if name not in left_out.get("columns", "").split()]
    lines = [",".join(kept)]
    for s, split in enumerate(("train", "validation", "test")):
        for at in range(20):
            bright = (at % 5) / 4
            pixels = np.clip(255 * bright + random.normal(0, noise) + random.normal(0, 3, (48, 48)), 0, 255)
            path = folder / "faces" / f"{split}{at}.png"
            Image.fromarray(pixels.astype(np.uint8)).save(path)
            row = {
                "path": f"faces/{path.name}", "AU06": int(bright < 0.3), "AU12": int(bright > 0.7),
                "valence": round(2 * bright - 1, 2) * 0.9, "arousal": 0.1 * (at % 3), "emotion": SEVEN[at % 7],
                "subject": f"p{s}{at % 4}", "split": split,
            }  # fmt: skip
            lines.append(",".join(str(row[name]) for name in kept))
    file = folder / "units.csv"
    file.write_text("\n".join(lines) + "\n")
    return file


def write_model(tiny_model: Callable[..., Path], heads: tuple[Head, ...] = HEADS, name: str = "bright") -> Path:
    return tiny_model(name, heads=heads)
