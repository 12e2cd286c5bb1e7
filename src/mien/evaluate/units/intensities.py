"""Scores of units' intensities: agreement with the coder, error and correlation, by unit and over all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.datasets.units import STRONGEST
from mien.errors import MienError
from mien.evaluate.units.outputs import Floats, HeadOutputs, any_known, labels_of, units_of
from mien.evaluate.units.people import ROWS, Drawn, several
from mien.model_spec import Head
from mien.score.f1 import mean_of_present
from mien.score.moments import icc_of, mae_of, moments
from mien.score.ordinal import PerIntensity, per_intensity
from mien.score.resampling import interval, resampled_sums

PER_UNIT = ("icc", "mae", "mse", "pearson")


@dataclass(frozen=True, slots=True)
class IntensityScores:
    """One head's scores on m rows; lists follow `units`, intervals of 95 % by bootstrap.

    Attributes:
        rows: (m,) int64, their places in the data set.
        targets, said: (m, u) intensities 0..5, NaN where none is coded; what is said is cut to that range.
        scores: see `score.ordinal.PerIntensity`.
        draws: (resamples, u) ICC(3,1).
    """

    head: str
    kind: str
    units: tuple[str, ...]
    not_coded: tuple[str, ...]
    scores: PerIntensity
    icc_ci95: list[tuple[float, float]]
    mae_ci95: list[tuple[float, float]]
    mean_icc_ci95: tuple[float, float]
    mean_mae_ci95: tuple[float, float]
    over: str
    n: int
    rows: NDArray[np.int64] = field(repr=False, compare=False)
    targets: Floats = field(repr=False, compare=False)
    said: Floats = field(repr=False, compare=False)
    draws: Floats = field(repr=False, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """As docs/units.md has it."""
        each = {
            unit: {
                "n": int(self.scores.n[u]),
                "positive": int(self.scores.positive[u]),
                **{name: float(getattr(self.scores, name)[u]) for name in PER_UNIT},
                "icc_ci95": list(self.icc_ci95[u]),
                "mae_ci95": list(self.mae_ci95[u]),
            }
            for u, unit in enumerate(self.units)
        }
        means = {name: self.scores.macro(name) for name in PER_UNIT}
        return {
            "kind": self.kind,
            "n": self.n,
            "mean": means | {"icc_ci95": list(self.mean_icc_ci95), "mae_ci95": list(self.mean_mae_ci95)},
            "units": each,
            "not_coded": list(self.not_coded),
            "intervals_over": self.over,
        }


def score_intensities(
    outputs: HeadOutputs,
    head: Head,
    *,
    drawn: Drawn = ROWS,
    seed: int = 0,
) -> IntensityScores:
    """Scores of one head; arguments and errors as for `occurrence.score_units`."""
    units, targets = labels_of(head, outputs.faces)
    if not units:
        raise MienError(f"{outputs.data}: {outputs.split}: no intensity of a unit of {head.name} is coded")
    some = any_known(targets)
    targets, said = targets[some], outputs.values(head, units)[some].clip(0, STRONGEST)
    over, clusters = several(drawn, some)
    sums = resampled_sums(moments(targets, said), clusters, seed=seed)
    icc, mae = icc_of(sums), mae_of(sums)
    return IntensityScores(
        head=head.name,
        kind=head.kind,
        units=units,
        not_coded=tuple(unit for unit in units_of(head) if unit not in units),
        scores=per_intensity(targets, said),
        icc_ci95=[interval(icc[:, u]) for u in range(len(units))],
        mae_ci95=[interval(mae[:, u]) for u in range(len(units))],
        mean_icc_ci95=interval(mean_of_present(icc)),
        mean_mae_ci95=interval(mean_of_present(mae)),
        over=over,
        n=int(some.sum()),
        rows=outputs.rows[some],
        targets=targets,
        said=said,
        draws=icc,
    )
