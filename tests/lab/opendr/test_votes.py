from __future__ import annotations

import math

import pytest

torch = pytest.importorskip("torch")

from mien.lab.opendr.votes import affect, categories, votes  # noqa: E402


def say(*classes: int) -> torch.Tensor:
    """(1, branches, 8) logits that say these classes."""
    logits = torch.zeros(1, len(classes), 8)
    for branch, k in enumerate(classes):
        logits[0, branch, k] = 3.0
    return logits


def test_nine_equal_votes() -> None:
    (found,) = categories(say(*[5] * 9))
    assert (found.data, found.description) == (5, "Disgust")
    assert found.confidence == pytest.approx(math.exp(9) / (math.exp(9) + 7))
    assert found.confidence == pytest.approx(0.9991, abs=5e-5)


def test_counts_not_logits_decide_and_ties_go_to_the_lowest_number() -> None:
    loud = say(1, 4, 4)
    loud[0, 0, 1] = 100.0
    assert votes(loud).tolist() == [[0, 1, 0, 0, 2, 0, 0, 0]]
    assert categories(loud)[0].data == 4
    assert categories(say(6, 2))[0].data == 2


def test_affect_is_the_mean_and_is_not_cut_off() -> None:
    said = torch.tensor([[[0.5, -1.0], [1.9, -1.4]]])
    torch.testing.assert_close(affect(said), torch.tensor([[1.2, -1.2]]))
