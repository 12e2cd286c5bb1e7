from __future__ import annotations

import pytest

pytest.importorskip("torch")

from mien.lab.train.recipe import Train
from mien.lab.train.schedules import learning_rate, side_at


def test_warm_up_then_cosine_to_the_end() -> None:
    settings = Train(epochs=10, lr=1.0, warmup=1.0, final_lr=0.1)
    rates = [learning_rate(settings, step, 100) for step in range(1000)]
    assert rates[0] == pytest.approx(0.01)
    assert rates[99] == pytest.approx(1.0)
    assert rates[100] == pytest.approx(1.0)
    assert rates[550] == pytest.approx(0.55, abs=0.01)
    assert rates[-1] == pytest.approx(0.1, abs=1e-3)
    assert rates[100:] == sorted(rates[100:], reverse=True)


def test_constant() -> None:
    settings = Train(epochs=2, lr=0.3, warmup=0, schedule="constant")
    assert {learning_rate(settings, step, 5) for step in range(10)} == {0.3}


def test_sides_grow_where_the_recipe_says() -> None:
    settings = Train(epochs=10, sizes=((0.0, 32), (0.3, 40), (0.6, 48)))
    assert [side_at(settings, e, (48, 48))[0] for e in range(10)] == [32] * 3 + [40] * 3 + [48] * 4
    assert side_at(Train(epochs=4), 0, (48, 40)) == (48, 40)
    assert side_at(settings, 0, (48, 24)) == (32, 16)
