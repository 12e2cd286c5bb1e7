"""Scores of valence and arousal: concordance, correlation, error and sign, with intervals."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError
from mien.evaluate.units.outputs import Floats, HeadOutputs, any_known, labels_of
from mien.evaluate.units.people import ROWS, Drawn, several
from mien.model_spec import Head
from mien.score import moments as sums_of
from mien.score.concordance import concordance, pearson, root_mean_squared_error, sign_agreement
from mien.score.resampling import interval, resampled_sums

SCORES = {
    "ccc": (concordance, sums_of.concordance_of),
    "pearson": (pearson, sums_of.pearson_of),
    "rmse": (root_mean_squared_error, sums_of.rmse_of),
    "sign_agreement": (sign_agreement, sums_of.sign_agreement_of),
}
"""Name -> of rows, and of sums."""


@dataclass(frozen=True, slots=True)
class AffectScores:
    """One head's scores on m rows, intervals of 95 % by bootstrap.

    Attributes:
        names: valence, arousal, as far as the data set has them.
        targets, said: (m, k) in -1..1, NaN without a label.
        each: name -> `n`, and the scores of SCORES with `_ci95` of each.
        mean_ccc, mean_ccc_ci95: over the names, the number that challenges rank by.
        over: what intervals draw.
        rows: (m,) int64, their places in the data set.
        draws: (resamples, k) CCC.
    """

    head: str
    kind: str
    names: tuple[str, ...]
    each: dict[str, dict[str, Any]]
    mean_ccc: float
    mean_ccc_ci95: tuple[float, float]
    over: str
    n: int
    rows: NDArray[np.int64] = field(repr=False, compare=False)
    targets: Floats = field(repr=False, compare=False)
    said: Floats = field(repr=False, compare=False)
    draws: Floats = field(repr=False, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """As docs/units.md has it."""
        return {
            "kind": self.kind,
            "n": self.n,
            "mean_ccc": self.mean_ccc,
            "mean_ccc_ci95": list(self.mean_ccc_ci95),
            **self.each,
            "intervals_over": self.over,
        }


def score_affect(
    outputs: HeadOutputs,
    head: Head,
    *,
    drawn: Drawn = ROWS,
    seed: int = 0,
) -> AffectScores:
    """Scores of a head of valence and arousal; what it says is cut to -1..1, as `mien analyze` tells it.

    Args:
        drawn: what intervals draw, from `units.people.drawn_by`.

    Raises:
        MienError: a set with neither.
    """
    names, targets = labels_of(head, outputs.faces)
    if not names:
        raise MienError(f"{outputs.data}: {outputs.split}: no valence or arousal among its labels")
    some = any_known(targets)
    targets, said = targets[some], outputs.values(head, names)[some].clip(-1, 1)
    over, clusters = several(drawn, some)
    sums = resampled_sums(sums_of.moments(targets, said), clusters, seed=seed)
    each: dict[str, dict[str, Any]] = {}
    for k, name in enumerate(names):
        found: dict[str, Any] = {"n": int(np.isfinite(targets[:, k]).sum())}
        for key, (of_rows, of_sums) in SCORES.items():
            found[key] = float(of_rows(targets[:, k], said[:, k]))
            found[f"{key}_ci95"] = list(interval(of_sums(sums[:, k])))
        each[name] = found
    draws = sums_of.concordance_of(sums)
    return AffectScores(
        head=head.name,
        kind=head.kind,
        names=names,
        each=each,
        mean_ccc=float(np.mean([one["ccc"] for one in each.values()])),
        mean_ccc_ci95=interval(draws.mean(axis=1)),
        over=over,
        n=int(some.sum()),
        rows=outputs.rows[some],
        targets=targets,
        said=said,
        draws=draws,
    )
