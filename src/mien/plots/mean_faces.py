"""The mean face of each class, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError
from mien.plots.figure import drawn


def plot_mean_faces(
    names: Sequence[str],
    means: NDArray[np.float64],
    counts: Sequence[int],
    path: str | Path,
    *,
    title: str = "",
) -> None:
    """Draw mean faces with the number of faces behind each; a class without faces is left out.

    Args:
        names: (k,) classes.
        means: (k, h, w, c) pixels in 0..1, c being 1 for grey and 3 for RGB.
        counts: (k,) faces that each is the mean of.
        path: ends in png, pdf or svg.

    Raises:
        MienError: no faces, a suffix that is not known, or a path that cannot be written.
        MissingExtraError: no matplotlib.
    """
    shown = [at for at, count in enumerate(counts) if count]
    if not shown:
        raise MienError(f"{path}: no labelled faces to draw")
    with drawn(path, 1.5 * len(shown) + 0.2, 2.2) as figure:
        for axes, at in zip(figure.subplots(1, len(shown), squeeze=False)[0], shown, strict=True):
            face = means[at]
            axes.imshow(face if face.shape[-1] == 3 else face[..., 0], cmap="gray", vmin=0, vmax=1)
            axes.set_title(names[at], fontsize=10, loc="center")
            axes.set_xlabel(f"{counts[at]:,}", fontsize=8)
            axes.set_xticks([])
            axes.set_yticks([])
            axes.spines[:].set_visible(False)
        if title:
            figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")
