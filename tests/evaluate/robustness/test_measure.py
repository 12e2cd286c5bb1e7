"""Robustness: the sample, the scores at each step against plain counting, and pictures in files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mien.errors import MienError
from mien.evaluate.predictor import OnnxPredictor
from mien.evaluate.robustness.corruptions import CORRUPTIONS, STRENGTHS, corrupt
from mien.evaluate.robustness.measure import robustness, sample
from mien.labels import SEVEN
from mien.model_spec import Head


@pytest.fixture
def model(tiny_model) -> OnnxPredictor:
    """Answers by the face's mean brightness."""
    return OnnxPredictor(tiny_model(heads=(Head("emotion", "emotion", SEVEN, "fer2013"),)))


@pytest.fixture
def by_brightness(faces):
    """The faces, each of the brightness that says its label."""
    label = np.nanargmax(faces.targets["fer2013"], axis=1)
    return faces.replace(pixels=np.repeat(255 * label / 6, 48 * 48).reshape(60, 48, 48).astype(np.uint8))


def test_each_step_is_scored_on_its_corrupted_faces(model, faces) -> None:
    found = robustness("tiny", model, faces, "PrivateTest", seed=4)
    rows = np.arange(45, 60)
    assert (found.n, found.sampled, found.rows) == (15, False, rows.tolist())
    target = np.nanargmax(faces.targets["fer2013"][rows], axis=1)
    assert [curve.corruption for curve in found.curves] == list(CORRUPTIONS)
    for curve in found.curves:
        assert [step.strength for step in curve.steps] == list(STRENGTHS)
        for step in curve.steps:
            pixels = corrupt(faces.pixels[rows], curve.corruption, step.strength, 4, rows)
            said = model.logits(pixels[..., None]).argmax(axis=1)
            assert step.top1 == pytest.approx(100 * (said == target).mean())
        assert curve.mean_top1 == pytest.approx(np.mean([step.top1 for step in curve.steps]))


def test_darkness_makes_a_model_that_goes_by_brightness_wrong(model, by_brightness) -> None:
    found = robustness("tiny", model, by_brightness, "PrivateTest")
    curves = {curve.corruption: curve for curve in found.curves}
    assert found.clean.top1 == 100
    assert found.clean.top1_ci95[0] < 85
    assert curves["darkness"].steps[4].top1 < 30
    assert curves["blur"].relative_drop == 0
    assert curves["darkness"].relative_drop == pytest.approx(100 - curves["darkness"].mean_top1)
    assert found.mean_top1 == pytest.approx(np.mean([curve.mean_top1 for curve in found.curves]))
    assert json.loads(json.dumps(found.to_dict()))["clean"]["top1"] == 100


def test_batches_change_nothing_and_progress_ends_at_all(model, faces) -> None:
    told: list[tuple[int, int]] = []
    first = robustness("tiny", model, faces, "Training", n=11, progress=lambda *step: told.append(step))
    assert robustness("tiny", model, faces, "Training", n=11, batch=4) == first
    assert told[-1] == (11 * 35, 11 * 35)


def test_a_sample_keeps_the_shares_of_classes() -> None:
    targets = np.repeat([0, 1, 2, 5], [600, 300, 95, 5])
    rows = sample(targets, 100, seed=1)
    assert np.bincount(targets[rows]).tolist() == [60, 30, 9, 0, 0, 1]
    assert (np.diff(rows) > 0).all()
    assert (sample(targets, 100, seed=1) == rows).all()
    assert (sample(targets, 100, seed=2) != rows).any()
    assert len(sample(targets, 3)) == 3
    assert len(sample(targets, None)) == len(sample(targets, 5000)) == 1000
    rare = sample(np.repeat([0, 1, 2, 3], [997, 1, 1, 1]), 5)
    assert sorted(rare)[-3:] == [997, 998, 999]
    with pytest.raises(MienError, match="robustness on 0 faces"):
        sample(targets, 0)


def test_faces_in_files_are_corrupted_in_their_box(model, faces, tmp_path: Path) -> None:
    paths = []
    for i in range(60):
        picture = np.zeros((100, 120), np.uint8)
        picture[20:68, 30:78] = faces.pixels[i]
        paths.append(str(tmp_path / f"{i}.png"))
        Image.fromarray(picture).save(paths[-1])
    box = np.tile(np.float32([30, 20, 78, 68]), (60, 1))
    files = faces.replace(pixels=None, paths=np.array(paths), box=box)
    there, here = (robustness("tiny", model, one, "PrivateTest") for one in (files, faces))
    steps = [
        abs(a.top1 - b.top1)
        for one, other in zip(there.curves, here.curves, strict=True)
        for a, b in zip(one.steps, other.steps, strict=True)
        if one.corruption not in ("noise", "jpeg")  # three planes of noise, and of JPEG's chroma, are not one
    ]
    assert max(steps) == 0
