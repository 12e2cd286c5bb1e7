from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from mien.datasets.face_set import FaceSet  # noqa: E402
from mien.errors import MienError  # noqa: E402
from mien.lab.augment.draw import Draw  # noqa: E402
from mien.lab.train.recipe import Input  # noqa: E402
from mien.lab.train.variants import Variants  # noqa: E402

CPU = torch.device("cpu")


def flat(levels: list[int], **facts: object) -> FaceSet:
    """One picture of each grey level."""
    pixels = np.repeat(np.array(levels, np.uint8), 48 * 48).reshape(-1, 48, 48)
    return FaceSet("flat", pixels, **facts)  # type: ignore[arg-type]


def picked(variants: Variants, faces: FaceSet, rows: list[int], seed: int = 0) -> list[int]:
    index = torch.tensor(rows)
    assert faces.pixels is not None
    originals = torch.from_numpy(faces.pixels)[index, None]
    draw = Draw(torch.Generator().manual_seed(seed), len(rows))
    return [int(p.flatten()[0]) for p in variants.pick(index, originals, draw)]


def test_a_face_gets_each_of_its_own_variants_and_itself_where_it_has_none() -> None:
    faces = flat([1, 2, 3], row=np.array([10, 20, 30]))  # a split's rows are not 0, 1, 2
    made = flat([31, 11, 99, 12, 50], made_from=np.array([30, 10, 77, 10, -1]))
    variants = Variants(faces, made, Input(), CPU)
    seen: list[set[int]] = [set(), set(), set()]
    for seed in range(20):
        for i, level in enumerate(picked(variants, faces, [0, 1, 2], seed)):
            seen[i].add(level)
    assert seen == [{11, 12}, {2}, {31}]


def test_the_last_face_may_be_the_one_without_a_variant() -> None:
    faces = flat([1, 2], row=np.array([0, 1]))
    variants = Variants(faces, flat([11], made_from=np.array([0])), Input(), CPU)
    assert picked(variants, faces, [1, 0, 1]) == [2, 11, 2]


def test_variants_of_other_faces_are_refused() -> None:
    with pytest.raises(MienError, match=r"byol\.variants: flat holds no picture made from a row"):
        Variants(flat([1]), flat([2], made_from=np.array([7])), Input(), CPU)
