from __future__ import annotations

import numpy as np

from mien.evaluate.explain.removal import blur, removal, shuffled


def brightness(crops: np.ndarray) -> np.ndarray:
    return crops[:, :, :12].mean(axis=(1, 2, 3)) / 255


def faces() -> np.ndarray:
    """(2, 24, 24, 1): thin bright lines on black in the left half, which a blur takes most of."""
    out = np.zeros((2, 24, 24, 1), np.uint8)
    out[:, ::6, :12] = 255
    return out


def lines() -> np.ndarray:
    maps = np.zeros((2, 24, 24), np.float32)
    maps[:, ::6, :12] = 1
    return maps


def peaks(crops: np.ndarray) -> np.ndarray:
    return (crops[:, :, :12] > 200).mean(axis=(1, 2, 3)) * 6


def test_the_area_is_that_of_the_curve_written_out() -> None:
    """Pixels that carry the answer, a twelfth of all, go in the first two steps and come back in the first two."""
    found = removal(peaks, faces(), lines(), steps=24)
    share = peaks(faces())[0]
    assert (peaks(blur(faces())) == 0).all()
    # 1 at step 0, half gone after one of 24 steps, all gone after two
    np.testing.assert_allclose(found.deletion, share * (0.75 + 0.25) / 24, rtol=1e-6)
    np.testing.assert_allclose(found.insertion, share * (24 - 1) / 24, rtol=1e-6)


def test_the_wrong_order_is_worse_both_ways() -> None:
    right, wrong = removal(peaks, faces(), lines()), removal(peaks, faces(), -lines())
    assert (right.deletion < wrong.deletion).all()
    assert (right.insertion > wrong.insertion).all()
    chance = shuffled(peaks, faces(), lines())
    assert (right.deletion < chance.deletion).all()
    assert (chance.insertion < right.insertion).all()


def test_what_does_not_change_has_the_area_of_its_value() -> None:
    found = removal(lambda some: np.full(len(some), 0.3), faces(), lines())
    np.testing.assert_allclose(found.deletion, 0.3)
    np.testing.assert_allclose(found.insertion, 0.3)


def test_blur_keeps_brightness_and_takes_lines() -> None:
    soft = blur(np.repeat(faces(), 3, axis=3))
    assert soft.shape == (2, 24, 24, 3)
    assert soft[:, :, :8].std() < 0.35 * faces()[:, :, :8].std()
    assert abs(float(brightness(blur(faces()))[0] - brightness(faces())[0])) < 0.06
