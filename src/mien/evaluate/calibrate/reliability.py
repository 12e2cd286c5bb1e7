"""The reliability diagram of a calibration, before and after."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mien.evaluate.calibrate.fitting import Calibration
from mien.evaluate.label_scheme import renormalised
from mien.score.calibration import Reliability, reliability


def reliability_tables(found: Calibration) -> dict[str, Reliability]:
    """`before` and `after` of the faces that the calibration was fitted on, after being cross-fitted."""
    classes = np.flatnonzero(found.predictions.emotions)
    targets = np.searchsorted(classes, found.predictions.targets)
    return {
        name: reliability(targets, renormalised(probabilities.astype(np.float32), classes))
        for name, probabilities in zip(("before", "after"), found.probabilities, strict=True)
    }


def draw_reliability(found: Calibration, path: str | Path) -> None:
    """Write it as a figure.

    Raises:
        MienError: a suffix that is not known, or a path that cannot be written.
        MissingExtraError: no matplotlib.
    """
    from mien.plots.reliability import plot_reliability

    p = found.predictions
    plot_reliability(reliability_tables(found), path, title=f"{Path(p.model).name} on {p.split}, n = {len(p):,}")
