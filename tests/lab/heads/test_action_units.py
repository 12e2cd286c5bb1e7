from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from mien.datasets.face_set import FaceSet  # noqa: E402
from mien.datasets.synthetic import synthetic  # noqa: E402
from mien.errors import MienError  # noqa: E402
from mien.lab.heads.action_units import ActionUnits, EmotionUnits, rarest_shown  # noqa: E402
from mien.lab.heads.head_kind import Learnt  # noqa: E402
from mien.lab.heads.unit_losses import Asymmetric, Bce  # noqa: E402
from mien.lab.train.recipe import Balance, Data, HeadRecipe  # noqa: E402
from mien.model_spec import Head  # noqa: E402

NAN = float("nan")
SAID = np.array([[1, 0, 0], [0, 0, 0], [1, 1, NAN], [NAN, NAN, NAN], [1, 0, 0], [0, NAN, 0]], np.float32)


def coded(said: np.ndarray = SAID) -> FaceSet:
    pixels = np.zeros((len(said), 8, 8), np.uint8)
    return FaceSet("au", pixels=pixels, targets={"action_units": said}, action_units=("AU06", "AU12", "AU20"))


def learnt(plan: HeadRecipe, faces: FaceSet | None = None) -> tuple[Head, Learnt]:
    faces = faces or coded()
    head = ActionUnits().head(faces, plan, Data())
    return head, ActionUnits().learnt(faces, plan, Data(), head)


def test_units_that_no_face_shows_are_left_out_and_unknown_ones_masked() -> None:
    head, found = learnt(HeadRecipe("au", kind="action_units"))
    assert head.labels == ("AU06", "AU12")
    assert head.activation == "sigmoid"
    assert found.target.tolist() == [[1, 0], [0, 0], [1, 1], [0, 0], [1, 0], [0, 0]]
    assert found.weight.tolist() == [[1, 1], [1, 1], [1, 1], [0, 0], [1, 1], [1, 0]]


def test_the_recipe_may_choose_units_in_its_own_order() -> None:
    assert learnt(HeadRecipe("au", kind="action_units", units=("12", "au6")))[0].labels == ("AU12", "AU06")
    with pytest.raises(MienError, match="no face shows AU20"):
        learnt(HeadRecipe("au", kind="action_units", units=("AU20",)))
    with pytest.raises(MienError, match="AU01 is not coded; the set has AU06, AU12, AU20"):
        learnt(HeadRecipe("au", kind="action_units", units=("AU01",)))
    with pytest.raises(MienError, match="no action units in this data set"):
        learnt(HeadRecipe("au", kind="action_units"), synthetic(n=4, size=16).replace(targets={}, action_units=()))


def test_a_background_column_is_for_faces_that_show_nothing_for_certain() -> None:
    head, found = learnt(HeadRecipe("au", kind="action_units", units=("AU06", "AU12"), background=True))
    assert head.labels == ("AU06", "AU12", "none")
    assert found.target[:, 2].tolist() == [0, 1, 0, 0, 0, 0]
    assert found.weight[:, 2].tolist() == [1, 1, 1, 0, 1, 0]  # AU06 is absent in the last, AU12 unknown


def test_a_face_counts_by_the_rarest_unit_it_shows() -> None:
    assert rarest_shown(SAID).tolist() == [0, 3, 1, -1, 0, 3]


def test_drawn_strengths_are_cut() -> None:
    faces = synthetic(n=200, size=16, seed=3)
    head = ActionUnits().head(faces, HeadRecipe("au", kind="action_units"), Data())
    found = ActionUnits().learnt(faces, HeadRecipe("au", kind="action_units"), Data(), head)
    strength = faces.targets["action_units"][:, faces.action_units.index("AU12")]
    assert (found.target[:, head.labels.index("AU12")] == (strength >= 0.2)).all()
    assert 0 < found.target.mean() < 0.5


def test_each_loss_by_its_name() -> None:
    target, known, hard = torch.zeros(30, 2), torch.ones(30, 2), torch.zeros(30, dtype=torch.int64)
    target[:3, 0] = 1

    def made(loss: str) -> object:
        return ActionUnits().loss(HeadRecipe("au", loss=loss, gamma_negative=2.0), target, known, hard, Balance())

    assert made("") == made("bce") == Bce()
    assert made("asymmetric") == Asymmetric(0.0, 2.0, 0.05)
    weighted = made("weighted_bce")
    assert isinstance(weighted, Bce)
    assert weighted.positive is not None
    assert weighted.positive.tolist() == [9, 20]


def test_scores_leave_unknown_cells_out() -> None:
    head, found = learnt(HeadRecipe("au", kind="action_units"))
    logits = torch.from_numpy(8 * (2 * found.target - 1))
    logits[3] = 8  # unknown throughout
    both = torch.from_numpy(found.target), torch.from_numpy(found.weight)
    scores = ActionUnits().scores(logits, *both, torch.from_numpy(found.hard), head)
    assert scores["f1"] == 100
    assert scores["average_precision"] == pytest.approx(100)
    assert set(ActionUnits.metrics) < set(scores)
    logits[1, 0] = 8  # a false alarm
    assert ActionUnits().scores(logits, *both, torch.from_numpy(found.hard), head)["f1_AU06"] == pytest.approx(600 / 7)


def test_emotions_and_units_side_by_side() -> None:
    faces = synthetic(n=300, size=16, emotions=("anger", "happiness", "neutral"))
    plan = HeadRecipe("both", kind="emotion_units", labels="synthetic", units=("AU04", "AU06", "AU12"))
    head = EmotionUnits().head(faces, plan, Data())
    found = EmotionUnits().learnt(faces, plan, Data(), head)
    assert head.labels == ("anger", "happiness", "neutral", "AU04", "AU06", "AU12")
    assert (found.target[:, :3].argmax(1) == found.hard).all()
    assert (found.target[found.hard == 1, 5]).mean() > 0.85  # happy faces pull the corners of their mouth
    tensors = (torch.from_numpy(x) for x in (found.target, found.weight, found.hard))
    scores = EmotionUnits().scores(torch.from_numpy(found.target), *tensors, head)
    assert scores["top1"] == 100
