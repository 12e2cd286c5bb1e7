"""Scores of units that are there or not: by unit, over all, and what is taken for what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError
from mien.evaluate.units.outputs import Floats, HeadOutputs, any_known, labels_of, units_of
from mien.evaluate.units.people import ROWS, Drawn, several
from mien.evaluate.units.protocol import PROTOCOLS
from mien.model_spec import Head
from mien.score.emotionet import challenge_score
from mien.score.f1 import mean_of_present
from mien.score.multilabel import PerUnit, per_unit
from mien.score.multilabel_confusion import between_units, unit_confusions
from mien.score.resampling import interval, resampled_sums
from mien.score.unit_cells import accuracy_of, cells, f1_of
from mien.score.unit_thresholds import UNFITTED

PER_UNIT = ("precision", "recall", "f1", "accuracy", "roc_auc", "average_precision")


@dataclass(frozen=True, slots=True)
class UnitScores:
    """One head's scores on m rows; shares in percent, areas in 0..1, intervals of 95 % by bootstrap.

    Attributes:
        head, kind: whose.
        units: those that the data set codes; lists follow them.
        not_coded: the head's other units.
        targets, said: (m, u) 0, 1 or NaN, and probabilities.
        thresholds: unit -> from which probability on it is said; `thresholds_from` where that comes from.
        scores: see `score.multilabel.PerUnit`.
        f1_ci95: (u,) of each unit; mean_f1_ci95, challenge_ci95: of the means.
        mean_f1_at_half: with 0.5 for every unit.
        confusions: (u, 2, 2), see `unit_confusions`; between: (u + 1, u + 1), see `between_units`.
        protocol: mean F1 over the units of the set's common protocol, and those that are missing; None without one.
        over: what intervals draw.
        rows: (m,) int64, their places in the data set.
        draws: (resamples, u) F1.
    """

    head: str
    kind: str
    units: tuple[str, ...]
    not_coded: tuple[str, ...]
    thresholds: Mapping[str, float]
    thresholds_from: str
    scores: PerUnit
    f1_ci95: list[tuple[float, float]]
    mean_f1_ci95: tuple[float, float]
    challenge: float
    challenge_ci95: tuple[float, float]
    mean_f1_at_half: float
    confusions: NDArray[np.int64]
    between: NDArray[np.int64]
    protocol: dict[str, Any] | None
    over: str
    n: int
    rows: NDArray[np.int64] = field(repr=False, compare=False)
    targets: Floats = field(repr=False, compare=False)
    said: Floats = field(repr=False, compare=False)
    draws: Floats = field(repr=False, compare=False)

    @property
    def called(self) -> NDArray[np.bool_]:
        """(m, u) which units are said."""
        return self.said >= np.array([self.thresholds[unit] for unit in self.units])

    def to_dict(self) -> dict[str, Any]:
        """As docs/units.md has it."""
        each = {
            unit: {
                "n": int(self.scores.n[u]),
                "positive": int(self.scores.positive[u]),
                "threshold": self.thresholds[unit],
                **{name: float(getattr(self.scores, name)[u]) for name in PER_UNIT},
                "f1_ci95": list(self.f1_ci95[u]),
                "confusion": self.confusions[u].tolist(),
            }
            for u, unit in enumerate(self.units)
        }
        return {
            "kind": self.kind,
            "n": self.n,
            "thresholds_from": self.thresholds_from,
            "mean": {name: self.scores.macro(name) for name in PER_UNIT} | {"f1_ci95": list(self.mean_f1_ci95)},
            "mean_f1_at_half": self.mean_f1_at_half,
            "challenge_score": self.challenge,
            "challenge_score_ci95": list(self.challenge_ci95),
            "protocol": self.protocol,
            "units": each,
            "between": {"labels": [*self.units, "none"], "counts": self.between.tolist()},
            "not_coded": list(self.not_coded),
            "intervals_over": self.over,
        }


def score_units(
    outputs: HeadOutputs,
    head: Head,
    thresholds: Mapping[str, float],
    thresholds_from: str,
    *,
    drawn: Drawn = ROWS,
    seed: int = 0,
) -> UnitScores:
    """Scores of one head.

    Args:
        thresholds: of units; those that are not named keep 0.5.
        drawn: what intervals draw, from `people.drawn_by`.

    Raises:
        MienError: no unit that head and data set have in common.
    """
    units, targets = labels_of(head, outputs.faces)
    if not units:
        raise MienError(f"{outputs.data}: {outputs.split}: no unit of {head.name} is coded")
    some = any_known(targets)
    targets, said = targets[some], outputs.values(head, units)[some]
    cut = np.array([thresholds.get(unit, UNFITTED) for unit in units])
    scores = per_unit(targets, said, cut)
    over, clusters = several(drawn, some)
    sums = resampled_sums(cells(targets, said >= cut), clusters, seed=seed)
    draws, means = f1_of(sums), mean_of_present(f1_of(sums))
    return UnitScores(
        head=head.name,
        kind=head.kind,
        units=units,
        not_coded=tuple(unit for unit in units_of(head) if unit not in units),
        thresholds=dict(zip(units, cut.tolist(), strict=True)),
        thresholds_from=thresholds_from,
        scores=scores,
        f1_ci95=[interval(draws[:, u]) for u in range(len(units))],
        mean_f1_ci95=interval(means),
        challenge=challenge_score(scores),
        challenge_ci95=interval((mean_of_present(accuracy_of(sums)) + means) / 2),
        mean_f1_at_half=per_unit(targets, said).macro("f1"),
        confusions=unit_confusions(targets, said >= cut),
        between=between_units(targets, said >= cut),
        protocol=_protocol(outputs.data, units, scores),
        over=over,
        n=int(some.sum()),
        rows=outputs.rows[some],
        targets=targets,
        said=said,
        draws=draws,
    )


def _protocol(data: str, units: tuple[str, ...], scores: PerUnit) -> dict[str, Any] | None:
    wanted = PROTOCOLS.get(data.lower())
    if wanted is None:
        return None
    f1 = [float(scores.f1[units.index(unit)]) if unit in units else float("nan") for unit in wanted]
    missing = [unit for unit, value in zip(wanted, f1, strict=True) if np.isnan(value)]
    return {
        "name": data.lower(),
        "units": list(wanted),
        "mean_f1": float(mean_of_present(np.array(f1))),
        "missing": missing,
    }
