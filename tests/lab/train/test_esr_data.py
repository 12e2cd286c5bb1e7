from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

from mien.datasets.face_set import FaceSet, one_hot
from mien.errors import MienError
from mien.lab.train.esr_data import of_branch
from mien.lab.train.recipe import Data, Esr, HeadRecipe, Recipe
from mien.labels import SEVEN


def faces(n: int = 120, subjects: int = 20) -> FaceSet:
    labels = np.where(np.arange(n) % 4 == 3, 6, np.arange(n) // subjects % 3)
    subject = np.array([f"S{i % subjects:02d}" for i in range(n)])
    pixels = np.zeros((n, 8, 8), np.uint8)
    return FaceSet("few", pixels=pixels, targets={"fer2013": one_hot(labels, SEVEN)}, subject=subject)


def rows_of(branch: int, *, data: Data | None = None, seed: int = 0, **esr: object) -> list[int]:
    plan = Recipe(method="esr", seed=seed, heads=(HeadRecipe(),), data=data or Data(), esr=Esr(**esr))  # type: ignore[arg-type]
    return of_branch(plan, faces(), branch).row.tolist()


def test_each_branch_has_a_draw_of_its_own_that_its_seed_repeats() -> None:
    draws = [rows_of(branch, per_class=10) for branch in (1, 2, 3)]
    assert len({tuple(draw) for draw in draws}) == 3
    assert draws[1] == rows_of(2, per_class=10)
    assert draws[1] != rows_of(2, per_class=10, seed=1)


def test_a_draw_may_be_kept_and_zero_takes_all() -> None:
    assert rows_of(1, per_class=10, redraw=False) == rows_of(3, per_class=10, redraw=False)
    assert rows_of(1, per_class=0) == list(range(120))


def test_faces_that_teach_nothing_are_left_out() -> None:
    some = faces()
    target = some.targets["fer2013"].copy()
    target[::3] = np.nan
    some = some.replace(targets={"fer2013": target})
    plan = Recipe(method="esr", heads=(HeadRecipe(target="hard"),), esr=Esr(per_class=0))
    assert of_branch(plan, some, 1).row.tolist() == [row for row in range(120) if row % 3]


@pytest.mark.parametrize("data", [Data(holdout_by="subject"), Data(folds=5, holdout_by="subject")])
def test_each_branch_leaves_out_a_fold_of_its_own(data: Data) -> None:
    taken = [set(rows_of(branch, data=data, bag=3, per_class=0)) for branch in (1, 2, 3, 4)]
    left = [set(range(120)) - rows for rows in taken]
    assert set().union(*left) == set(range(120))
    assert sum(map(len, left)) == 120  # the four folds left out do not overlap
    subject = faces().subject
    for inside, outside in zip(taken, left, strict=True):
        assert not {subject[i] for i in inside} & {subject[i] for i in outside}
    assert set(rows_of(5, data=data, bag=3, per_class=0)) == taken[0]


def test_a_bag_of_all_folds_takes_all() -> None:
    assert rows_of(1, data=Data(folds=4), bag=3, per_class=0) == list(range(120))


def test_a_bag_of_more_folds_than_there_are() -> None:
    with pytest.raises(MienError, match=r"esr\.bag = 4: data\.folds = 4 leave 3"):
        rows_of(1, data=Data(folds=4), bag=4)


def affect_rows(values: list[tuple[float, float]], **esr: object) -> list[int]:
    """What a branch learns from of faces with these valences and arousals, the second branch's draw."""
    n = len(values)
    targets = {"fer2013": one_hot(np.arange(n) % 7, SEVEN)}
    targets |= {name: np.float32([row[i] for row in values]) for i, name in enumerate(("valence", "arousal"))}
    few = FaceSet("few", pixels=np.zeros((n, 8, 8), np.uint8), targets=targets)
    heads = (HeadRecipe(), HeadRecipe(name="affect", kind="valence_arousal"))
    plan = Recipe(method="esr", heads=heads, init="x", esr=Esr(learns="affect", **esr))  # type: ignore[arg-type]
    return of_branch(plan, few, 2).row.tolist()


def test_affect_is_drawn_by_quadrant_and_rows_without_both_are_left_out() -> None:
    nan = float("nan")
    quadrants = [(0.0, 0.0)] * 9 + [(-0.1, 0.0)] * 6 + [(-0.1, -0.1)] * 3 + [(0.0, -0.1)] * 8
    values = [*quadrants, (nan, 0.5), (0.5, nan), (nan, nan)] * 2
    rows = affect_rows(values, per_class=7)
    place = np.array([0] * 9 + [1] * 6 + [2] * 3 + [3] * 8 + [-1] * 3)[np.array(rows) % 29]
    assert np.bincount(place + 1, minlength=5).tolist() == [0, 7, 7, 6, 7]
    assert affect_rows(values, per_class=0) == [i for i in range(58) if i % 29 < 26]
    assert rows == affect_rows(values, per_class=7)
    assert rows != affect_rows(values, per_class=7, redraw=False)
    with pytest.raises(MienError, match="few: no training rows with both valence and arousal"):
        affect_rows([(nan, 0.5)] * 4)
