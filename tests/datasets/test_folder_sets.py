"""Which data set a folder is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from mien.datasets.folder_sets import check_readings, recognised
from mien.datasets.load import load_dataset
from mien.errors import MienError


def test_an_unknown_folder_and_one_of_classes_are_left_to_others(tmp_path: Path, pixels: NDArray[np.uint8]) -> None:
    assert recognised(tmp_path, {}) is None
    (tmp_path / "train" / "fear").mkdir(parents=True)
    Image.fromarray(pixels[0]).save(tmp_path / "train" / "fear" / "Training_1.png")
    assert recognised(tmp_path, {}) is None
    assert load_dataset(tmp_path).name == "fer2013"


def test_readings_of_a_set_that_has_none(tmp_path: Path, pixels: NDArray[np.uint8]) -> None:
    Image.fromarray(pixels[0]).save(tmp_path / "KA.AN1.39.tiff")
    with pytest.raises(MienError, match="frames=peak: no such setting for this data set"):
        load_dataset(f"{tmp_path}:frames=peak")
    with pytest.raises(MienError, match="neutral=no: frames for this data set"):
        check_readings(tmp_path, {"neutral": "no"}, ("frames",))
