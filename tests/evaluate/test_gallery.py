"""Galleries: the faces chosen, against sorting by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mien.evaluate.gallery import KINDS, MOST_DISPUTED, MOST_RIGHT, MOST_UNCERTAIN, MOST_WRONG, draw_gallery, gallery
from mien.evaluate.predictions import Predictions
from mien.labels import SEVEN


@pytest.fixture
def predictions(noisy) -> Predictions:
    found: Predictions = noisy("a", 2.0)
    return found


def test_faces_are_those_of_a_sort_by_hand(predictions: Predictions) -> None:
    found = gallery(predictions, k=5)
    p = np.nan_to_num(predictions.probabilities)
    said, right = p.argmax(axis=1), p.argmax(axis=1) == predictions.targets
    wrong = sorted(np.flatnonzero(~right), key=lambda i: -p[i].max())[:5]
    sure = sorted(np.flatnonzero(right), key=lambda i: -p[i].max())[:5]
    entropy = -(p[:, :7] * np.log(p[:, :7])).sum(axis=1)
    assert [one.position for one in found.overall[MOST_WRONG]] == wrong
    assert [one.position for one in found.overall[MOST_RIGHT]] == sure
    assert [one.position for one in found.overall[MOST_UNCERTAIN]] == np.argsort(-entropy)[:5].tolist()
    first = found.overall[MOST_WRONG][0]
    assert first.row == predictions.rows[first.position]
    assert (first.true, first.said) == (SEVEN[predictions.targets[wrong[0]]], SEVEN[said[wrong[0]]])
    assert first.p_said == pytest.approx(p[wrong[0]].max(), abs=1e-6)
    assert first.p_true < first.p_said


def test_every_class_has_its_own_faces(predictions: Predictions) -> None:
    found = gallery(predictions, k=3)
    assert list(found.by_class) == list(SEVEN)
    for name, kinds in found.by_class.items():
        assert all(one.true == name for picks in kinds.values() for one in picks)
        assert all(one.said == name for one in kinds[MOST_RIGHT])
        assert all(one.said != name for one in kinds[MOST_WRONG])


def test_disputed_faces_need_branches(predictions: Predictions) -> None:
    assert MOST_DISPUTED not in gallery(predictions).overall
    random = np.random.default_rng(0)
    branches = np.repeat(predictions.probabilities[:, None], 3, axis=1)
    branches[7, 0] = [0.97, *[0.005] * 6, np.nan]
    branches[7, 1] = [*[0.005] * 6, 0.97, np.nan]
    branches[random.integers(100, 600), 0, 0] += 0.001
    found = gallery(replace(predictions, branches=branches), k=2)
    assert set(found.overall) == set(KINDS)
    assert found.overall[MOST_DISPUTED][0].position == 7
    assert found.overall[MOST_DISPUTED][0].disagreement > 0.1


def test_no_mistake_no_most_wrong(predictions: Predictions) -> None:
    perfect = np.full((600, 8), 0.01, np.float32)
    perfect[:, 7] = np.nan
    perfect[np.arange(600), predictions.targets] = 0.94
    found = gallery(replace(predictions, probabilities=perfect))
    assert found.overall[MOST_WRONG] == []
    assert [one.position for one in found.overall[MOST_RIGHT]] == list(range(8))
    assert json.loads(json.dumps(found.to_dict()))["overall"]["most_wrong"] == []


def test_a_sheet_is_drawn(predictions: Predictions, faces, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    few = replace(predictions, rows=predictions.rows % 60)
    draw_gallery(gallery(few, k=4), faces, tmp_path / "all.png", title="a")
    draw_gallery(gallery(few, k=4), faces, tmp_path / "sad.svg", of="sadness")
    assert (tmp_path / "all.png").read_bytes().startswith(b"\x89PNG")
    assert "most wrong" in (tmp_path / "sad.svg").read_text()
