"""BP4D: occurrence and intensity by person, task and frame."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.datasets.unit_miniatures import bp4d, pictures

from mien.datasets.load import load_dataset
from mien.errors import MienError

NAN = np.nan
OCC = np.float32([[1, 0, NAN], [0, 1, 1], [0, 1, NAN]])


def test_occurrence_people_and_videos(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    faces = load_dataset(bp4d(tmp_path, ["F001", "M002"], (1, 8)))
    assert (faces.name, faces.action_units) == ("bp4d", ("AU01", "AU06", "AU10"))  # 3 is unknown throughout
    np.testing.assert_array_equal(faces.targets["action_units"], np.tile(OCC, (4, 1)))
    assert "intensity" not in faces.targets
    assert faces.subject.tolist() == ["F001"] * 6 + ["M002"] * 6
    assert faces.group[::3].tolist() == ["F001_T1", "F001_T8", "M002_T1", "M002_T8"]
    assert faces.paths is not None
    assert faces.paths[4] == str(tmp_path / "F001/T8/0012.jpg")
    assert capsys.readouterr().err == ""


def test_the_other_names_of_files_and_pictures(tmp_path: Path) -> None:
    bp4d(tmp_path, ["F001"], (2,), ending="_AU_OCC")
    (tmp_path / "AUCoding/OCC").rename(tmp_path / "AU_OCC")
    (tmp_path / "F001/T2/0012.jpg").unlink()
    pictures(tmp_path, ["2D/F001_T02_frame-012.png"])
    faces = load_dataset(tmp_path)
    assert faces.paths is not None
    assert sorted(Path(p).name for p in faces.paths.tolist()) == ["0011.jpg", "0013.jpg", "F001_T02_frame-012.png"]
    np.testing.assert_array_equal(faces.targets["action_units"][[0, 1, 2], 1], [0, 1, 1])


@pytest.mark.parametrize("one_unit", [True, False])
def test_intensities(tmp_path: Path, one_unit: bool) -> None:
    bp4d(tmp_path, ["F001"], (1, 2))
    folder = tmp_path / "AUCoding" / "INT"
    if one_unit:
        (folder / "AU06").mkdir(parents=True)
        (folder / "AU06" / "F001_T1_AU06.csv").write_text("11,0\n12,3\n13,9\n")
        (folder / "F001_T1_AU12.csv").write_text("frame,intensity\n12,5\n")
    else:
        folder.mkdir()
        (folder / "F001_T1.csv").write_text("frame,6,12\n11,0,9\n12,3,5\n13,9,9\n")
    faces = load_dataset(tmp_path)
    assert faces.action_units == ("AU01", "AU06", "AU10", "AU12")  # AU12 has intensities alone
    strong = faces.targets["intensity"]
    np.testing.assert_array_equal(strong[:3], np.float32([[NAN, 0, NAN, NAN], [NAN, 3, NAN, 5], [NAN] * 4]))
    assert np.isnan(strong[3:]).all()  # T2 has none
    np.testing.assert_array_equal(faces.targets["action_units"][:3, :3], OCC)


def test_frames_without_pictures_and_pictures_without_codes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bp4d(tmp_path, ["F001"])
    (tmp_path / "F001/T1/0011.jpg").unlink()
    pictures(tmp_path, ["F001/T1/0099.jpg", "F001/T7/0001.jpg"])
    assert len(load_dataset(tmp_path)) == 2
    assert capsys.readouterr().err == (
        "mien: note: bp4d left out: 1 coded frames without a picture and 2 pictures without codes\n"
    )


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("0,1,6\n11,1,0\n12,1\n13,1,0,0\n", r"row 1 \(line 3\): 2 fields, expected 3; 1 more broken row"),
        ("0,1,6\n11,1,2\n", r"row 0 \(line 2\): AU06 is 2, neither 0 nor 1"),
        ("0,1,6\n11,1,0\n11,1,0\n", r"row 1 \(line 3\): frame '11' is no number from 0, or stands twice"),
        ("11,1,0,1\n12,1,0,1\n", r"row 0 \(line 1\): AU01 stands twice: the first row must hold the units' numbers"),
        ("frame,one\n11,1\n", r"row 0 \(line 1\): unknown action unit 'one'.*: the first row must hold"),
        ("0,1,6\n", "no rows"),
        ("", r"row 0 \(line 1\): no units"),
    ],
)
def test_broken_files(tmp_path: Path, text: str, what: str) -> None:
    bp4d(tmp_path, ["F001"])
    (tmp_path / "AUCoding/OCC/F001_T1.csv").write_text(text)
    with pytest.raises(MienError, match=rf"F001_T1.csv: {what}"):
        load_dataset(tmp_path)


def test_without_pictures(tmp_path: Path) -> None:
    bp4d(tmp_path, ["F001"])
    (tmp_path / "F001").rename(tmp_path / "G001")
    with pytest.raises(MienError, match=r"no pictures of frames: put them in folders such as F001/T1/0001.jpg"):
        load_dataset(tmp_path)
    (tmp_path / "G001").rename(tmp_path / "F009")
    with pytest.raises(MienError, match="3 coded frames and none of them among the pictures"):
        load_dataset(tmp_path)


def test_three_folds_of_people(tmp_path: Path) -> None:
    people = [f"F{number:03d}" for number in range(1, 8)] + ["M001", "M002"]
    root = bp4d(tmp_path, people)
    for fold in range(3):
        faces = load_dataset(f"{root}:protocol=bp4d,fold={fold}")
        sides = {name: set(faces.subject[faces.split == name]) for name in ("Training", "Validation", "Test")}
        assert sides["Test"] == set(people[fold::3])
        assert [len(of) for of in sides.values()] == [5, 1, 3]
        assert set().union(*sides.values()) == set(people)
