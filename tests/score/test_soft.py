"""Scores against votes: scipy, zeros, and the likelihood of one-hot votes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.special import rel_entr
from scipy.stats import entropy as scipy_entropy

from mien.score.accuracy import top_k
from mien.score.calibration import negative_log_likelihood
from mien.score.soft import (
    cross_entropy,
    distributions,
    divergence,
    entropy,
    jensen_shannon,
    jensen_shannon_distance,
    soft_scores,
)


def votes_of(targets: np.ndarray) -> np.ndarray:
    """(n, 7) ten votes a row, most of them for its class; many cells are 0."""
    random = np.random.default_rng(int(targets.sum()))
    return np.stack([random.multinomial(10, 0.7 * np.eye(7)[t] + 0.3 / 7) for t in targets])


def test_each_is_scipys(drawn) -> None:
    targets, p = drawn
    t = distributions(votes_of(targets))
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = np.stack([rel_entr(a, b).sum() for a, b in zip(t, p, strict=True)])
        np.testing.assert_allclose(divergence(t, p, smallest=0), expected, rtol=1e-12, atol=1e-9)
    np.testing.assert_allclose(entropy(t), scipy_entropy(t, axis=1), rtol=0, atol=1e-9)
    distance = np.stack([jensenshannon(a, b) for a, b in zip(t, p, strict=True)])
    np.testing.assert_allclose(jensen_shannon(t, p), distance**2, rtol=0, atol=1e-9)
    middle = (t + p) / 2
    by_hand = (rel_entr(t, middle).sum(axis=1) + rel_entr(p, middle).sum(axis=1)) / 2
    np.testing.assert_allclose(jensen_shannon(t, p), by_hand, rtol=0, atol=1e-9)
    to_two = np.stack([jensenshannon(a, b, 2) for a, b in zip(t, p, strict=True)])
    np.testing.assert_allclose(jensen_shannon_distance(t, p) ** 2, to_two**2, rtol=0, atol=1e-9)
    np.testing.assert_allclose(cross_entropy(t, p), entropy(t) + divergence(t, p), rtol=0, atol=1e-9)


def test_of_one_hot_votes_the_cross_entropy_is_the_likelihood(drawn) -> None:
    targets, p = drawn
    one_hot = np.eye(7)[targets]
    assert cross_entropy(one_hot, p).mean() == negative_log_likelihood(targets, p)
    scores = soft_scores(one_hot, p)
    assert scores.top1 == pytest.approx(top_k(targets, p), rel=0, abs=1e-9)
    assert scores.entropy == 0


def test_zeros_cost_nothing_in_the_votes_and_much_in_the_probabilities() -> None:
    t, p = np.array([[0.5, 0.5, 0.0]]), np.array([[1.0, 0.0, 0.0]])
    assert cross_entropy(t, p)[0] == pytest.approx(-0.5 * np.log(1e-12))
    assert cross_entropy(t, p, smallest=0)[0] == np.inf
    assert divergence(t, p, smallest=0)[0] == np.inf
    # the middle is (0.75, 0.25): half of each divergence from it
    by_hand = 0.25 * np.log(0.5 / 0.75) + 0.25 * np.log(0.5 / 0.25) + 0.5 * np.log(1 / 0.75)
    assert jensen_shannon(t, p)[0] == pytest.approx(by_hand)
    assert jensen_shannon(np.eye(3)[:1], np.eye(3)[1:2])[0] == pytest.approx(np.log(2))
    assert jensen_shannon_distance(np.eye(3)[:1], np.eye(3)[1:2])[0] == pytest.approx(1)
    assert jensen_shannon(t, t)[0] == 0


def test_a_tie_in_votes_is_right_either_way_and_the_means_are_means() -> None:
    t = distributions(np.array([[5, 5, 0], [8, 1, 1], [0, 0, 10]]))
    p = np.array([[0.2, 0.7, 0.1], [0.2, 0.7, 0.1], [0.1, 0.1, 0.8]])
    scores = soft_scores(t, p)
    assert scores.n == 3
    assert scores.top1 == pytest.approx(200 / 3)
    assert scores.cross_entropy == pytest.approx(cross_entropy(t, p).mean())
    assert scores.divergence == pytest.approx(scores.cross_entropy - scores.entropy)
    assert scores.jensen_shannon == pytest.approx(jensen_shannon(t, p).mean())
    assert scores.distance == pytest.approx(jensen_shannon_distance(t, p).mean())


def test_what_is_no_distribution_is_refused() -> None:
    good = np.full((1, 2), 0.5)
    with pytest.raises(ValueError, match="row 1 has none"):
        distributions(np.array([[1, 2], [0, 0]]))
    with pytest.raises(ValueError, match="counts of at least 0"):
        distributions(np.array([[-1, 2]]))
    with pytest.raises(ValueError, match="sum to 1"):
        cross_entropy(np.array([[3.0, 7.0]]) / 20, good)
    with pytest.raises(ValueError, match="probabilities of shape"):
        divergence(np.full((2, 2), 0.5), good)
    with pytest.raises(ValueError, match="no rows"):
        soft_scores(np.zeros((0, 2)), np.zeros((0, 2)))
