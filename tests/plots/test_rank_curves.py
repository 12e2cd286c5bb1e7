"""ROC and precision-recall curves carry every class that has one, with its areas."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from mien.errors import MienError
from mien.labels import EMOTIONS
from mien.plots.rank_curves import plot_rank_curves

NAMES = (*EMOTIONS, "x", "y", "z")


def test_legends_hold_names_areas_and_chance_and_leave_out_classes_without_rows(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    targets = random.choice(11, 400, p=[0.19, 0.01, *[0.1] * 8, 0])
    scores = random.normal(size=(400, 11)) + np.eye(11)[targets]
    plot_rank_curves(targets, scores, NAMES, tmp_path / "r.svg", title="a model")
    text = (tmp_path / "r.svg").read_text(encoding="utf-8").replace("&#160;", " ")
    aucs, precisions = [], []
    for c, name in enumerate(NAMES[:10]):
        positive = targets == c
        aucs.append(roc_auc_score(positive, scores[:, c]))
        precisions.append(average_precision_score(positive, scores[:, c]))
        assert f">{name}  {aucs[-1]:.3f}<" in text
        assert f">{name}  {precisions[-1]:.3f} ({positive.mean():.3f})<" in text
    assert ">z  " not in text
    assert f"mean area {np.mean(aucs):.3f}<" in text
    assert f"mean area {np.mean(precisions):.3f}<" in text
    assert ">a model<" in text


@pytest.mark.parametrize("suffix", ["png", "pdf"])
def test_other_formats(suffix: str, tmp_path: Path) -> None:
    plot_rank_curves(np.array([0, 1, 1]), np.eye(2)[[0, 1, 0]], ("a", "b"), tmp_path / f"r.{suffix}")
    assert (tmp_path / f"r.{suffix}").stat().st_size > 1000


def test_what_has_no_curve_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MienError, match="at least two classes"):
        plot_rank_curves(np.array([1, 1]), np.eye(2), ("a", "b"), tmp_path / "r.png")
    with pytest.raises(ValueError, match="3 names for 2"):
        plot_rank_curves(np.array([0, 1]), np.eye(2), ("a", "b", "c"), tmp_path / "r.png")
