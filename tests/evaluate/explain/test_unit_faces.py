from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.evaluate.explain.unit_model import UNITS, half_faces, unit_model

from mien.errors import MienError
from mien.evaluate.explain.explainer import Explainer, open_explainer
from mien.evaluate.explain.unit_faces import judged_units, unit_sheets
from mien.model_spec import Head
from mien.runtime.heat_drawing import SIDE
from mien.runtime.unit_regions import region_area

FACES = half_faces()


@pytest.fixture
def halves(tmp_path: Path) -> Explainer:
    return open_explainer(unit_model(tmp_path / "halves.onnx"))


def test_picks_of_a_unit_are_explained_with_the_heat_where_it_acts(halves: Explainer) -> None:
    scores, units = judged_units(halves, "halves", FACES)
    assert units == UNITS
    assert scores.n == len(FACES)
    sheets = {one.sheet: one for one in unit_sheets(halves, FACES, scores, "AU04", ["cam"], k=3)}
    assert list(sheets) == ["wrong", "right", "uncertain"]
    assert [one.row for one in sheets["wrong"].picks] == [5]  # the one that was coded by mistake
    right = sheets["right"]
    assert right.kinds == ("shown, said",) * 3 + ("not shown, not said",) * 3
    assert right.rows[0].words == f"row {right.picks[0].row}: shown, said"
    assert right.rows[0].face.shape == (SIDE, SIDE, 3)
    assert right.rows[0].captions == ["AU04 100 %"]
    # all heat of AU04 lies in the upper half, evenly, and of AU12 in the lower
    assert right.in_region["cam"][:3] == pytest.approx(2 * region_area("AU04"), rel=0.05)
    lower = unit_sheets(halves, FACES, scores, "AU12", ["cam"], k=3)[0]
    assert lower.in_region["cam"] == pytest.approx(2 * region_area("AU12"), rel=0.05)
    assert {one.row for one in lower.picks}.isdisjoint({0, 1})  # not coded


def test_the_face_is_outlined_and_the_threshold_is_the_models_own(tmp_path: Path) -> None:
    kept = {"units": {"thresholds": {"AU04": 0.999}}}
    strict = open_explainer(unit_model(tmp_path / "strict.onnx", calibration=kept))
    scores, _ = judged_units(strict, "strict", FACES, target="AU4")
    missed = {one.sheet: one for one in unit_sheets(strict, FACES, scores, "AU04", ["grad-cam"], k=20)}["wrong"]
    assert missed.kinds.count("shown, missed") > 1
    plain = np.ptp(missed.rows[0].face.astype(int), axis=2)
    assert plain.max() > 0  # a coloured line on a grey face


def test_one_unit_and_rows_left_out(halves: Explainer) -> None:
    scores, units = judged_units(halves, "halves", FACES, target="au 12", excluded=np.arange(len(FACES)) >= 10)
    assert units == ("AU12",)
    assert scores.rows.max() < 10


def test_intensities_have_their_own_kinds(tmp_path: Path) -> None:
    strength = open_explainer(unit_model(tmp_path / "i.onnx", "intensity", "none"))
    scores, units = judged_units(strength, "i", FACES, target="units:AU12")
    sheets = unit_sheets(strength, FACES, scores, units[0], ["cam"], k=2)
    assert [one.sheet for one in sheets] == ["wrong", "right"]
    assert set(sheets[0].kinds) <= {"said too high", "said too low"}
    assert sheets[1].rows[0].captions[0].endswith("of 5")


def test_what_has_no_units_is_told(halves: Explainer, tiny_model) -> None:
    with pytest.raises(MienError, match="model tiny says no action units"):
        judged_units(open_explainer(tiny_model()), "tiny", FACES)
    with pytest.raises(MienError, match="--target AU25: model halves says AU04, AU12"):
        judged_units(halves, "halves", FACES, target="AU25")
    bare = FACES.replace(targets={"action_units": np.where(np.arange(2) == 1, np.nan, FACES.targets["action_units"])})
    with pytest.raises(MienError, match="halves: all does not code AU12; it codes AU04"):
        judged_units(halves, "halves", bare, target="AU12")


def test_an_emotion_is_no_unit(tmp_path: Path, tiny_model) -> None:
    heads = (Head("emotion", "emotion", ("anger", "happiness"), "x"), Head("u", "action_units", UNITS, "x", "sigmoid"))
    both = open_explainer(tiny_model(heads=heads))
    with pytest.raises(MienError, match="--target happiness: no action unit"):
        judged_units(both, "both", FACES, target="happiness")
