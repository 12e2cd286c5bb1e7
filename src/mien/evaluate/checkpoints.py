"""Choosing among models, and refusing to do so by a test split."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mien.datasets.face_set import FaceSet
from mien.datasets.splits import is_test, role
from mien.errors import MienError
from mien.evaluate.chosen_split import ALL, chosen_split
from mien.evaluate.predictor import is_checkpoint
from mien.evaluate.scores import Evaluation


def siblings(models: Sequence[str | Path]) -> tuple[str, str] | None:
    """The first two of the models that are checkpoints of one run, or None."""
    seen: dict[Path, str] = {}
    for model in models:
        path = Path(model)
        if not is_checkpoint(path):
            continue
        run = (path if path.is_dir() else path.parent).resolve()
        if run in seen:
            return seen[run], str(model)
        seen[run] = str(model)
    return None


def refuse_choice(models: Sequence[str | Path], faces: FaceSet, split: str | None, choose: bool) -> None:
    """Raise where a test split would decide which checkpoint is kept.

    A best epoch picked on the test split is a result that nobody else will see again. Checkpoints of one run
    side by side invite that as much as asking for the best does.

    Raises:
        MienError: `choose`, or two checkpoints of one run, on a split whose role is test or that holds one.
    """
    name, rows = chosen_split(faces, split)
    pair = siblings(models)
    tests = [s for s in sorted({str(s) for s in faces.split[rows]}) if is_test(s)] or [name] * is_test(name)
    if not tests or not (choose or pair):
        return
    what = f"{pair[0]} and {pair[1]} are checkpoints of one run" if pair else "--choose"
    where = f"{name} (it holds {tests[0]})" if name == ALL else name
    raise MienError(
        f"{what}: choose on --split {_place_to_choose(faces)}, not on {where}, "
        f"and report the chosen one on {tests[0]} once"
    )


def best(evaluations: Sequence[Evaluation]) -> Evaluation:
    """The one of highest top-1, of equal ones that of lowest negative log-likelihood."""
    return max(evaluations, key=lambda one: (one.top1, -one.nll))


def _place_to_choose(faces: FaceSet) -> str:
    for name in sorted({str(s) for s in faces.split} - {""}):
        try:
            if role(name) == "validation":
                return name
        except MienError:
            continue
    return "PublicTest"
