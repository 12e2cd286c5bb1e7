"""Which split a model may be calibrated on: none that is reported on, none that it has learnt."""

from __future__ import annotations

import numpy as np

from mien.datasets.face_set import FaceSet
from mien.datasets.splits import is_test, role
from mien.errors import MienError
from mien.evaluate.chosen_split import chosen_split
from mien.evaluate.learnt import learnt_rows
from mien.model_spec import ModelSpec


def split_to_fit(faces: FaceSet, split: str | None) -> str:
    """The split's own name.

    Raises:
        MienError: one that is there to report on, or holds one; or none named and no validation split.
    """
    if split is None:
        split = "validation" if faces.split.astype(bool).any() else "all"
    name, rows = chosen_split(faces, split)
    tests = [s for s in sorted({str(s) for s in faces.split[rows]}) if is_test(s)]
    if tests:
        where = name if name == tests[0] else f"{name} (it holds {tests[0]})"
        raise MienError(
            f"{faces.name}: {where} is there to report on; calibrate on validation, --report-split {tests[0]}"
        )
    return name


def refuse_learnt(name: str, spec: ModelSpec, faces: FaceSet, split: str) -> None:
    """Raise MienError where the model has learnt these very faces: it is surer of them than of any others."""
    rows, facts = chosen_split(faces, split)[1], spec.training
    cut, data = facts.get("protocol"), facts.get("data_sha256")
    learnt = bool(learnt_rows(spec, faces)[rows].any())
    if not (facts.get("train") and data):  # a model that does not say what it learnt: training splits are suspect
        same = not data or data == (faces.content or faces.digest())
        learnt = same and any(_is_training(str(s)) for s in np.unique(faces.split[rows]))
    if learnt:
        where = f"the validation split of DATA:protocol={cut['name']},fold={cut['fold']}" if cut else "validation"
        raise MienError(f"{faces.name}: {name} may have learnt {split}, and is surer of it; calibrate on {where}")


def _is_training(split: str) -> bool:
    try:
        return role(split) == "train"
    except MienError:
        return False
