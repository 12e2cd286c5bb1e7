from __future__ import annotations

import math
from dataclasses import replace

import pytest

torch = pytest.importorskip("torch")

from torch.optim import lr_scheduler  # noqa: E402

from mien.lab.train.recipe import Augment, Recipe, Train  # noqa: E402
from mien.lab.train.schedules import has_stalled, learning_rate, picture_side, plateaus, side_at  # noqa: E402

SCORES = [50.0, 55, 54, 55, 53, 56, 50, 51, 52, 53, 54, 55, 55, 55, 55, 60]


def rates(settings: Train, steps: int, scores: list[float] | None = None) -> list[float]:
    return [learning_rate(settings, s, steps, scores or []) for s in range(settings.epochs * steps)]


def of_torch(kind: str, lr: float, n: int, **options: object) -> list[float]:
    """The first n rates of one of the framework's schedulers."""
    optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=lr)
    scheduler = getattr(lr_scheduler, kind)(optimiser, **options)
    found = []
    for _ in range(n):
        found.append(float(optimiser.param_groups[0]["lr"]))
        optimiser.step()
        if len(found) < n:
            scheduler.step()
    return found


def test_warm_up_then_cosine_to_the_end() -> None:
    found = rates(Train(epochs=10, lr=1.0, warmup=1.0, final_lr=0.1), 100)
    assert found[0] == pytest.approx(0.01)
    assert found[99] == pytest.approx(1.0)
    assert found[100] == pytest.approx(1.0)
    assert found[550] == pytest.approx(0.55, abs=0.01)
    assert found[-1] == pytest.approx(0.1, abs=1e-3)
    assert found[100:] == sorted(found[100:], reverse=True)


def test_cosine_a_step_and_an_epoch_are_the_frameworks() -> None:
    expected = of_torch("CosineAnnealingLR", 0.3, 40, T_max=40, eta_min=0.03)
    assert rates(Train(epochs=4, lr=0.3, warmup=0, final_lr=0.1), 10) == pytest.approx(expected)
    an_epoch = rates(Train(epochs=12, lr=0.3, warmup=0, per_epoch=True), 5)
    assert an_epoch[::5] == pytest.approx([0.3 * (1 + math.cos(math.pi * e / 12)) / 2 for e in range(12)])
    assert an_epoch[::5] == pytest.approx(of_torch("CosineAnnealingLR", 0.3, 12, T_max=12))
    assert all(len(set(an_epoch[i : i + 5])) == 1 for i in range(0, 60, 5))


def test_a_warm_up_by_epochs_rises_by_epochs() -> None:
    found = rates(Train(epochs=4, lr=1.0, warmup=2, schedule="constant", per_epoch=True), 100)
    assert found[::100] == [0.5, 1.0, 1.0, 1.0]


def test_constant() -> None:
    assert set(rates(Train(epochs=2, lr=0.3, warmup=0, schedule="constant"), 5)) == {0.3}


def test_step_is_the_frameworks() -> None:
    settings = Train(epochs=10, lr=0.4, warmup=0, schedule="step", step_epochs=3, factor=0.5)
    assert rates(settings, 4)[::4] == pytest.approx(of_torch("StepLR", 0.4, 10, step_size=3, gamma=0.5))


@pytest.mark.parametrize("steps", [1, 7, 25])
def test_one_cycle_is_the_frameworks(steps: int) -> None:
    settings = Train(epochs=10, lr=0.4, schedule="one_cycle", final_lr=0.01, warmup=3)
    n = 10 * steps
    expected = of_torch("OneCycleLR", 0.4, n, max_lr=0.4, total_steps=n, div_factor=25, final_div_factor=0.04 / 0.01)
    assert rates(settings, steps) == pytest.approx(expected)
    assert max(rates(settings, steps)) == pytest.approx(0.4, rel=0.05)


@pytest.mark.parametrize("patience", [0, 1, 2, 4])
def test_plateau_is_the_frameworks(patience: int) -> None:
    optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = lr_scheduler.ReduceLROnPlateau(
        optimiser, mode="max", factor=0.5, patience=patience, threshold=0, eps=0, threshold_mode="abs"
    )
    settings = Train(epochs=20, lr=1.0, warmup=0, schedule="plateau", factor=0.5, patience=patience)
    for epoch, score in enumerate(SCORES):
        assert learning_rate(settings, epoch * 3, 3, SCORES[:epoch]) == optimiser.param_groups[0]["lr"]
        scheduler.step(score)
    assert plateaus(SCORES, 1) == 5


@pytest.mark.parametrize("schedule", ["plateau", "step"])
def test_rates_stop_falling_where_the_recipe_says(schedule: str) -> None:
    settings = Train(
        epochs=16, lr=1e-4, warmup=0, schedule=schedule, factor=0.1, patience=0, step_epochs=2, min_lr=1e-6
    )
    found = [learning_rate(settings, epoch, 1, SCORES[:epoch]) for epoch in range(16)]
    assert sorted({round(rate, 9) for rate in found}) == [1e-6, 1e-5, 1e-4]
    if schedule == "plateau":
        optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1e-4)
        options = {"mode": "max", "factor": 0.1, "patience": 0, "threshold": 0, "min_lr": 1e-6}
        scheduler = lr_scheduler.ReduceLROnPlateau(optimiser, **options)  # type: ignore[arg-type]
        for rate, score in zip(found, SCORES, strict=True):
            assert rate == pytest.approx(optimiser.param_groups[0]["lr"])
            scheduler.step(score)
    low = Train(epochs=16, lr=1e-7, warmup=0, schedule=schedule, min_lr=1e-6)
    assert learning_rate(low, 15, 1, SCORES) == 1e-7  # nothing rises to the floor


def test_epochs_without_a_validation_go_by_and_the_next_score_tells() -> None:
    nan = math.nan
    assert plateaus([1, nan, nan, 2, nan, nan, 2, nan], 2) == 1
    assert plateaus([1, nan, nan, nan, nan, 2], 2) == 0
    assert not has_stalled([1, nan, nan], 2)
    assert has_stalled([1, nan, 1], 2)
    assert not has_stalled([nan, nan, nan], 1)
    assert not has_stalled([nan, 1, nan, 1], 3)


def test_a_run_ends_early_by_its_log_alone() -> None:
    assert not any(has_stalled(SCORES[:n], 0) for n in range(20))
    stops = [next((n for n in range(17) if has_stalled(SCORES[:n], patience)), None) for patience in (1, 3, 5, 20)]
    assert stops == [3, 5, 11, None]
    assert not has_stalled([1.0, 2.0, 3.0], 3)


def test_sides_grow_where_the_recipe_says() -> None:
    settings = Train(epochs=10, sizes=((0.0, 32), (0.3, 40), (0.6, 48)))
    assert [side_at(settings, e, (48, 48))[0] for e in range(10)] == [32] * 3 + [40] * 3 + [48] * 4
    assert side_at(Train(epochs=4), 0, (48, 40)) == (48, 40)
    assert side_at(settings, 0, (48, 24)) == (32, 16)


def test_the_picture_is_the_crop_where_there_is_one() -> None:
    recipe = Recipe(train=Train(epochs=4, sizes=((0.0, 32), (0.5, 40))))
    assert [picture_side(recipe, epoch) for epoch in range(4)] == [(32, 32), (32, 32), (40, 40), (40, 40)]
    assert picture_side(replace(recipe, augment=Augment(crop=44)), 0) == (44, 44)
