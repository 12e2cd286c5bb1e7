from __future__ import annotations

import math

import pytest

torch = pytest.importorskip("torch")

from mien.lab.train.probe import knn_accuracy, linear_probe  # noqa: E402


def clusters(n: int = 300, spread: float = 0.2) -> tuple[torch.Tensor, torch.Tensor]:
    draw = torch.Generator().manual_seed(1)
    labels = torch.arange(n) % 3
    return torch.eye(5)[labels] + spread * torch.randn(n, 5, generator=draw), labels


def test_neighbours_tell_clusters_apart() -> None:
    x, labels = clusters()
    assert knn_accuracy(x, labels) > 95


def test_neighbours_agree_with_sklearn_s_leave_one_out() -> None:
    import numpy as np
    from sklearn.model_selection import LeaveOneOut, cross_val_predict
    from sklearn.neighbors import KNeighborsClassifier

    x, labels = clusters(120, spread=0.8)

    def weigh(distance: np.ndarray) -> np.ndarray:  # cosine distance -> the vote of Wu et al.
        return np.exp(-distance / 0.07)

    theirs = KNeighborsClassifier(20, metric="cosine", weights=weigh)
    said = cross_val_predict(theirs, x.numpy(), labels.numpy(), cv=LeaveOneOut())
    assert knn_accuracy(x, labels) == pytest.approx(100 * (said == labels.numpy()).mean(), abs=1e-4)


def test_a_face_is_not_its_own_neighbour_and_one_without_a_label_is_nobody_s() -> None:
    x, labels = clusters()
    shuffled = labels[torch.randperm(len(labels), generator=torch.Generator().manual_seed(2))]
    assert knn_accuracy(x, shuffled, k=1) < 60  # with itself as the nearest it would be 100
    assert knn_accuracy(x, torch.where(torch.arange(300) < 200, labels, -1)) > 95
    assert math.isnan(knn_accuracy(x, torch.full((300,), -1)))


def test_a_line_is_read_and_noise_is_not() -> None:
    x, labels = clusters()
    test, true = clusters(90)
    assert (linear_probe(x, labels, test).argmax(1) == true).float().mean() > 0.9
    noise = torch.randn(300, 5, generator=torch.Generator().manual_seed(3))
    assert (linear_probe(noise, labels, noise[:90] + 9).argmax(1) == true).float().mean() < 0.6
