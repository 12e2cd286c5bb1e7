"""DISFA: labels by person and unit, joined to frames."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.datasets.unit_miniatures import disfa, pictures

from mien.datasets.index import write_index
from mien.datasets.load import load_dataset, load_indexed
from mien.datasets.protocol_cut import DISFA_PARTS
from mien.errors import MienError

PEOPLE = ("SN001", "SN013")


def strength(person: int, frame: int, unit: int) -> int:
    return (frame + unit + person) % 6


def test_intensity_occurrence_and_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = disfa(tmp_path, PEOPLE)
    faces = load_dataset(root)
    assert (faces.name, faces.action_units) == ("disfa", ("AU01", "AU12", "AU25"))
    expected = np.float32([[strength(p, f, u) for u in (1, 12, 25)] for p in range(2) for f in range(1, 5)])
    np.testing.assert_array_equal(faces.targets["intensity"], expected)
    np.testing.assert_array_equal(faces.targets["action_units"], expected >= 2)
    assert faces.subject.tolist() == faces.group.tolist() == ["SN001"] * 4 + ["SN013"] * 4
    assert faces.paths is not None
    assert faces.paths[5] == str(root / "Images/SN013/000002.jpg")
    assert capsys.readouterr().err == ""


def test_another_cut(tmp_path: Path) -> None:
    root = disfa(tmp_path, PEOPLE)
    faces = load_dataset(f"{root}:cut=1")
    np.testing.assert_array_equal(faces.targets["action_units"], faces.targets["intensity"] >= 1)
    assert (faces.targets["action_units"] != load_dataset(root).targets["action_units"]).any()
    with pytest.raises(MienError, match="cut=6: choose 2 or 1 or 3 or 4 or 5"):
        load_dataset(f"{root}:cut=6")


def test_other_layouts_of_frames_and_both_cameras(tmp_path: Path) -> None:
    disfa(tmp_path, PEOPLE, frames=2)
    (tmp_path / "Images").rename(tmp_path / "Left_Video")
    pictures(tmp_path, ["RightVideoSN001_comp/00002.png", "faces/SN013_0001.bmp", "cover.jpg", "SN013.jpg"])
    faces = load_dataset(tmp_path)
    assert faces.paths is not None
    names = [Path(path).relative_to(tmp_path).as_posix() for path in faces.paths.tolist()]
    assert names == [
        "Left_Video/SN001/000001.jpg", "Left_Video/SN001/000002.jpg", "RightVideoSN001_comp/00002.png",
        "Left_Video/SN013/000001.jpg", "Left_Video/SN013/000002.jpg", "faces/SN013_0001.bmp",
    ]  # fmt: skip
    strong = faces.targets["intensity"]
    assert (strong[1] == strong[2]).all()
    assert (strong[3] == strong[5]).all()


def test_frames_and_labels_without_each_other_and_unknown_ones(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    disfa(tmp_path, PEOPLE)
    (tmp_path / "Images/SN001/000003.jpg").unlink()
    pictures(tmp_path, ["Images/SN001/000009.jpg", "Images/SN099/000001.jpg"])
    path = tmp_path / "ActionUnit_Labels/SN013/SN013_au12.txt"
    path.write_text("1,9\n2, 3\n4,999\n")  # blanks, unknown ones, and a frame less
    faces = load_dataset(tmp_path)
    assert len(faces) == 7
    assert capsys.readouterr().err == (
        "mien: note: disfa left out: 1 coded frames without a picture and 2 pictures without codes\n"
    )
    of = faces.subject == "SN013"
    for key, values in (("intensity", [np.nan, 3, np.nan, np.nan]), ("action_units", [np.nan, 1, np.nan, np.nan])):
        np.testing.assert_array_equal(faces.targets[key][of, 1], np.float32(values))


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("1,0\n2,6\n", r"row 1 \(line 2\): '2,6': intensity is 6, no intensity from 0 to 5"),
        ("1,0\n2\n3\n", r"row 1 \(line 2\): '2': expected a frame.*; 1 more broken row"),
        ("1,0\n0,1\n", r"row 1 \(line 2\): '0,1': expected a frame from 1, each once"),
        ("1,0\n1,1\n", r"row 1 \(line 2\): '1,1': expected a frame from 1, each once"),
        ("0,1\n3,2\n5,3\n", r"row 0 \(line 1\): '0,1': expected a frame from 1"),  # swapped
        ("", "no rows"),
    ],
)
def test_broken_labels(tmp_path: Path, text: str, what: str) -> None:
    disfa(tmp_path, PEOPLE)
    (tmp_path / "ActionUnit_Labels/SN001/SN001_au1.txt").write_text(text)
    with pytest.raises(MienError, match=rf"SN001_au1.txt: {what}"):
        load_dataset(tmp_path)


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    disfa(tmp_path, PEOPLE)
    (tmp_path / "ActionUnit_Labels/SN013/SN013_au25.txt").unlink()
    with pytest.raises(MienError, match=r"SN013: no SN013_au25.txt, which other people have"):
        load_dataset(tmp_path)
    disfa(tmp_path, PEOPLE)
    pictures(tmp_path, ["Images/SN001/000000.jpg"])
    with pytest.raises(MienError, match=r"000000.jpg: frame 0, but DISFA's labels count from 1"):
        load_dataset(tmp_path)


def test_videos_are_told_how_to_become_pictures(tmp_path: Path) -> None:
    disfa(tmp_path, PEOPLE)
    (tmp_path / "Images").rename(tmp_path.parent / f"{tmp_path.name}-elsewhere")
    with pytest.raises(MienError, match=r"no pictures of frames: put them in folders such as Images/SN001/000001.jpg"):
        load_dataset(tmp_path)
    (tmp_path / "Videos_LeftCamera").mkdir()
    (tmp_path / "Videos_LeftCamera/LeftVideoSN013_comp.avi").write_bytes(b"RIFF")
    line = r"mkdir -p Images/SN013 && ffmpeg -i Videos_LeftCamera/LeftVideoSN013_comp.avi -q:v 2 Images/SN013/%06d.jpg"
    with pytest.raises(MienError, match=line):
        load_dataset(tmp_path)


def test_an_index_keeps_units_intensities_and_the_cut(tmp_path: Path) -> None:
    root = disfa(tmp_path / "DISFA", PEOPLE)
    whole, index = load_indexed(f"{root}:cut=3")
    rows = np.array([6, 0, 6])
    write_index(tmp_path / "i.csv", index.select(rows))
    faces = load_dataset(tmp_path / "i.csv")
    assert faces.action_units == whole.action_units
    for key in ("action_units", "intensity"):
        np.testing.assert_array_equal(faces.targets[key], whole.targets[key][rows])
    (root / "Images/SN001/000001.jpg").unlink()  # rows would move
    with pytest.raises(MienError, match="has changed since the index was made"):
        load_dataset(tmp_path / "i.csv")


def test_folds_hold_people_apart_and_are_those_of_papers(tmp_path: Path) -> None:
    root = disfa(tmp_path, [person for part in DISFA_PARTS for person in part], frames=2, units=(1,))
    tested: list[str] = []
    for fold, part in enumerate(reversed(DISFA_PARTS)):
        faces = load_dataset(f"{root}:protocol=disfa,fold={fold}")
        sides = {name: set(faces.subject[faces.split == name]) for name in ("Training", "Validation", "Test")}
        assert sides["Test"] == set(part)
        assert [len(people) for people in sides.values()] == [15, 3, 9]
        assert len(set().union(*sides.values())) == 27
        tested += sides["Test"]
    assert len(set(tested)) == 27
    assert set(load_dataset(f"{root}:protocol=disfa").split) == {"fold0", "fold1", "fold2"}
