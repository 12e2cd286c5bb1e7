from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from mien.lab.augment.draw import Draw  # noqa: E402


def draws(total: int, processes: int) -> list[Draw]:
    return [Draw(torch.Generator().manual_seed(7), total, slice(i, None, processes)) for i in range(processes)]


def story(draw: Draw) -> torch.Tensor:
    """Every shared kind of number in turn, with own numbers in between that must not disturb them."""
    kinds = [draw.uniform(-1, 1), draw.integers(0, 5)]
    draw.normal(3 + len(draw.some(0.5)), 2)
    draw.permutation()
    return torch.stack([*kinds, draw.chance(0.5), torch.full((draw.n,), draw.beta(0.2)), draw.uniform(3, 4)], 1)


@pytest.mark.parametrize("total", [12, 13])
def test_processes_see_the_numbers_of_one(total: int) -> None:
    (whole,) = draws(total, 1)
    expected = story(whole)
    for processes in (2, 3):
        for i, part in enumerate(draws(total, processes)):
            torch.testing.assert_close(story(part), expected[i::processes], rtol=0, atol=0)


def test_rows_by_index() -> None:
    rows = torch.tensor([9, 2, 4])
    part = Draw(torch.Generator().manual_seed(7), 12, rows)
    torch.testing.assert_close(part.uniform(0, 1), draws(12, 1)[0].uniform(0, 1)[rows], rtol=0, atol=0)


def test_own_numbers_differ_between_processes_and_repeat_with_the_seed() -> None:
    a, b = draws(12, 2)
    noise = a.normal(4, 4)
    assert not torch.equal(noise, b.normal(4, 4))
    assert torch.equal(noise, draws(12, 2)[0].normal(4, 4))
    assert sorted(a.permutation().tolist()) == list(range(6))


def test_some_are_those_of_chance_and_ranges_hold() -> None:
    a, b = (Draw(torch.Generator().manual_seed(1), 5000) for _ in range(2))
    assert torch.equal(a.some(0.3), b.chance(0.3).nonzero()[:, 0])
    whole = a.integers(-2, 2)
    assert sorted(set(whole.tolist())) == [-2, -1, 0, 1, 2]
    assert len(a.some(0.0)) == 0
    assert len(a.some(1.0)) == 5000


def test_a_process_without_faces() -> None:
    part = Draw(torch.Generator().manual_seed(7), 1, slice(1, None, 2))
    assert part.n == 0
    assert part.uniform(0, 1).shape == part.permutation().shape == (0,)
