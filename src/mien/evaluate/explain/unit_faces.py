"""Of each action unit the faces that a model gets most wrong, most right and doubts most, with where it looked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mien.datasets.face_set import FaceSet
from mien.errors import MienError
from mien.evaluate.explain.explain import Explanation, explain
from mien.evaluate.explain.explainer import Explainer
from mien.evaluate.explain.shown_faces import ShownFaces, sheet_rows
from mien.evaluate.pixels import crops as crops_of
from mien.evaluate.predictions import Progress
from mien.evaluate.units.intensities import IntensityScores, score_intensities
from mien.evaluate.units.occurrence import UnitScores, score_units
from mien.evaluate.units.outputs import INTENSITY, labels_of, outputs_of
from mien.evaluate.units.picks import Pick, amount_picks, unit_picks
from mien.evaluate.units.thresholds import stored_thresholds
from mien.labels import ACTION_UNITS
from mien.model_spec import Head, ModelSpec
from mien.runtime.explained_target import LIKELIEST, target_of
from mien.runtime.heat_drawing import SIDE, Row
from mien.runtime.probabilities import UNIT_HEADS
from mien.runtime.unit_regions import REGIONS, outlined, region_share

UnitHeadScores = UnitScores | IntensityScores


@dataclass(frozen=True, slots=True)
class UnitSheet:
    """n picked faces of one unit.

    Attributes:
        unit: which.
        sheet: `wrong`, `right` or `uncertain`.
        kinds: (n,) what each face is picked as, e.g. "shown, missed".
        picks: (n,) row, label and what the model says.
        rows: (n,) the faces with their heat, as `heat_drawing.draw_rows` takes them.
        in_region: method -> (n,) share of heat in the unit's region, NaN where a map has none; empty where the unit
            has no region.
    """

    unit: str
    sheet: str
    kinds: tuple[str, ...]
    picks: tuple[Pick, ...]
    rows: tuple[Row, ...]
    in_region: dict[str, NDArray[np.float64]]


def judged_units(
    explainer: Explainer,
    name: str,
    faces: FaceSet,
    split: str | None = None,
    target: str = LIKELIEST,
    *,
    excluded: NDArray[np.bool_] | None = None,
    progress: Progress | None = None,
) -> tuple[UnitHeadScores, tuple[str, ...]]:
    """What a model says of the units of a split, and which of these are asked about.

    Args:
        name: what to call the model.
        target: one unit, `HEAD:UNIT` where two heads have it; by default all units of the first head of units.
        excluded: (n,) rows to leave out.

    Raises:
        MienError: a model without units, a target that is none, or a split that codes none of them.
    """
    head, unit = _asked(explainer.spec, target)
    outputs = outputs_of(name, explainer, faces, split, [head], excluded=excluded, progress=progress)
    coded, _ = labels_of(head, outputs.faces)
    if unit and unit not in coded:
        raise MienError(f"{outputs.data}: {outputs.split} does not code {unit}; it codes {', '.join(coded)}")
    scores: UnitHeadScores
    if head.kind == INTENSITY:
        scores = score_intensities(outputs, head)
    else:
        kept = stored_thresholds(outputs.spec, head)
        scores = score_units(outputs, head, kept, "the model" if kept else "0.5")
    return scores, (unit,) if unit else coded


def unit_sheets(
    explainer: Explainer,
    faces: FaceSet,
    scores: UnitHeadScores,
    unit: str,
    methods: Sequence[str],
    *,
    layer: str = "",
    k: int = 4,
) -> list[UnitSheet]:
    """Up to k faces for each kind of `units.picks`, explained.

    Args:
        faces: the whole data set that was judged.
        methods, layer: as for `explain`.

    Raises:
        MienError: a map that this model does not allow, naming the remedy.
    """
    chosen = unit_picks(scores, unit, k) if isinstance(scores, UnitScores) else amount_picks(scores, unit, k)
    flat = [(sheet, kind, one) for sheet, kinds in chosen.items() for kind, some in kinds.items() for one in some]
    shown = _shown(faces, explainer.spec, [(kind, one) for _, kind, one in flat])
    found = [
        explain(explainer, shown.crops, f"{scores.head}:{unit}", method, layer=layer)
        for method in dict.fromkeys(methods)
    ]
    rows, shares = _rows(shown, found, unit)
    sheets = []
    for sheet in chosen:
        at = [i for i, (name, _, _) in enumerate(flat) if name == sheet]
        sheets.append(
            UnitSheet(
                unit=unit,
                sheet=sheet,
                kinds=tuple(flat[i][1] for i in at),
                picks=tuple(flat[i][2] for i in at),
                rows=tuple(rows[i] for i in at),
                in_region={method: share[at] for method, share in shares.items()},
            )
        )
    return sheets


def _asked(spec: ModelSpec, target: str) -> tuple[Head, str]:
    """The head that is asked, and the unit; "" for all of them."""
    heads = [head for head in spec.heads if head.kind in (*UNIT_HEADS, INTENSITY)]
    if not heads:
        raise MienError(f"--by-unit: model {spec.name} says no action units; leave it out, or name another model")
    if target.strip().lower() == LIKELIEST:
        return heads[0], ""
    asked = target_of(spec, target)
    if asked.head not in heads or asked.label not in ACTION_UNITS:
        raise MienError(f"--target {target}: no action unit, and --by-unit is of them; leave one of the two out")
    return asked.head, str(asked.label)


def _shown(faces: FaceSet, spec: ModelSpec, picks: Sequence[tuple[str, Pick]]) -> ShownFaces:
    chosen = faces.select(np.array([one.row for _, one in picks], np.int64))
    return ShownFaces(
        np.concatenate(list(crops_of(chosen, spec.height, spec.width, spec.colour))),
        np.concatenate(list(crops_of(chosen, SIDE, SIDE, "rgb"))),
        tuple(f"row {one.row}: {kind}" for kind, one in picks),
        tuple({} for _ in picks),
    )


def _rows(
    shown: ShownFaces, found: Sequence[Explanation], unit: str
) -> tuple[list[Row], dict[str, NDArray[np.float64]]]:
    rows = sheet_rows(shown, found)
    if unit not in REGIONS:
        return rows, {}
    shares = {one.method: region_share(one.maps, unit) for one in found}
    return [replace(row, face=outlined(row.face, unit)) for row in rows], shares
