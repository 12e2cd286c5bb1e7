from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from mien.datasets.synthetic import synthetic  # noqa: E402
from mien.errors import MienError  # noqa: E402
from mien.lab.heads.affect_losses import AffectLoss  # noqa: E402
from mien.lab.heads.valence_arousal import ValenceArousal  # noqa: E402
from mien.lab.train.recipe import Balance, Data, HeadRecipe  # noqa: E402

PLAN = HeadRecipe("va", kind="valence_arousal")


def test_values_and_what_is_unknown() -> None:
    faces = synthetic(n=6, size=16)
    valence = faces.targets["valence"].copy()
    valence[2] = np.nan
    faces = faces.replace(targets={**faces.targets, "valence": valence})
    head = ValenceArousal().head(faces, PLAN, Data())
    found = ValenceArousal().learnt(faces, PLAN, Data(), head)
    assert (head.labels, head.activation) == (("valence", "arousal"), "tanh")
    assert found.weight[2].tolist() == [0, 1]
    assert found.hard[2] == -1
    assert found.target[0].tolist() == [faces.targets["valence"][0], faces.targets["arousal"][0]]
    bare = faces.replace(targets={"valence": valence})
    with pytest.raises(MienError, match="no arousal in this data set"):
        ValenceArousal().head(bare, PLAN, Data())
    assert (ValenceArousal().classes(bare, PLAN) == -1).all()


def test_losses_by_name_and_scores() -> None:
    nothing = torch.zeros(1, 2), torch.ones(1, 2), torch.zeros(1, dtype=torch.int64), Balance()
    assert ValenceArousal().loss(PLAN, *nothing) == AffectLoss("both", "tanh")
    assert ValenceArousal().loss(HeadRecipe("va", loss="rmse", activation="none"), *nothing) == AffectLoss(
        "rmse", "none"
    )
    faces = synthetic(n=60, size=16)
    head = ValenceArousal().head(faces, PLAN, Data())
    found = ValenceArousal().learnt(faces, PLAN, Data(), head)
    target, weight, hard = (torch.from_numpy(x) for x in (found.target, found.weight, found.hard))
    scores = ValenceArousal().scores(target.clamp(-0.999, 0.999).atanh(), target, weight, hard, head)
    assert scores["ccc"] == pytest.approx(1, abs=1e-3)
    assert scores["negative_rmse"] == pytest.approx(0, abs=1e-2)
    assert set(ValenceArousal.metrics) < set(scores)
    shifted = ValenceArousal().scores((target * 0.5 + 0.4).atanh(), target, weight, hard, head)
    assert shifted["ccc_valence"] < 0.8
