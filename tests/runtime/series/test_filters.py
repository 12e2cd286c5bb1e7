"""Filters over time against closed forms, scipy, and time itself."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage, signal

from mien.runtime.series.filters import FILTERS, cells, exponential, gaussian, median, savgol

EVEN = np.arange(200) / 25
RANDOM = np.random.default_rng(3)
NOISE = RANDOM.normal(size=(200, 2))
UNEVEN = np.sort(RANDOM.uniform(0, 8, 200))


def test_exponential_of_a_step_is_its_closed_form_at_uneven_times() -> None:
    step = np.where(np.arange(200) > 0, 1.0, 0.0)[:, None]
    expected = -np.expm1(-(UNEVEN - UNEVEN[0]) / 0.5)
    np.testing.assert_allclose(exponential(UNEVEN, step, 0.5)[:, 0], expected, atol=1e-12)


def test_exponential_looks_at_nothing_to_come() -> None:
    other = NOISE.copy()
    other[100:] += 5
    np.testing.assert_array_equal(exponential(EVEN, NOISE, 0.3)[:100], exponential(EVEN, other, 0.3)[:100])


def test_on_even_times_the_others_are_scipy_s() -> None:
    inner = slice(60, 140)  # where no end is near
    rows = 0.3 * 25
    expected = ndimage.gaussian_filter1d(NOISE, rows, axis=0, truncate=4.0)
    np.testing.assert_allclose(gaussian(EVEN, NOISE, 0.3)[inner], expected[inner], atol=1e-4)
    expected = signal.savgol_filter(NOISE, 11, 2, axis=0)
    np.testing.assert_allclose(savgol(EVEN, NOISE, 10 / 25)[inner], expected[inner], atol=1e-9)
    expected = ndimage.median_filter(NOISE, (11, 1))
    np.testing.assert_allclose(median(EVEN, NOISE, 10 / 25)[inner], expected[inner], atol=1e-12)


def test_a_frame_shown_twice_as_often_does_not_weigh_twice() -> None:
    dense = np.sort(np.concatenate([EVEN, EVEN[:100] + 0.02]))  # the first half at double rate
    wave = np.sin(dense)[:, None]
    inner = (dense > 2) & (dense < 6)
    expected = np.exp(-(0.3**2) / 2) * np.sin(dense)  # a Gaussian damps a sine of angular frequency 1 by this
    np.testing.assert_allclose(gaussian(dense, wave, 0.3)[inner, 0], expected[inner], atol=2e-3)


def test_savgol_keeps_a_parabola_at_uneven_times_and_at_the_ends() -> None:
    parabola = (3 + 2 * UNEVEN - UNEVEN**2)[:, None]
    np.testing.assert_allclose(savgol(UNEVEN, parabola, 0.5), parabola, atol=1e-8)


def test_the_median_drops_a_single_outlier_and_keeps_a_step() -> None:
    step = np.where(EVEN < 4, 0.0, 1.0)[:, None]
    spiked = step.copy()
    spiked[40] = 9
    np.testing.assert_array_equal(median(EVEN, spiked, 0.2), step)


@pytest.mark.parametrize("name", sorted(FILTERS))
def test_a_constant_stays_and_one_sample_is_itself(name: str) -> None:
    flat = np.full((200, 2), 0.4)
    np.testing.assert_allclose(FILTERS[name](UNEVEN, flat, 0.5), flat, atol=1e-9)
    one = np.array([[0.2, 0.7]])
    np.testing.assert_allclose(FILTERS[name](np.array([3.0]), one, 0.5), one, atol=1e-12)


def test_cells_share_out_the_time() -> None:
    np.testing.assert_allclose(cells(np.array([0.0, 1.0, 1.5, 3.0])), [1, 0.75, 1, 1.5])
