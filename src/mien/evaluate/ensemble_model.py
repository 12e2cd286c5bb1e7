"""An ensemble as a MODEL: its members' predictions of the same rows, combined."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.ensemble.combine import chosen
from mien.ensemble.ensemble_file import Ensemble, is_ensemble_file, read_ensemble
from mien.errors import MienError
from mien.evaluate.chosen_split import ALL
from mien.evaluate.label_scheme import renormalised
from mien.evaluate.predictions import Predictions
from mien.evaluate.probabilities_file import is_probabilities_file
from mien.labels import EMOTIONS

SAME = (
    ("data_sha256", "another data set"), ("split", "another split"), ("labels", "other labels"),
    ("rows", "other rows"), ("targets", "other targets"), ("emotions", "other emotions"),
    ("names", "other merged classes"),
)  # fmt: skip
"""What members must agree on, and how it is told that one does not."""


def needs_no_data(model: str | Path) -> bool:
    """Whether a MODEL brings its predictions along: saved ones, or an ensemble of such alone."""
    if is_ensemble_file(model):
        return all(is_probabilities_file(member) for member in read_ensemble(model).members)
    return is_probabilities_file(model)


def combined(ensemble: Ensemble, members: Sequence[Predictions], source: str = "") -> Predictions:
    """One model's predictions from those of several.

    `max` takes the model with the largest logit where every member has its logits, else the one with the largest
    probability; the other rules combine probabilities, normalised over the emotions that are judged.

    Args:
        source: the ensemble's file, for messages and as the model's name.

    Raises:
        MienError: members that do not agree on data, split, labels and rows, naming the first and what differs;
            stacking that was fitted to other classes.
    """
    name = source or ensemble.name
    check_members(name, ensemble.members, members)
    first = members[0]
    classes = np.flatnonzero(first.emotions)
    if ensemble.stacking is not None and ensemble.stacking.classes != tuple(first.names[c] for c in classes):
        raise MienError(
            f"{name}: stacking was fitted to {', '.join(ensemble.stacking.classes)}, the members are judged on"
            f" {', '.join(first.names[c] for c in classes)}; fit it anew on such labels"
        )
    plain = np.stack([renormalised(member.probabilities, classes) for member in members])
    outputs = _logits(members, classes) if ensemble.combine == "max" else None
    answer = chosen(plain, outputs) if outputs is not None else ensemble(plain)
    averaged = None
    if all(member.averaged is not None and member.tta == first.tta for member in members):
        turned = np.stack([renormalised(m.averaged, classes) for m in members if m.averaged is not None])
        averaged = _over_all(ensemble(turned), classes)
    return Predictions(
        model=name,
        trained_on="+".join(sorted({member.trained_on for member in members})),
        data=first.data,
        data_sha256=first.data_sha256,
        split=first.split,
        labels=first.labels,
        emotions=first.emotions,
        rows=first.rows,
        targets=first.targets,
        probabilities=_over_all(answer, classes),
        averaged=averaged,
        tta="" if averaged is None else first.tta,
        elsewhere=next((member.elsewhere for member in members if member.elsewhere is not None), None),
        dropped=first.dropped,
        names=first.names,
    )


def rule_in_words(ensemble: Ensemble, members: Sequence[Predictions]) -> str:
    """A sentence on how the members were combined."""
    rule = {
        "mean": "the mean of the probabilities",
        "weighted": "the mean of the probabilities with fitted weights",
        "greedy": "the mean of the probabilities, members chosen one by one",
        "vote": "the most votes; equal votes go to the class of the larger mean probability",
        "max": "the model with the largest "
        + ("logit" if all(member.logits is not None for member in members) else "probability"),
        "stacking": "a logistic regression on the logarithms of the probabilities",
    }[ensemble.combine]
    weighed = f", weights {', '.join(f'{weight:.4g}' for weight in ensemble.weights)}" if ensemble.weights else ""
    return f"Ensemble of {len(members)}: {rule}{weighed}.{_fitted(ensemble, members[0])}"


def _fitted(ensemble: Ensemble, judged: Predictions) -> str:
    """On which rows it was fitted, and a warning where those are the rows that it is judged on."""
    facts = ensemble.fitted_on
    if not facts:
        return ""
    same = facts.get("data_sha256") == judged.data_sha256 and judged.split in (facts.get("split"), ALL)
    rows = f" ({facts['n']:,} rows)" if isinstance(facts.get("n"), int) else ""
    warned = ", rows among those scored here, so that the score is too good" if same else ""
    return f" Fitted on {facts.get('split', 'an unknown split')}{rows}{warned}."


def check_members(name: str, models: Sequence[str], members: Sequence[Predictions]) -> None:
    """That members were judged on the same rows, emotions and labels.

    Args:
        name: of the ensemble, for messages.
        models: what each member is called.

    Raises:
        MienError: naming the first that differs from the first member, and in what.
    """
    first = members[0]
    for model, predictions in zip(models[1:], members[1:], strict=True):
        for key, told in SAME:
            a, b = getattr(first, key), getattr(predictions, key)
            if not np.array_equal(a, b):
                raise MienError(
                    f"{name}: {model} is of {told} than {models[0]} ({_difference(key, a, b)}); save the"
                    " probabilities of every member with the same --data, --split and --labels"
                )


def _difference(key: str, a: Any, b: Any) -> str:
    if key == "data_sha256":
        return f"sha256 {b[:12]}, not {a[:12]}"
    if key in ("split", "labels"):
        return f"{b}, not {a}"
    if len(a) != len(b):
        return f"{len(b)} {key}, not {len(a)}"
    at = int(np.flatnonzero(np.asarray(a) != np.asarray(b))[0])
    return f"the first at position {at}: {b[at]}, not {a[at]}"


def _logits(members: Sequence[Predictions], classes: NDArray[np.int64]) -> NDArray[np.float32] | None:
    """(m, n, k) raw outputs, or None where a member has none."""
    known = [member.logits[:, classes] for member in members if member.logits is not None]
    return np.stack(known) if len(known) == len(members) else None


def _over_all(probabilities: NDArray[np.float64], classes: NDArray[np.int64]) -> NDArray[np.float32]:
    """(n, k) over some emotions -> (n, 8), NaN in the others' columns."""
    out = np.full((len(probabilities), len(EMOTIONS)), np.nan, np.float32)
    out[:, classes] = probabilities
    return out
