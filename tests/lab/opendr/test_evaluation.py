from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import Tensor  # noqa: E402

from mien.errors import MienError  # noqa: E402
from mien.lab.opendr.affectnet_sets import AffectNetCategorical, AffectNetDimensional  # noqa: E402
from mien.lab.opendr.evaluation import evaluate  # noqa: E402
from mien.lab.opendr.published_esr import PublishedEsr  # noqa: E402


def say(x: Tensor) -> tuple[Tensor, Tensor]:
    """Three branches with constant answers."""
    emotions = torch.zeros(len(x), 3, 8)
    for branch, k in enumerate((1, 4, 4)):
        emotions[:, branch, k] = 2.0
    affect = torch.tensor([[0.1, -0.2], [0.5, 0.4], [-0.3, 0.0]]).expand(len(x), 3, 2)
    return emotions, affect


def test_right_answers_and_losses_of_branches_and_of_their_vote(faces: Path) -> None:
    labels = np.array([label for _, label in AffectNetCategorical(2, 1000, None, False, faces)])
    happy, fear = int((labels == 1).sum()), int((labels == 4).sum())
    found = evaluate(say, "categorical", str(faces), 3, 3, 7)
    assert found["running_emotion_corrects"] == [happy, fear, fear, fear]
    z = np.exp(2) + 7
    loss = [-np.log([np.exp(2) / z if label == k else 1 / z for label in labels]).mean() for k in (1, 4, 4)]
    np.testing.assert_allclose(found["running_emotion_loss"], loss, rtol=1e-5)
    assert found["valence_arousal_losses"] == [[], []]
    first = evaluate(say, "categorical", str(faces), 3, 1, 7)
    assert first["running_emotion_corrects"] == [happy, 0, 0, happy]  # the ensemble of the first branch
    assert first["running_emotion_loss"][1:] == [0.0, 0.0]


def test_errors_of_valence_and_arousal(faces: Path) -> None:
    told = AffectNetDimensional(2, 1000, None, False, faces)
    true = np.array([told[i][1] for i in range(len(told))])
    found = evaluate(say, "dimensional", str(faces), 3, 2, 7)
    for axis, said in enumerate(([0.1, 0.5, 0.3], [-0.2, 0.4, 0.1])):
        rmse = [float(np.sqrt(((true[:, axis] - value) ** 2).mean())) for value in said]
        np.testing.assert_allclose(found["valence_arousal_losses"][axis], [rmse[0], rmse[1], 0, rmse[2]], atol=1e-5)
    assert found["running_emotion_corrects"] == [0] * 4


def test_a_real_network_in_batches_of_any_size(faces: Path) -> None:
    net = PublishedEsr(2, widths=(4,) * 8)
    with torch.no_grad():
        results = [evaluate(net.said, "categorical", str(faces), 2, 2, batch) for batch in (5, 24)]
    assert results[0]["running_emotion_corrects"] == results[1]["running_emotion_corrects"]


def test_what_cannot_be_evaluated(faces: Path, tmp_path: Path) -> None:
    with pytest.raises(MienError, match="eval_type 'both'"):
        evaluate(say, "both", str(faces), 3, 1, 7)
    for shown in (0, 4):
        with pytest.raises(MienError, match=r"this ensemble has branches 0\.\.2"):
            evaluate(say, "categorical", str(faces), 3, shown, 7)
    with pytest.raises(MienError, match="no such folder"):
        evaluate(say, "categorical", str(tmp_path), 3, 1, 7)
