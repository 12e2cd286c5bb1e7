"""A plain CSV of pictures and units."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from tests.datasets.unit_miniatures import pictures

from mien.datasets.index import write_index
from mien.datasets.load import load_dataset, load_indexed
from mien.errors import MienError

NAN = np.nan


@pytest.fixture
def root(tmp_path: Path) -> Path:
    pictures(tmp_path, [f"faces/{name}.jpg" for name in "abc"])
    return tmp_path


def write(root: Path, *lines: str, name: str = "units.csv") -> Path:
    path = root / name
    path.write_text("\n".join(lines) + "\n")
    return path


def test_spellings_unknowns_and_everything_beside_them(root: Path) -> None:
    path = write(
        root,
        "image_path,au6,'AU 12',AU12_r,AU1_c,subject,split,emotion,valence,arousal",
        "faces/a.jpg,1,0,0.5,999,p1,train,Happy,0.5,-1",
        f"{root}/faces/b.jpg,9,1,5,-1,p2,test,,-2,",
        "faces\\c.jpg,,1,999,0,p1,val,sad,0,0.25",
    )
    faces = load_dataset(path)
    assert (faces.name, faces.action_units) == ("units", ("AU01", "AU06", "AU12"))
    np.testing.assert_array_equal(faces.targets["action_units"], np.float32([[NAN, 1, 0], [NAN, NAN, 1], [0, NAN, 1]]))
    np.testing.assert_array_equal(
        faces.targets["intensity"], np.float32([[NAN, NAN, 0.5], [NAN, NAN, 5], [NAN, NAN, NAN]])
    )
    assert faces.paths is not None
    assert faces.paths.tolist() == [f"{root}/faces/{name}.jpg" for name in "abc"]
    assert faces.subject.tolist() == ["p1", "p2", "p1"]
    assert faces.split.tolist() == ["Training", "Test", "Validation"]
    assert faces.hard("emotion").tolist() == [3, -1, 4]
    np.testing.assert_array_equal(faces.targets["valence"], np.float32([0.5, NAN, 0]))
    np.testing.assert_array_equal(faces.targets["arousal"], np.float32([-1, NAN, 0.25]))
    again = load_dataset(path)  # from the cache
    assert again.paths is not None
    assert again.paths.tolist() == faces.paths.tolist()


def test_intensities_alone_say_what_occurs(root: Path) -> None:
    path = write(root, "path,AU06_i", "faces/a.jpg,1", "faces/b.jpg,2", "faces/c.jpg,")
    assert load_dataset(path).targets["action_units"][:2, 0].tolist() == [0, 1]
    assert load_dataset(f"{path}:cut=1").targets["action_units"][:2, 0].tolist() == [1, 1]
    assert np.isnan(load_dataset(path).targets["action_units"][2, 0])
    with pytest.raises(MienError, match="frames=peak: cut for this data set"):
        load_dataset(f"{path}:frames=peak")


def test_a_folder_of_splits_with_different_units(root: Path) -> None:
    write(root, "path,AU1,AU2", "faces/a.jpg,1,0", name="set_train.csv")
    write(root, "path,AU2,AU4", "faces/b.jpg,1,0", name="set_test.csv")
    write(root, "a,b", "1,2", name="other.csv")
    faces = load_dataset(root)
    assert faces.split.tolist() == ["Training", "Test"]
    assert faces.action_units == ("AU01", "AU02", "AU04")
    np.testing.assert_array_equal(faces.targets["action_units"], np.float32([[1, 0, NAN], [NAN, 1, 0]]))


def test_missing_pictures(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(root, "path,AU1", "faces/a.jpg,1", "faces/x.jpg,1", "nowhere/y.jpg,0", "faces/b.jpg,0")
    faces = load_dataset(path)
    assert faces.targets["action_units"][:, 0].tolist() == [1, 0]
    assert capsys.readouterr().err == (
        f"mien: note: 2 of 4 rows left out whose picture is not there, the first of them row 1 of {path}\n"
    )
    _, index = load_indexed(path)
    write_index(root / "i.csv", index)
    pictures(root, ["faces/x.jpg"])
    with pytest.raises(MienError, match="has changed since the index was made"):
        load_dataset(root / "i.csv")
    with pytest.raises(MienError, match=r"no picture is there of 1, such as .*faces/gone.jpg: mend the paths"):
        load_dataset(write(root, "path,AU1", "faces/gone.jpg,1"))


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        (["path,AU6", "faces/a.jpg,1", "faces/b.jpg,17"],
         r"row 1 \(line 3\): AU6 is 17, neither 0 nor 1 nor unknown \(999, 9, -1 or blank\): mend"),
        (["path,AU6", "faces/a.jpg,0", "faces/b.jpg,3"],
         r"row 1 \(line 3\): AU6 is 3, .*: if these are intensities, name the column AU06_i"),
        (["path,AU6_i", "faces/a.jpg,7"], r"row 0 \(line 2\): AU6_i is 7, no intensity from 0 to 5"),
        (["path,AU6", "1,faces/a.jpg"], r"row 0 \(line 2\): path is 1, a number: do its columns stand in the order"),
        (["path,AU6,AU7", "faces/a.jpg,faces/a.jpg,1"], r"row 0 .*AU6 is 'faces/a.jpg', no number: do its columns"),
        (["path,AU6", "faces/a.jpg", "faces/b.jpg,1,0"], r"row 0 \(line 2\): 1 field, expected 2; 1 more"),
        (["path,AU6", ",1"], r"row 0 \(line 2\): path is blank"),
        (["path,AU6,au06", "faces/a.jpg,1,1"], r"two columns of AU06, AU6 and au06: leave one out, or add _i"),
        (["AU6,AU12", "1,1"], "action units, but no column of pictures: name one path or image_path or file"),
        (["path,AU6,emotion", "faces/a.jpg,1,3"], r"row 0 \(line 2\): unknown emotion '3'.*: write the word"),
        (["path,AU6,valence", "faces/a.jpg,1,1.5"], r"row 0 .*valence is '1.5', no number from -1 to 1"),
        (["path,AU6"], "a header and no rows"),
    ],
)  # fmt: skip
def test_what_cannot_be_read(root: Path, lines: list[str], what: str) -> None:
    with pytest.raises(MienError, match=rf"units.csv: {what}"):
        load_dataset(write(root, *lines))


def test_affect_alone_will_do_and_other_tables_are_left_to_others(root: Path) -> None:
    faces = load_dataset(write(root, "file,arousal", "faces/a.jpg,0.5"))
    assert faces.action_units == ()
    assert faces.targets["arousal"].tolist() == [0.5]
    assert "action_units" not in faces.targets
    with pytest.raises(MienError, match="not a known data set"):
        load_dataset(write(root, "path,size", "faces/a.jpg,3"))


def test_pictures_in_the_table_itself_are_fer2013s(root: Path) -> None:
    row = f"3,{' '.join(['7'] * 2304)},Training,1"
    faces = load_dataset(write(root, "emotion,pixels,Usage,AU6", row))
    assert faces.name == "fer2013"


def test_thousands_of_rows_in_a_moment(root: Path) -> None:
    units = [f"AU{number}" for number in (1, 2, 4, 5, 6, 9, 12, 17, 20, 25, 26)]
    row = ",".join(["1", "0"] * 5 + ["999"])
    path = write(root, ",".join(["path", *units]), *([f"faces/a.jpg,{row}"] * 20_000))
    start = time.perf_counter()
    faces = load_dataset(path, cache=False)
    assert len(faces) == 20_000
    assert time.perf_counter() - start < 5
