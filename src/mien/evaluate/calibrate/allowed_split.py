"""Which split a model may be calibrated on: none that is reported on, none that it has learnt."""

from __future__ import annotations

from mien.datasets.face_set import FaceSet
from mien.datasets.splits import is_test, role
from mien.errors import MienError
from mien.evaluate.chosen_split import chosen_split
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
    known = {str(s) for s in faces.split[chosen_split(faces, split)[1]]}
    if not any(_is_training(one) for one in known):
        return
    learnt = spec.training.get("data_sha256")
    if not learnt or learnt == (faces.content or faces.digest()):
        raise MienError(f"{faces.name}: {name} may have learnt {split}, and is surer of it; calibrate on validation")


def _is_training(split: str) -> bool:
    try:
        return role(split) == "train"
    except MienError:
        return False
