"""Rows, columns by name and labels of what a model's heads say."""

from __future__ import annotations

import numpy as np
import pytest

from mien.datasets.face_set import FaceSet
from mien.errors import MienError
from mien.evaluate.units.outputs import any_known, labels_of, outputs_of, split_of, units_of
from mien.labels import AFFECT, EMOTIONS


def test_values_are_the_heads_own_columns_activated(faces: FaceSet, knowing, outputs) -> None:
    found = outputs()
    units, strength, affect = knowing.spec.heads[1:]
    table = knowing.table[found.rows]
    said = found.values(units, ("AU06", "AU12"))
    np.testing.assert_allclose(said, 1 / (1 + np.exp(-table[:, [7 + 3, 7 + 0]].astype(float))), rtol=1e-6)
    np.testing.assert_allclose(found.values(strength, ("AU01",))[:, 0], table[:, 13 + 1], rtol=1e-6)
    np.testing.assert_allclose(found.values(affect, AFFECT), np.tanh(table[:, 16:18]), rtol=1e-5)


def test_labels_are_found_by_name_and_absent_ones_left_out(faces: FaceSet, knowing) -> None:
    _, units, strength, affect = knowing.spec.heads
    names, known = labels_of(units, faces)
    assert names == ("AU12", "AU01", "AU06", "AU20")  # the head's order, without AU25 and the column for none
    np.testing.assert_array_equal(known[:, 2], faces.targets["action_units"][:, 1])
    assert units_of(units) == ("AU12", "AU01", "AU25", "AU06", "AU20")
    assert labels_of(strength, faces)[0] == ("AU06", "AU01")  # of AU12 no intensity is coded
    without = faces.replace(targets={k: v for k, v in faces.targets.items() if k != "arousal"})
    assert labels_of(affect, without)[0] == ("valence",)


def test_a_head_of_emotions_and_units_has_the_units(faces: FaceSet, knowing) -> None:
    from mien.model_spec import Head

    head = Head("both", "emotion_units", (*EMOTIONS, "AU06", "AU01"), "x", "sigmoid")
    assert labels_of(head, faces)[0] == ("AU06", "AU01")


def test_drawn_strengths_are_cut(knowing, faces: FaceSet) -> None:
    strengths = np.full((len(faces), 4), 0.19, np.float32)
    strengths[5] = 0.2
    drawn = faces.replace(targets={"action_units": strengths})
    assert labels_of(knowing.spec.heads[1], drawn)[1].sum(axis=1).nonzero()[0].tolist() == [5]


def test_rows_are_those_with_a_label_for_some_head(faces: FaceSet, knowing) -> None:
    shown = faces.targets["action_units"].copy()
    shown[180:190] = np.nan
    faces = faces.replace(targets={**faces.targets, "action_units": shown}, made_from=np.full(240, -1))
    made = faces.made_from.copy()
    made[200:203] = 1
    faces = faces.replace(made_from=made)
    excluded = np.isin(np.arange(240), [190, 191, 3])
    told: list[tuple[int, int]] = []
    found = outputs_of(
        "m", knowing, faces, "test", knowing.spec.heads[1:2],
        excluded=excluded, batch=16, progress=lambda done, n: told.append((done, n)),
    )  # fmt: skip
    assert found.split == "Test"
    assert found.rows.tolist() == [r for r in range(192, 240) if r not in (200, 201, 202)]
    assert knowing.asked == found.rows.tolist()
    assert found.dropped == {"excluded": 2, "no_label": 10, "made": 3}
    assert told[-1] == (45, 45)
    assert len(told) == 3


def test_a_set_without_splits_is_taken_whole(faces: FaceSet) -> None:
    name, rows = split_of(faces.replace(split=np.full(240, "")), "test")
    assert (name, rows.sum()) == ("all", 240)
    with pytest.raises(MienError, match="no split 'nosuch'"):
        split_of(faces, "nosuch")


def test_no_row_with_a_label_is_told(faces: FaceSet, knowing) -> None:
    shown = faces.targets["action_units"].copy()
    shown[180:] = np.nan
    with pytest.raises(MienError, match="here: no row of Test has a label for units of m"):
        outputs_of("m", knowing, faces.replace(targets={"action_units": shown}), "Test", knowing.spec.heads[1:2])


def test_any_known() -> None:
    assert any_known(np.array([[np.nan, 0.0], [np.nan, np.nan]])).tolist() == [True, False]
