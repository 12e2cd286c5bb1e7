"""Several models judged on the same rows: their comparison and what their ensembles would give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mien.datasets.face_set import FaceSet
from mien.datasets.splits import is_test
from mien.errors import MienError
from mien.evaluate.chosen_split import chosen_split
from mien.evaluate.comparison import Comparison, compare
from mien.evaluate.cost import milliseconds_per_face
from mien.evaluate.ensemble_model import needs_no_data
from mien.evaluate.ensembling import EnsembleRow, ensembles
from mien.evaluate.predictions import Predictions
from mien.evaluate.predictor import open_model
from mien.evaluate.probabilities_file import is_probabilities_file, load_probabilities
from mien.evaluate.scores import Evaluation


@dataclass(frozen=True, slots=True)
class SideBySide:
    """What is known of several models together.

    Attributes:
        evaluations: each alone.
        comparison: paired tests and disagreements; None where they were not judged on the same rows.
        ensembles: each model and each way to combine them; empty where they cannot be combined.
        notes: why something is not there, in sentences.
    """

    evaluations: list[Evaluation]
    comparison: Comparison | None
    ensembles: list[EnsembleRow]
    notes: list[str]

    def to_dict(self) -> dict[str, Any]:
        """As `mien evaluate --json` prints it for several models."""
        return {
            "models": [one.to_dict() for one in self.evaluations],
            "comparison": self.comparison.to_dict() if self.comparison else None,
            "ensembles": [row.to_dict() for row in self.ensembles],
            "notes": self.notes,
        }

    def row(self, rule: str) -> EnsembleRow:
        """The ensemble of this rule.

        Raises:
            MienError: none of that name, with what there is.
        """
        found = {row.rule: row for row in self.ensembles if row.ensemble is not None}
        if rule not in found:
            listed = ", ".join(found) or "none"
            raise MienError(f"no ensemble {rule!r} here: {listed}; fitted ones need --fit-on SPLIT")
        return found[rule]


def side_by_side(
    evaluations: Sequence[Evaluation],
    validation: Sequence[Predictions] | None = None,
    *,
    cost: Sequence[float | None] = (),
    members: Sequence[str] = (),
    seed: int = 0,
) -> SideBySide:
    """Compare and combine models that were judged one by one.

    Args:
        evaluations: two or more.
        validation: the same models' predictions of other rows, which weights are fitted on; None for none.
        cost: milliseconds a face of each, None where unknown.
        members: how an ensemble's file is to name them; () takes the evaluations' names.
        seed: of bootstrap and folds.

    Raises:
        MienError: validation rows that are no validation rows, see `ensembles`.
    """
    predictions, notes = [one.predictions for one in evaluations], []
    comparison, rows = None, []
    try:
        comparison = compare(predictions, seed=seed)
    except MienError as error:
        notes.append(f"Not compared: {error}.")
    try:
        rows = ensembles(predictions, validation, cost=cost, members=members, seed=seed)
    except MienError as error:
        if validation is not None:
            raise
        notes.append(f"Not combined: {error}.")
    return SideBySide(list(evaluations), comparison, rows, notes)


def costs(models: Sequence[str | Path], device: str = "auto") -> list[float | None]:
    """Milliseconds a face of each model here; None for saved probabilities and ensembles of such."""
    found: list[float | None] = []
    for model in models:
        runs = not needs_no_data(model) and Path(model).suffix.lower() != ".toml"
        found.append(milliseconds_per_face(open_model(model, device)) if runs else None)
    return found


def fitting_files(fit_on: Sequence[str]) -> list[Predictions] | None:
    """The saved predictions that `--fit-on` names; None where it names a split.

    Raises:
        MienError: files and splits mixed, several splits, or a file that cannot be read.
    """
    files = [name for name in fit_on if is_probabilities_file(name)]
    if not files:
        if len(fit_on) > 1:
            raise MienError(f"--fit-on {fit_on[1]}: name one split, or a saved .npz for each model in their order")
        return None
    if len(files) < len(fit_on):
        raise MienError("--fit-on takes a split or saved .npz files, not both")
    return [load_probabilities(name) for name in files]


def fitting_split(faces: FaceSet | None, name: str) -> str:
    """The split's own name, where weights may be fitted on it.

    Raises:
        MienError: no data, no such split, or a test split.
    """
    if faces is None:
        raise MienError(f"--fit-on {name}: a split needs --data; for saved models give each one's validation .npz")
    found = chosen_split(faces, name)[0]
    if is_test(found):
        raise MienError(f"--fit-on {found}: a test split fits nothing; name the validation split")
    return found
