"""Closed forms of CAM, Grad-CAM and Grad-CAM++, held against their papers' equations written out."""

from __future__ import annotations

import numpy as np
import pytest

from mien.runtime.heat_map import (
    POOLINGS,
    cam,
    enlarged,
    grad_cam,
    grad_cam_plus_plus,
    mass_inside,
    of_linear_head,
    pooled,
)

RANDOM = np.random.default_rng(0)
MAP = np.maximum(RANDOM.normal(size=(3, 5, 4, 6)), 0).astype(np.float32)
WEIGHTS = RANDOM.normal(size=(3, 5)).astype(np.float32)
GRADIENTS = RANDOM.normal(size=(3, 5, 4, 6)).astype(np.float32)


def test_the_mean_of_a_cam_is_what_a_linear_head_says() -> None:
    said = (WEIGHTS * MAP.mean(axis=(2, 3))).sum(axis=1)
    np.testing.assert_allclose(cam(MAP, WEIGHTS).mean(axis=(1, 2)), said, rtol=1e-4)


def test_grad_cam_of_a_linear_head_is_the_positive_part_of_cam() -> None:
    found = grad_cam(MAP, of_linear_head(WEIGHTS, MAP))
    np.testing.assert_allclose(found, np.maximum(cam(MAP, WEIGHTS), 0) / 24, atol=1e-6)
    assert (found == 0).any()


@pytest.mark.parametrize("pooling", POOLINGS)
def test_the_mean_of_a_cam_is_what_a_head_says_however_its_map_is_pooled(pooling: str) -> None:
    weights = RANDOM.normal(size=(3, 10 if pooling == "concat" else 5)).astype(np.float32)
    said = (weights * pooled(MAP, pooling)).sum(axis=1)
    np.testing.assert_allclose(cam(MAP, weights, pooling).mean(axis=(1, 2)), said, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_gradients_of_a_pooled_map_are_differences(pooling: str) -> None:
    weights = RANDOM.normal(size=(3, 10 if pooling == "concat" else 5))
    cells = MAP.astype(np.float64) + RANDOM.normal(size=MAP.shape)  # no two equal
    found = of_linear_head(weights, cells, pooling)
    for at in [(0, 1, 2, 3), (2, 4, 0, 0), *np.argwhere(cells == cells.max(axis=(2, 3), keepdims=True))[:4]]:
        moved = cells.copy()
        moved[tuple(at)] += 1e-6
        change = (weights * (pooled(moved, pooling) - pooled(cells, pooling))).sum() / 1e-6
        assert found[tuple(at)] == pytest.approx(change, abs=1e-5)


def test_a_maximum_has_its_weight_in_one_place_and_equal_ones_share() -> None:
    maps = np.zeros((1, 2, 2, 2), np.float32)
    maps[0, 0, 0, 1] = 3
    maps[0, 1, 1] = 2
    np.testing.assert_allclose(cam(maps, np.float32([[1, 5]]), "max")[0], [[0, 12], [20, 20]])


def test_grad_cam_plus_plus_is_the_papers_equations() -> None:
    """Equations 10 and 19 cell by cell, with exp(S) and its derivatives exp(S) g, exp(S) g^2, exp(S) g^3."""
    n, c, h, w = MAP.shape
    expected = np.zeros((n, h, w))
    for i in range(n):
        for k in range(c):
            total, weight = float(MAP[i, k].sum()), 0.0
            for y in range(h):
                for x in range(w):
                    g = float(GRADIENTS[i, k, y, x])
                    alpha = g**2 / (2 * g**2 + total * g**3)
                    weight += alpha * max(g, 0)
            expected[i] += weight * MAP[i, k]
    np.testing.assert_allclose(grad_cam_plus_plus(MAP, GRADIENTS), np.maximum(expected, 0), rtol=1e-4)


def test_grad_cam_plus_plus_stands_no_gradient_at_all() -> None:
    assert not grad_cam_plus_plus(MAP, np.zeros_like(MAP)).any()


def test_enlarging_is_bilinear_between_centres() -> None:
    large = enlarged(np.float32([[[0, 1]]]), 1, 8)
    np.testing.assert_allclose(large[0, 0], [0, 0, 0.125, 0.375, 0.625, 0.875, 1, 1], atol=1e-6)


def test_mass_counts_whole_pixels_in_the_widened_box() -> None:
    maps = np.zeros((3, 6, 8), np.float32)
    maps[0, 2, 3], maps[0, 5, 7], maps[0, 0, 0] = 3, 1, -50
    maps[1] = 1
    boxes = np.float32([[3, 2, 4, 3], [0, 0, 4, 6], [0, 0, 1, 1]])
    np.testing.assert_allclose(mass_inside(maps, boxes)[:2], [0.75, 0.5])
    assert np.isnan(mass_inside(maps, boxes)[2])
    assert mass_inside(maps, boxes, margin=2)[1] == pytest.approx(6 * 6 / 48)
