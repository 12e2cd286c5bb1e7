"""Which rows are predicted, and what is kept of them."""

from __future__ import annotations

import numpy as np
import pytest

from mien.errors import MienError
from mien.evaluate.predictions import predict
from mien.model_spec import Head, ModelSpec


def test_a_splits_labelled_rows_with_their_place_in_the_set(faces, bright) -> None:
    found = predict("m", bright(), faces)
    assert found.rows.tolist() == list(range(45, 60))
    assert (found.targets == faces.hard("fer2013")[45:]).all()
    assert np.isnan(found.probabilities[:, 7]).all()
    assert found.probabilities[:, :7].sum(axis=1) == pytest.approx(np.ones(15), abs=1e-5)
    assert (found.data, found.split, found.labels, found.trained_on) == ("fer2013", "PrivateTest", "fer2013", "fer2013")
    assert found.data_sha256 == faces.digest()
    assert found.averaged is None
    assert found.dropped == {"excluded": 0, "no_label": 0, "not_in_model": 0}


def test_reasons_for_leaving_rows_out_are_counted_once_each(faces, bright) -> None:
    excluded = np.zeros(60, bool)
    excluded[[0, 45, 53]] = True  # one in another split; 53 has no FER+ label anyway
    found = predict("m", bright(), faces, labels="ferplus", excluded=excluded)
    assert found.dropped == {"excluded": 2, "no_label": 0, "not_in_model": 1}
    assert not {45, 52, 53} & set(found.rows.tolist())
    assert len(found) == 12
    assert found.elsewhere is not None
    assert found.elsewhere.tolist() == [2, 2, 1, 1] + [0] * 8  # still of its own row


def test_an_eight_class_model_keeps_contempt(faces, bright, eight) -> None:
    found = predict("m", bright(eight, "ferplus"), faces)
    assert 52 in found.rows
    assert found.dropped == {"excluded": 0, "no_label": 1, "not_in_model": 0}
    assert predict("m", bright(eight, "ferplus"), faces, labels="fer2013").emotions.tolist() == [True] * 7 + [False]


def test_the_mirror_is_the_mean_of_both_sides(faces, bright) -> None:
    pixels = faces.pixels.copy()
    pixels[:, 0, -1] = (pixels[:, 0, 0] + 1) % 7
    found = predict("m", bright(), faces.replace(pixels=pixels), tta="mirror")
    assert found.averaged is not None
    said, beside = pixels[45, 0, 0], pixels[45, 0, -1]
    assert found.averaged[0, said] == pytest.approx(found.averaged[0, beside])


def test_batches_and_progress(faces, bright) -> None:
    told: list[tuple[int, int]] = []
    found = predict("m", bright(), faces, "train", batch=12, progress=lambda done, total: told.append((done, total)))
    assert told == [(12, 30), (24, 30), (30, 30)]
    np.testing.assert_array_equal(found.probabilities, predict("m", bright(), faces, "train").probabilities)


def test_what_cannot_be_judged_is_told(faces, bright) -> None:
    class Units:
        spec = ModelSpec("au", "fake", (Head("au", "action_units", ("AU01",), "disfa"),), 48, 48)

    with pytest.raises(MienError, match="no emotion head"):
        predict("m", Units(), faces)
    with pytest.raises(MienError, match="no row of PrivateTest"):
        predict("m", bright(), faces, excluded=np.ones(60, bool))
    with pytest.raises(MienError, match="unknown test-time averaging"):
        predict("m", bright(), faces, tta="ten")


def test_made_pictures_among_real_faces_are_not_judged(faces, bright) -> None:
    made_from = np.full(60, -1)
    made_from[[46, 50]] = [1, 5]
    found = predict("m", bright(), faces.replace(made_from=made_from))
    assert not {46, 50} & set(found.rows.tolist())
    assert found.dropped["made"] == 2
    alone = predict("m", bright(), faces.replace(made_from=np.arange(60)))  # asked for as such
    assert len(alone) == 15
    assert "made" not in alone.dropped
