"""The rarest unit of each row."""

from __future__ import annotations

import numpy as np

from mien.datasets.cut import stratified_cut
from mien.datasets.face_set import FaceSet
from mien.datasets.unit_strata import rarest_unit


def faces(codes: np.ndarray) -> FaceSet:
    units = tuple(f"AU{k:02d}" for k in range(codes.shape[1]))
    targets = {"action_units": codes.astype(np.float32)} if units else {}
    return FaceSet("x", np.zeros((len(codes), 1, 1), np.uint8), targets=targets, action_units=units)


def test_rare_ones_go_first_and_rows_without_any_have_none() -> None:
    codes = np.array([[1, 1, 0], [1, 0, np.nan], [1, 1, 1], [0, np.nan, 0]])
    assert rarest_unit(faces(codes)).tolist() == [1, 0, 2, -1]
    assert rarest_unit(faces(np.zeros((3, 0)))).tolist() == [-1] * 3
    assert rarest_unit(faces(np.zeros((3, 2)))).tolist() == [-1] * 3


def test_a_rare_unit_is_on_every_side() -> None:
    rng = np.random.default_rng(0)
    codes = (rng.random((2000, 4)) < (0.5, 0.3, 0.1, 0.004)).astype(np.float32)
    assert 3 <= codes[:, 3].sum() <= 15
    side = stratified_cut(rarest_unit(faces(codes)), (0.8, 0.1, 0.1), 0)
    assert all(codes[side == at, 3].any() for at in range(3))
