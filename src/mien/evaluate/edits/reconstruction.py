"""Whether a face that is asked for its own emotion stays as it is."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.evaluate.edits.made import Made
from mien.evaluate.edits.reached import share_of
from mien.score.intervals import bootstrap


def reconstruction(made: Made, seed: int = 0) -> dict[str, Any]:
    """Pixels and verdicts of G(x, the place of x's own emotion) against x.

    In a linear space a face's own strength is not known and the full one is asked for: of weak expressions an error
    remains by design.

    Returns:
        n faces; `l1` mean absolute difference in grey levels 0..255; `psnr` the mean of each face's, in decibels;
        both with bootstrap intervals; `keeps_label`: percent that the judge gives their label; `keeps_answer`: percent
        that it gives the answer that it gave to the face itself.
    """
    rows = np.arange(len(made.own))
    said = made.full[rows, made.own].argmax(axis=1)
    return {
        "n": len(rows),
        "l1": float(made.l1.mean()),
        "l1_ci95": _interval(made.l1, seed),
        "psnr": float(made.psnr.mean()),
        "psnr_ci95": _interval(made.psnr, seed),
        "keeps_label": share_of(said == made.own, "share"),
        "keeps_answer": share_of(said == made.plain.argmax(axis=1), "share"),
    }


def _interval(values: NDArray[Any], seed: int) -> list[float]:
    return list(bootstrap(lambda drawn: drawn.mean(axis=1), values, seed=seed))
