from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from mien.datasets.face_set import FaceSet  # noqa: E402
from mien.datasets.synthetic import synthetic  # noqa: E402
from mien.errors import MienError  # noqa: E402
from mien.lab.heads.intensity import Intensity  # noqa: E402
from mien.lab.heads.ordinal_loss import Ordinal, SquaredError  # noqa: E402
from mien.lab.train.recipe import Balance, Data, HeadRecipe  # noqa: E402

NAN = float("nan")
PLAN = HeadRecipe("i", kind="intensity")


def coded() -> FaceSet:
    amounts = np.array([[0, 3, NAN], [5, NAN, NAN], [NAN, NAN, NAN], [0, 1, NAN]], np.float32)
    shown = np.where(np.isnan(amounts), np.nan, amounts >= 2).astype(np.float32)
    targets = {"action_units": shown, "intensity": amounts}
    return FaceSet("au", pixels=np.zeros((4, 8, 8), np.uint8), targets=targets, action_units=("AU06", "AU12", "AU20"))


def test_amounts_that_are_coded_and_no_others() -> None:
    head = Intensity().head(coded(), PLAN, Data())
    found = Intensity().learnt(coded(), PLAN, Data(), head)
    assert head.labels == ("AU06", "AU12")
    assert head.activation == "none"
    assert found.target.tolist() == [[0, 3], [5, 0], [0, 0], [0, 1]]
    assert found.weight.tolist() == [[1, 1], [1, 0], [0, 0], [1, 1]]
    assert found.hard.tolist() == [1, 0, -1, 1]
    assert Intensity().classes(coded(), PLAN)[2] == -1


def test_units_without_amounts_are_refused() -> None:
    with pytest.raises(MienError, match="no intensity of AU20 is coded"):
        Intensity().head(coded(), HeadRecipe("i", kind="intensity", units=("AU06", "AU20")), Data())
    bare = coded().replace(targets={"action_units": coded().targets["action_units"]})
    with pytest.raises(MienError, match="no intensities in this data set"):
        Intensity().head(bare, PLAN, Data())


def test_drawn_faces_have_five_times_their_strength() -> None:
    faces = synthetic(n=50, size=16)
    head = Intensity().head(faces, PLAN, Data())
    found = Intensity().learnt(faces, PLAN, Data(), head)
    assert found.target == pytest.approx(5 * faces.targets["action_units"])


def test_losses_by_name_and_scores() -> None:
    nothing = torch.zeros(1, 1), torch.ones(1, 1), torch.zeros(1, dtype=torch.int64), Balance()
    assert Intensity().loss(PLAN, *nothing) == Ordinal()
    assert Intensity().loss(HeadRecipe("i", loss="mse"), *nothing) == SquaredError()
    faces = synthetic(n=50, size=16)
    head = Intensity().head(faces, PLAN, Data())
    found = Intensity().learnt(faces, PLAN, Data(), head)
    target, weight, hard = (torch.from_numpy(x) for x in (found.target, found.weight, found.hard))
    right = Intensity().scores(target, target, weight, hard, head)
    assert right["icc"] == pytest.approx(1)
    assert right["negative_mae"] == pytest.approx(0)
    higher = Intensity().scores(target + 0.5, target, weight, hard, head)
    assert higher["icc"] > 0.8  # consistency forgives a shift, the error does not
    assert higher["negative_mae"] < -0.4
