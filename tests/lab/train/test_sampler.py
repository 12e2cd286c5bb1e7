from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from torch import Generator, Tensor  # noqa: E402

from mien.errors import MienError  # noqa: E402
from mien.lab.train.recipe import Balance  # noqa: E402
from mien.lab.train.sampler import draw_order, face_weights  # noqa: E402

COUNTS = (500, 300, 10, 90, 200, 40, 160)  # 1:50
HARD = torch.repeat_interleave(torch.arange(7), torch.tensor(COUNTS))[torch.randperm(1300, generator=Generator())]
SAMPLERS = ("natural", "weighted", "balanced")


def order(sampler: str, *, hard: Tensor = HARD, batch: int = 32, steps: int = 100, seed: int = 0) -> Tensor:
    return draw_order(hard, Balance(sampler=sampler), batch=batch, steps=steps, generator=Generator().manual_seed(seed))


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_every_class_is_drawn_and_the_generator_decides(sampler: str) -> None:
    drawn = order(sampler)
    assert drawn.shape == (3200,)
    assert set(HARD[drawn].tolist()) == set(range(7))
    assert torch.equal(drawn, order(sampler))
    assert not torch.equal(drawn, order(sampler, seed=1))


def test_natural_draws_each_face_once_before_any_twice() -> None:
    drawn = order("natural", steps=60)  # 1920 of 1300 faces
    assert sorted(drawn[:1300].tolist()) == list(range(1300))
    assert len(set(drawn[1300:].tolist())) == 620


@pytest.mark.parametrize("seed", range(5))
def test_weighted_draws_classes_evenly(seed: int) -> None:
    n = 70_000
    shares = torch.bincount(HARD[order("weighted", batch=700, steps=100, seed=seed)], minlength=7) / n
    sigma = (1 / 7 * 6 / 7 / n) ** 0.5
    assert (shares - 1 / 7).abs().max() < 3.5 * sigma  # 35 shares: 3 sigma would fail one run in eleven


def test_weights_are_of_faces() -> None:
    """A list of seven class weights handed to a sampler of faces draws the first seven faces alone."""
    weights = face_weights(HARD, 1.0)
    assert weights.shape == HARD.shape
    assert (weights > 0).all()
    per_class = torch.zeros(7, dtype=torch.float64).index_add(0, HARD, weights)
    torch.testing.assert_close(per_class, torch.ones(7, dtype=torch.float64))
    assert len(order("weighted").unique()) > 500


def test_power_lies_between_the_two() -> None:
    assert face_weights(HARD, 0.0).unique().tolist() == [1.0]
    root = face_weights(HARD, 0.5)
    ratio = root[HARD == 2][0] / root[HARD == 0][0]
    assert float(ratio) == pytest.approx(50**0.5)


@pytest.mark.parametrize("batch", [5, 7, 32, 45])
def test_balanced_batches_differ_by_one_at_most(batch: int) -> None:
    counts = [torch.bincount(HARD[rows], minlength=7) for rows in order("balanced", batch=batch, steps=40).split(batch)]
    assert all(int(c.max() - c.min()) <= 1 for c in counts)
    total = torch.stack(counts).sum(0)
    assert int(total.max() - total.min()) <= 1  # nor over the epoch


def test_balanced_draws_a_classs_faces_once_before_any_twice() -> None:
    drawn = order("balanced", batch=7, steps=200)
    for label, n in enumerate(COUNTS):
        mine = drawn[HARD[drawn] == label]
        assert len(mine) == 200
        for cycle in mine.split(n):
            assert len(cycle.unique()) == len(cycle)


def test_balanced_parts_of_a_batch_are_mixed() -> None:
    """Two processes take every other place: neither may get classes of its own."""
    halves = [HARD[order("balanced", batch=14, steps=200).view(200, 14)[:, i::2]].flatten() for i in range(2)]
    for half in halves:
        assert torch.bincount(half, minlength=7).min() > 150  # 200 each on average


def test_absent_classes_and_unlabelled_faces() -> None:
    hard = torch.tensor([0, 0, 0, 3, -1, -1])
    drawn = order("balanced", hard=hard, batch=4, steps=10)
    assert set(drawn.tolist()) == {0, 1, 2, 3}
    torch.testing.assert_close(face_weights(hard, 1.0)[4:], torch.full((2,), 0.5, dtype=torch.float64))
    for sampler in ("weighted", "balanced"):
        with pytest.raises(MienError, match=r"no labelled face to (weigh|draw)"):
            order(sampler, hard=torch.full((3,), -1))
