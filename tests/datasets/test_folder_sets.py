"""Which data set a folder is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from tests.datasets.unit_miniatures import bp4d, disfa, emotionet_sheet, pictures

from mien.datasets import ckplus
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


def test_sets_of_action_units_are_told_apart(tmp_path: Path) -> None:
    emotionet_sheet(tmp_path / "e", [("a.jpg", "b/a.jpg", "1,0,0,0")])
    pictures(tmp_path / "e", ["a.jpg"])
    disfa(tmp_path / "d", ["SN001"])
    bp4d(tmp_path / "b", ["F001"])
    pictures(tmp_path / "p", ["a.jpg"])
    (tmp_path / "p" / "labels.csv").write_text("path,AU1\na.jpg,1\n")
    names = {folder: load_dataset(tmp_path / folder).name for folder in "edbp"}
    assert names == {"e": "emotionet", "d": "disfa", "b": "bp4d", "p": "labels"}
    # pictures in class folders stay what they were, whatever other table lies beside them
    pictures(tmp_path / "c", ["train/fear/a.jpg", "train/happy/b.jpg"])
    (tmp_path / "c" / "list.csv").write_text("path,emotion\ntrain/fear/a.jpg,fear\n")
    assert load_dataset(tmp_path / "c").hard("emotion").tolist() == [2, 3]
    with pytest.raises(MienError, match="cut=1: frames, neutral for this data set"):
        check_readings(tmp_path, {"cut": "1"}, ckplus.KNOWN)
