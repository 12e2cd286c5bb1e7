from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from mien.lab.train.class_weights import class_weights, log_priors  # noqa: E402
from mien.lab.train.recipe import Balance  # noqa: E402

COUNTS = torch.tensor([3995, 436, 4097, 7215, 4830, 3171, 4965])  # FER2013's Training


@pytest.mark.parametrize("kind", ["none", "inverse", "effective"])
def test_mean_over_faces_is_one(kind: str) -> None:
    weights = class_weights(COUNTS, Balance(class_weights=kind))
    assert float((weights * COUNTS).sum() / COUNTS.sum()) == pytest.approx(1, abs=1e-6)


def test_inverse_is_n_over_k_times_count() -> None:
    weights = class_weights(COUNTS, Balance(class_weights="inverse"))
    torch.testing.assert_close(weights, (28_709 / (7 * COUNTS.double())).float())


@pytest.mark.parametrize("beta", [0.9, 0.999, 0.9999])
def test_effective_number_after_cui(beta: float) -> None:
    weights = class_weights(COUNTS, Balance(class_weights="effective", beta=beta))
    number = [sum(beta**i for i in range(int(n))) for n in COUNTS]  # 1 + beta + ... + beta^(n-1), its definition
    expected = torch.tensor([number[0] / value for value in number])
    torch.testing.assert_close(weights / weights[0], expected, rtol=1e-4, atol=0)


def test_beta_goes_from_even_to_inverse() -> None:
    even = class_weights(COUNTS, Balance(class_weights="effective", beta=0.0))
    torch.testing.assert_close(even, torch.ones(7))
    nearly = class_weights(COUNTS, Balance(class_weights="effective", beta=1 - 1e-9))
    torch.testing.assert_close(nearly, class_weights(COUNTS, Balance(class_weights="inverse")), rtol=1e-4, atol=0)


@pytest.mark.parametrize("kind", ["none", "inverse", "effective"])
def test_an_absent_class_weighs_nothing(kind: str) -> None:
    counts = torch.tensor([10, 0, 30])
    weights = class_weights(counts, Balance(class_weights=kind))
    assert weights[1] == 0
    assert weights.isfinite().all()
    assert float((weights * counts).sum()) == pytest.approx(40)


def test_log_priors_are_finite_shares() -> None:
    torch.testing.assert_close(log_priors(COUNTS).exp().sum(), torch.tensor(1.0))
    torch.testing.assert_close(log_priors(torch.tensor([9, 0])), torch.tensor([10 / 11, 1 / 11]).log())
