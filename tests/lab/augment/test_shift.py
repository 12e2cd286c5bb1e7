from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from mien.lab.augment.draw import Draw  # noqa: E402
from mien.lab.augment.shift import shifted  # noqa: E402


def draw(n: int) -> Draw:
    return Draw(torch.Generator().manual_seed(0), n)


def test_each_face_moves_by_whole_pixels_of_its_own() -> None:
    faces = torch.rand(40, 2, 9, 7)
    moved = shifted(faces, draw(40), 2)
    assert moved.shape == faces.shape
    found = set()
    for face, other in zip(faces, moved, strict=True):
        by = [
            (y, x)
            for y in range(-2, 3)
            for x in range(-2, 3)
            if torch.equal(face[:, 2 + y : 7 + y, 2 + x : 5 + x], other[:, 2:7, 2:5])
        ]
        assert len(by) == 1
        found.add(by[0])
    assert {y for y, _ in found} == {x for _, x in found} == {-2, -1, 0, 1, 2}


def test_the_border_repeats_and_gradients_pass() -> None:
    flat = torch.full((3, 1, 4, 4), 0.25, requires_grad=True)
    moved = shifted(flat, draw(3), 3)
    assert torch.equal(moved, flat)
    moved.sum().backward()
    assert flat.grad is not None
    assert float(flat.grad.sum()) == 48


def test_nothing_asked_nothing_drawn() -> None:
    one, two = draw(2), draw(2)
    faces = torch.rand(2, 1, 4, 4)
    assert shifted(faces, one, 0) is faces
    assert torch.equal(one.uniform(0, 1), two.uniform(0, 1))
