from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from mien.datasets.face_set import FaceSet, one_hot  # noqa: E402
from mien.errors import MienError  # noqa: E402
from mien.lab.train.rate_finder import find_rate, read_curve  # noqa: E402
from mien.lab.train.recipe import Augment, Byol, Input, Model, Recipe, Train  # noqa: E402
from mien.lab.train.run import train  # noqa: E402
from mien.labels import SEVEN  # noqa: E402

RECIPE = Recipe(
    model=Model("small", {"widths": [8, 8, 8], "depths": [1, 1, 1], "stem": 4, "dropout": 0.0}),
    input=Input(16, 16),
    augment=Augment(flip=0.0),
    train=Train(epochs=3, batch=32, optimiser="adamw", warmup=0.0, schedule="constant", precision="fp32"),
)


def corners(n: int = 256) -> FaceSet:
    """Four emotions, each a corner a little brighter than the noise: quick to learn, and quick to draw."""
    rng = np.random.default_rng(0)
    labels = np.arange(n) % 4
    pixels = rng.normal(110, 30, (n, 16, 16))
    for i, label in enumerate(labels):
        pixels[i, 8 * (label // 2) :, 8 * (label % 2) :][:8, :8] += 60
    split = np.where(np.arange(n) // 4 % 4 == 3, "PublicTest", "Training")
    target = one_hot(labels, SEVEN)
    return FaceSet("corners", pixels=pixels.clip(0, 255).astype(np.uint8), targets={"fer2013": target}, split=split)


def test_the_suggestion_beats_rates_far_from_it(tmp_path: Path) -> None:
    faces = corners()
    curve = find_rate(RECIPE, faces, steps=60, device="cpu")
    assert 1e-4 < curve.suggestion < 1
    assert list(curve.rates) == sorted(curve.rates)
    losses = {}
    for factor in (0.01, 1.0, 1000.0):
        recipe = replace(RECIPE, train=replace(RECIPE.train, lr=factor * curve.suggestion))
        out = tmp_path / f"x{factor:g}"
        try:
            losses[factor] = train(recipe, faces, out, device="cpu", quiet=True).log[-1]["val_loss"]
        except MienError:  # the loss is no number any more
            losses[factor] = math.inf
    assert losses[1.0] < 0.9 * losses[0.01]
    assert losses[1.0] < losses[1000.0]


def test_the_same_sweep_twice_and_no_trace_of_it() -> None:
    faces = corners(64)
    recipe = replace(RECIPE, train=replace(RECIPE.train, batch=16))
    a, b = (find_rate(recipe, faces, steps=40, device="cpu") for _ in range(2))
    assert a == b


def test_byol_sweeps_too() -> None:
    recipe = replace(RECIPE, method="byol", byol=Byol(hidden=16, out=8))
    curve = find_rate(recipe, corners(64), low=1e-4, high=1.0, steps=20, device="cpu")
    assert 0 <= min(curve.losses) <= max(curve.losses) <= 8


def curve_like_smith(n: int = 140) -> tuple[list[float], list[float]]:
    """Flat, falling steepest at 1e-3 by a logistic curve, least near 0.03, then rising."""
    rates = np.geomspace(1e-6, 10, n)
    x = np.log10(rates)
    falling = 2 - 1.5 / (1 + np.exp(-4 * (x + 3)))
    rising = np.where(x > -1.5, (x + 1.5) ** 2, 0)
    noise = 0.02 * np.random.default_rng(0).normal(size=n)
    return rates.tolist(), (falling + rising + noise).tolist()


def test_reads_the_steepest_and_the_least() -> None:
    rates, losses = curve_like_smith()
    curve = read_curve(rates, losses)
    assert math.log10(curve.suggestion) == pytest.approx(-3, abs=0.25)
    assert math.log10(curve.tenth) == pytest.approx(math.log10(0.03) - 1, abs=0.4)
    assert len(curve.smoothed) == len(rates)


def test_a_loss_that_breaks_down_ends_the_reading() -> None:
    rates, losses = curve_like_smith()
    broken = [*losses[:110], math.nan, *([0.0] * 29)]
    curve = read_curve(rates, broken)
    assert len(curve.rates) == 110
    assert math.log10(curve.suggestion) == pytest.approx(-3, abs=0.25)


@pytest.mark.parametrize("seed", range(5))
def test_noise_suggests_nothing(seed: int) -> None:
    rates = np.geomspace(1e-6, 10, 100).tolist()
    flat = (2 + 0.05 * np.random.default_rng(seed).normal(size=100) + np.linspace(0, 0.2, 100)).tolist()
    for losses in (flat, [math.nan] * 100, []):
        with pytest.raises(MienError, match="the loss falls at no rate"):
            read_curve(rates[: len(losses)], losses)


@pytest.mark.parametrize(("low", "high", "steps"), [(1.0, 0.1, 50), (0.0, 1.0, 50), (1e-6, 1.0, 5)])
def test_sweeps_that_cannot_be(low: float, high: float, steps: int) -> None:
    with pytest.raises(MienError, match="take 0 < low < high, and 20 steps or more"):
        find_rate(RECIPE, corners(64), low=low, high=high, steps=steps, device="cpu")
