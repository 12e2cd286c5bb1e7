from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from mien.lab.train.losses import soft_cross_entropy  # noqa: E402


def test_agrees_with_the_framework_on_hard_labels() -> None:
    logits = torch.randn(5, 7)
    labels = torch.tensor([0, 1, 2, 3, 6])
    hard = torch.nn.functional.one_hot(labels, 7).float()
    expected = torch.nn.functional.cross_entropy(logits, labels)
    torch.testing.assert_close(soft_cross_entropy(logits, hard, torch.ones(5)), expected)


def test_a_weight_of_nothing_counts_nothing() -> None:
    logits = torch.randn(3, 4)
    target = torch.full((3, 4), 0.25)
    weight = torch.tensor([1.0, 0.0, 0.0])
    torch.testing.assert_close(
        soft_cross_entropy(logits, target, weight), soft_cross_entropy(logits[:1], target[:1], weight[:1])
    )
    assert float(soft_cross_entropy(logits, target, torch.zeros(3))) == 0
