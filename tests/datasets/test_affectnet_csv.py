"""AffectNet's first release."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mien.datasets.load import load_dataset
from mien.errors import MienError

HEADER = "subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,expression,valence,arousal"
MARKS = ";".join(f"{i}.5;{i}.25" for i in range(68))


def line(path: str, expression: object, valence: float = 0.25, arousal: float = -0.5) -> str:
    return f"{path},10,20,30,40,{MARKS},{expression},{valence},{arousal}"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "AffectNet"
    for folder in ("Manually_Annotated_Images/1", "Automatically_Annotated_Images/7"):
        (root / folder).mkdir(parents=True)
    tables = {
        "training.csv": [line("1/aa.jpg", 1), line("1/bb.jpg", 9, -2, -2), line("1/cc.png", 6, 1, -1)],
        "validation.csv": [line("1/dd.jpg", 7)],
        "automatically_annotated.csv": [line("7/ee.jpg", 0)],
    }
    for name, rows in tables.items():
        (root / name).write_text("\n".join([HEADER, *rows]) + "\n")
    return root


def test_labels_boxes_and_paths_of_pictures_that_nobody_opened(root: Path) -> None:
    faces = load_dataset(root, labels="affectnet")
    assert faces.name == "affectnet"
    assert faces.split.tolist() == ["Training", "Training", "Validation", "Automatic"]
    assert faces.hard("affectnet").tolist() == [3, 0, 7, 6]
    assert faces.targets["valence"].tolist() == [0.25, 1, 0.25, 0.25]
    assert faces.box is not None
    assert faces.box.tolist() == [[10, 20, 40, 60]] * 4  # left, top, right, bottom: face_y counts rows
    assert faces.paths is not None
    assert faces.paths.tolist() == [
        str(root / p)
        for p in (
            "Manually_Annotated_Images/1/aa.jpg", "Manually_Annotated_Images/1/cc.png",
            "Manually_Annotated_Images/1/dd.jpg", "Automatically_Annotated_Images/7/ee.jpg",
        )
    ]  # fmt: skip
    assert load_dataset(root / "training.csv").split.tolist() == ["Training"] * 2


def test_the_face_is_cut_at_rows_of_face_y(root: Path) -> None:
    from mien.evaluate.pixels import crops

    picture = np.zeros((100, 60, 3), np.uint8)
    picture[20:60, 5:45] = 200  # the square around the box of 30 x 40 at (10, 20)
    Image.fromarray(picture).save(root / "Manually_Annotated_Images" / "1" / "cc.png")
    faces = load_dataset(root)
    found = next(crops(faces.select(np.array([1])), 40, 40, "grey"))
    assert (found == 200).all()
    with pytest.raises(MienError, match=r"aa.jpg"):
        next(crops(faces, 40, 40, "grey"))  # a missing file is named when it is read


def test_where_pictures_lie_counts_in_the_cache(root: Path) -> None:
    load_dataset(root)
    (root / "Manually_Annotated").mkdir()
    (root / "Manually_Annotated_Images").rename(root / "Manually_Annotated" / "Manually_Annotated_Images")
    again = load_dataset(root)
    assert again.paths is not None
    assert str(again.paths[0]).endswith("Manually_Annotated/Manually_Annotated_Images/1/aa.jpg")


@pytest.mark.parametrize(
    ("rows", "what"),
    [
        ([line("1/aa.jpg", 1), line("1/bb.jpg", 12)], r"row 1 \(line 3\): expression is no number from 0 to 10"),
        ([line("1/aa.jpg", "x")], r"row 0 \(line 2\): expression is no number"),
        ([line("1/aa.jpg", 1), "1/bb.jpg,10,20"], r"row 1 \(line 3\): expression is no number"),
        ([line("9/aa.jpg", 1)], r"no folder Manually_Annotated_Images with 9/aa.jpg in"),
        ([], "a header and no rows"),
    ],
)
def test_broken_tables(root: Path, rows: list[str], what: str) -> None:
    (root / "training.csv").write_text("\n".join([HEADER, *rows]) + "\n")
    with pytest.raises(MienError, match=rf"training.csv: {what}"):
        load_dataset(root)
