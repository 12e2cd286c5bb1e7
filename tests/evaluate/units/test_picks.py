from __future__ import annotations

import numpy as np
import pytest

from mien.datasets.face_set import FaceSet
from mien.evaluate.affect import score_affect
from mien.evaluate.units.intensities import score_intensities
from mien.evaluate.units.occurrence import UnitScores, score_units
from mien.evaluate.units.outputs import HeadOutputs
from mien.evaluate.units.picks import RIGHT, UNCERTAIN, WRONG, Picks, amount_picks, unit_picks
from mien.labels import AFFECT
from mien.model_spec import Head, ModelSpec

UNITS = ("AU04", "AU12")
SHOWN = np.float32([1, 1, 1, 1, 0, 0, 0, np.nan])
SAID = np.array([0.9, 0.6, 0.45, 0.02, 0.8, 0.35, 0.01, 0.999])
ROWS = np.arange(8) + 100


def outputs(head: Head, targets: dict[str, np.ndarray], logits: np.ndarray) -> HeadOutputs:
    spec = ModelSpec("m", "a", (head,), 48, 48)
    faces = FaceSet("f", pixels=np.zeros((8, 48, 48), np.uint8), targets=targets, action_units=UNITS)
    return HeadOutputs("m", spec, faces, ROWS, "f", "", "Test", np.asarray(logits, np.float32), {})


def unit_scores(threshold: float) -> UnitScores:
    head = Head("units", "action_units", UNITS, "x", "sigmoid")
    odds = np.log(SAID / (1 - SAID))
    shown = np.stack([np.zeros(8, np.float32), SHOWN], axis=1)
    return score_units(
        outputs(head, {"action_units": shown}, np.stack([odds, odds], axis=1)), head, {"AU12": threshold}, "here"
    )


def rows(picks: Picks, sheet: str) -> dict[str, list[int]]:
    return {name: [one.row - 100 for one in some] for name, some in picks[sheet].items()}


def test_faces_are_wrong_right_and_doubtful_by_the_units_own_threshold() -> None:
    found = unit_picks(unit_scores(0.4), "AU12")
    assert rows(found, WRONG) == {"shown, missed": [3], "not shown, said": [4]}
    assert rows(found, RIGHT) == {"shown, said": [0, 1, 2], "not shown, not said": [6, 5]}
    # by odds 0.45 and 0.35 are next to 0.4, and 0.02 is farther than 0.9
    assert rows(found, UNCERTAIN) == {"shown": [2, 1, 0, 3], "not shown": [5, 4, 6]}
    moved = unit_picks(unit_scores(0.5), "AU12")
    assert rows(moved, WRONG)["shown, missed"] == [3, 2]
    assert rows(moved, UNCERTAIN)["shown"] == [2, 1, 0, 3]


def test_captions_tell_both_and_faces_of_unknown_label_are_never_picked() -> None:
    found = unit_picks(unit_scores(0.4), "AU12", k=2)
    first = found[WRONG]["shown, missed"][0]
    assert (first.row, first.caption, first.target) == (103, "2 %, shown", 1.0)
    assert first.said == pytest.approx(0.02, abs=1e-6)
    every = [one for kinds in found.values() for some in kinds.values() for one in some]
    assert 107 not in {one.row for one in every}
    assert max(len(some) for kinds in found.values() for some in kinds.values()) == 2


def test_kinds_without_faces_are_left_out_and_an_unscored_unit_is_an_error() -> None:
    assert "shown, missed" not in unit_picks(unit_scores(0.4), "AU04")[WRONG]
    with pytest.raises(ValueError, match="not in tuple"):
        unit_picks(unit_scores(0.4), "AU26")


def test_intensities_by_the_size_and_the_side_of_the_error() -> None:
    head = Head("i", "intensity", UNITS, "x", "none")
    targets = np.float32([[np.nan, v] for v in (0, 1, 2, 3, 4, 5, np.nan, 0)])
    said = np.array([2.0, 1.0, 2.5, 0.5, 4.1, 5.0, 3.0, 0.0])
    found = amount_picks(
        score_intensities(outputs(head, {"intensity": targets}, np.stack([said, said], 1)), head), "AU12", k=3
    )
    assert rows(found, WRONG) == {"said too high": [0, 2, 4], "said too low": [3]}
    assert rows(found, RIGHT) == {"nearest": [1, 5, 7]}
    assert found[WRONG]["said too low"][0].caption == "said 0.5, is 3.0"


def test_affect_has_signs() -> None:
    head = Head("affect", "valence_arousal", AFFECT, "x", "none")
    valence = np.float32([-1, -0.5, 0, 0.5, 1, 0.2, 0.1, 0.3])
    said = np.tile(np.array([[-0.4], [-0.5], [0.1], [-0.5], [0.9], [0.2], [0.1], [0.3]]), 2)
    found = amount_picks(
        score_affect(outputs(head, {"valence": valence, "arousal": valence}, said), head), "valence", k=2
    )
    assert rows(found, WRONG) == {"said too high": [0, 2], "said too low": [3, 4]}
    assert found[WRONG]["said too high"][0].caption == "said -0.40, is -1.00"
