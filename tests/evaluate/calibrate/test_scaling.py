"""What was planted is found again, and what the fit says is what it minimises."""

from __future__ import annotations

import numpy as np
import pytest

from mien.errors import MienError
from mien.evaluate.calibrate.scaling import (
    FACES_FOR_A_VECTOR,
    FOLDS,
    comparison,
    cross_fitted,
    fit_temperature,
    fit_vector,
    likelihood,
    preferred,
)
from mien.runtime.probabilities import softmax


def planted(n: int = 60_000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Logits that are calibrated as they are, and labels drawn from them."""
    random = np.random.default_rng(seed)
    logits = random.normal(0, 2, (n, 5))
    targets = (random.random((n, 1)) > softmax(logits).cumsum(axis=1)).sum(axis=1).clip(0, 4)
    return logits, targets


@pytest.mark.parametrize("temperature", [0.4, 1.0, 2.5])
def test_a_planted_temperature_is_found(temperature: float) -> None:
    logits, targets = planted()
    found = fit_temperature(temperature * logits, targets)
    assert found.temperature == pytest.approx(temperature, rel=0.02)
    np.testing.assert_array_equal(found(logits).argmax(axis=1), logits.argmax(axis=1))
    assert found.stored(()) == {"method": "temperature", "temperature": found.temperature}


def test_planted_scales_and_biases_are_found() -> None:
    logits, targets = planted()
    scale, bias = np.array([0.6, 0.8, 1.0, 1.3, 1.6]), np.array([-0.5, 0.0, 0.2, 0.5, -0.2])
    found = fit_vector((logits - bias) / scale, targets)
    assert found.scale == pytest.approx(scale, rel=0.05)
    assert found.bias is not None
    assert found.bias - found.bias.mean() == pytest.approx(bias - bias.mean(), abs=0.05)
    stored = found.stored(("a", "b", "c", "d", "e"))
    assert stored["scale"]["e"] == found.scale[4]  # type: ignore[index]


def test_the_vector_is_where_the_penalised_likelihood_is_least() -> None:
    logits, targets = planted(300)
    found = fit_vector(logits, targets, strength=2.0)
    assert found.scale is not None
    assert found.bias is not None
    inverse = 1 / fit_temperature(logits, targets).temperature

    def loss(scale: np.ndarray, bias: np.ndarray) -> float:
        pull = ((scale - inverse) ** 2).sum() + (bias**2).sum()
        return likelihood(logits * scale + bias, targets) + 2.0 / 300 * float(pull)

    least = loss(found.scale, found.bias)
    for i in range(5):
        for step in (-0.01, 0.01):
            assert loss(found.scale + step * np.eye(5)[i], found.bias) > least
            assert loss(found.scale, found.bias + step * np.eye(5)[i]) > least
    stiff = fit_vector(logits, targets, strength=1e6)
    assert stiff.scale == pytest.approx(np.full(5, inverse), rel=1e-3)
    assert stiff.bias == pytest.approx(np.zeros(5), abs=1e-3)


def test_likelihood_is_that_of_the_softmax() -> None:
    logits, targets = planted(50)
    expected = -np.log(softmax(logits)[np.arange(50), targets]).mean()
    assert likelihood(logits, targets) == pytest.approx(expected)
    assert np.isfinite(likelihood(1e4 * logits, targets))


def test_no_face_is_scaled_by_its_own_label() -> None:
    logits, targets = planted(200)
    seen: list[set[bytes]] = []

    def remember(rows: np.ndarray, labels: np.ndarray) -> object:
        seen.append({row.tobytes() for row in rows})
        assert (np.bincount(labels, minlength=5) >= 0.7 * np.bincount(targets, minlength=5)).all()  # classes alike

        def scale(held: np.ndarray) -> np.ndarray:
            assert not seen[-1] & {row.tobytes() for row in held}
            return 2 * held

        return scale

    np.testing.assert_array_equal(cross_fitted(remember, logits, targets), 2 * logits)  # type: ignore[arg-type]
    assert len(seen) == FOLDS
    with pytest.raises(MienError, match="3 labelled faces"):
        cross_fitted(fit_temperature, logits[:3], targets[:3])


def test_auto_takes_the_vector_only_where_it_is_needed() -> None:
    logits, targets = planted(3000)
    for bias, expected in ((np.zeros(5), "temperature"), (np.array([1.5, 0, 0, 0, -1.5]), "vector")):
        scaled = {
            "temperature": cross_fitted(fit_temperature, logits - bias, targets),
            "vector": cross_fitted(fit_vector, logits - bias, targets),
        }
        assert preferred(scaled["temperature"], scaled["vector"], targets) == expected
        found = comparison(scaled, targets)
        assert (found["vector"]["nll"] < found["temperature"]["nll"] - 0.01) == (expected == "vector")
        assert set(found["vector"]) == {"nll", "ece", "top1"}


def test_auto_takes_no_vector_from_a_class_of_few_faces() -> None:
    logits, targets = planted(3000)
    logits = logits - np.array([1.5, 0, 0, 0, -1.5])
    rare = np.flatnonzero(targets == 2)
    enough = FACES_FOR_A_VECTOR
    for faces, expected in ((enough, "vector"), (enough - 1, "temperature"), (0, "temperature")):
        kept = np.delete(np.arange(3000), rare[faces:])
        scaled = [cross_fitted(fit, logits[kept], targets[kept]) for fit in (fit_temperature, fit_vector)]
        assert preferred(scaled[0], scaled[1], targets[kept]) == expected
