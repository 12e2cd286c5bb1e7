from __future__ import annotations

import numpy as np

from mien.datasets.synthetic.draws import Draws, bits

ROWS = np.arange(4000, dtype=np.int64)


def test_numbers_are_fixed_for_ever() -> None:
    assert bits(0, "pose", np.array([0, 7]), 0, 2).tolist() == [
        [0x9E7703F93F1940BB, 0xCA50B546EA30D2B4],
        [0xDB98FB25FC57A43, 0xCF723267D61BDD02],
    ]


def test_a_row_draws_the_same_among_any_others() -> None:
    alone = Draws(5, "light", np.array([17])).matrix(40)
    among = Draws(5, "light", ROWS).matrix(40)
    np.testing.assert_array_equal(alone[0], among[17])


def test_columns_come_in_order_however_they_are_asked_for() -> None:
    one_by_one = Draws(1, "x", ROWS[:5])
    columns = np.concatenate([one_by_one.matrix(k) for k in (1, 30, 2, 7)], axis=1)
    np.testing.assert_array_equal(columns, Draws(1, "x", ROWS[:5]).matrix(40))


def test_seeds_and_streams_differ() -> None:
    first = Draws(0, "pose", ROWS).matrix(2)
    for other in (Draws(1, "pose", ROWS), Draws(0, "light", ROWS), Draws(-1, "pose", ROWS)):
        assert abs(np.corrcoef(first[:, 0], other.matrix(2)[:, 0])[0, 1]) < 0.06
    assert abs(np.corrcoef(first[:, 0], first[:, 1])[0, 1]) < 0.06
    assert abs(np.corrcoef(first[1:, 0], first[:-1, 0])[0, 1]) < 0.06


def test_shapes_of_the_distributions() -> None:
    draws = Draws(0, "x", ROWS)
    uniform, bell, chance = draws.uniform(2, 4), draws.bell(0.5), draws.chance(0.3)
    assert uniform.shape == bell.shape == chance.shape == (4000, 1, 1)
    assert uniform.dtype == bell.dtype == np.float32
    assert uniform.min() >= 2
    assert uniform.max() < 4
    assert abs(uniform.mean() - 3) < 0.05
    assert abs(bell.mean()) < 0.03
    assert abs(bell.std() - 0.5) < 0.02
    assert np.abs(bell).max() <= 0.5 * 3.5
    assert abs(chance.mean() - 0.3) < 0.03
