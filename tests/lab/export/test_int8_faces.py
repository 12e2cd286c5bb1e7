from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mien.errors import MienError
from mien.lab.export.int8_faces import int8_faces
from mien.labels import EMOTIONS
from mien.model_spec import Head, ModelSpec

SPEC = ModelSpec("a", "small", (Head("emotion", "emotion", EMOTIONS, "synthetic"),), 24, 24)


def folder(root: Path, splits: dict[str, list[int]]) -> str:
    """SPLIT/CLASS/ of flat grey pictures of these values; "" for CLASS/ alone."""
    for split, values in splits.items():
        for i, value in enumerate(values):
            target = root / split / ("happy" if i % 2 else "sad")
            target.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.full((24, 24), value, np.uint8)).save(target / f"{value}.png")
    return str(root)


def test_training_faces_calibrate_and_validation_faces_compare(tmp_path: Path) -> None:
    data = folder(tmp_path, {"train": [1, 2, 3, 4], "val": [11, 12], "test": [21, 22]})
    faces = int8_faces(data, SPEC, n=3, held_out=10)
    assert faces.calibration.shape == (3, 24, 24, 1)
    assert set(np.unique(faces.calibration)) <= {1, 2, 3, 4}
    assert set(np.unique(faces.held_out)) == {11, 12}
    assert (faces.calibrated_on["n"], faces.calibrated_on["split"]) == (3, "Training")
    assert faces.compared_on == {"split": "Validation", "n": 2}


def test_without_validation_the_training_faces_left_over_compare(tmp_path: Path) -> None:
    faces = int8_faces(folder(tmp_path, {"train": [1, 2, 3, 4, 5], "test": [21, 22]}), SPEC)
    seen = [set(np.unique(part).tolist()) for part in (faces.calibration, faces.held_out)]
    assert seen[0] | seen[1] == {1, 2, 3, 4, 5}
    assert (len(seen[0]), len(seen[1])) == (4, 1)


def test_a_set_without_splits_is_training_faces(tmp_path: Path) -> None:
    faces = int8_faces(folder(tmp_path, {"": [1, 2, 3, 4, 5]}), SPEC)
    assert (len(faces.calibration), len(faces.held_out)) == (4, 1)
    assert faces.calibrated_on["split"] == ""


def test_the_same_seed_draws_the_same_faces() -> None:
    one, two, other = (int8_faces("synthetic:n=60,size=16", SPEC, n=9, seed=seed) for seed in (1, 1, 2))
    assert (one.calibration == two.calibration).all()
    assert (one.calibration != other.calibration).any()


def test_test_faces_and_missing_data_are_refused(tmp_path: Path) -> None:
    with pytest.raises(MienError, match=r"0 training faces \(splits: Test\)"):
        int8_faces(folder(tmp_path, {"test": [1, 2, 3]}), SPEC)
    with pytest.raises(MienError, match="no such file or folder"):
        int8_faces(str(tmp_path / "nowhere"), SPEC)
