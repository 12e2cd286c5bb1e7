"""Tables read back from every format that has times."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mien.errors import MienError
from mien.faces import Faces
from mien.runtime.formats import Header, open_writer
from mien.runtime.series.read import read_table
from mien.table import to_dataframe

HEADER = Header("tiny", "ferplus", "none", affect=True, action_units=("AU01", "AU12"))


def results() -> list[Faces]:
    emotion = np.full((1, 8), 1 / 7, np.float32)
    emotion[0, 7] = np.nan
    more = {
        "valence": np.float32([-0.25]), "arousal": np.float32([0.5]),
        "action_units": {"AU01": np.float32([0.1]), "AU12": np.float32([0.9])},
    }  # fmt: skip
    face = Faces("v.mp4", np.array([[1, 2, 5, 9]]), np.array([0.9]), emotion, track=np.array([4]), **more)  # type: ignore[arg-type]
    fields = {name: getattr(face, name) for name in ("boxes", "scores", "emotion", "track", *more)}
    return [
        Faces("v.mp4", frame=0, time=0.0, **fields),
        Faces("v.mp4", frame=3, time=0.1234567, error="no key frame"),
        Faces("v.mp4", frame=6, time=0.25, conformal=(("fear", "anger"),), abstain=np.array([True]), **fields),
    ]


def written(name: str, path: Path) -> Path:
    writer = open_writer(name, path, HEADER)
    for faces in results():
        writer.write(faces)
    writer.close()
    return path


@pytest.mark.parametrize("name", ["csv", "json", "parquet"])
def test_what_was_written_comes_back(tmp_path: Path, name: str) -> None:
    if name == "parquet":
        pytest.importorskip("pyarrow")
    table = read_table(written(name, tmp_path / f"t.{name}"))
    expected = to_dataframe(results())
    words = expected.select_dtypes("object").columns
    expected[words] = expected[words].where(expected[words].notna(), None)
    assert list(table.columns) == list(HEADER.columns)
    pd.testing.assert_frame_equal(table[expected.columns], expected, rtol=1e-5, check_like=True)
    assert table["frame"].dtype == "Int64"
    assert table["error"].tolist() == [None, "no key frame", None]


def test_openface_s_columns_are_turned_back(tmp_path: Path) -> None:
    table = read_table(written("openface", tmp_path / "t.csv"))
    assert table["frame"].tolist() == [0, 3, 6]
    assert table["time"].tolist() == pytest.approx([0, 0.123457, 0.25])
    assert table["track"].fillna(-1).tolist() == [4, -1, 4]
    assert table["AU12"].tolist() == pytest.approx([0.9, np.nan, 0.9], nan_ok=True)
    assert table["emotion"].tolist() == ["anger", None, "anger"]


def test_columns_of_the_user_s_stay_text(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("input,frame,time,track,success,subject,anger_delta\nv,0,0.0,1,1,007,-0.5\nv,1,0.1,1,1,,\n")
    table = read_table(path)
    assert table["subject"].tolist() == ["007", None]
    assert table["anger_delta"].tolist() == pytest.approx([-0.5, np.nan], nan_ok=True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "an empty file"),
        ("a,b\n1,2\n", "header: no column input, frame, time, track, success"),
        ("FaceRectX,anger,input,frame\n1,1,v,0\n", "py-feat's columns, which have no times"),
        ("input,frame,time,track,success\nv,0,0,1,1\nv,1,soon,1,1\n", "row 1: time is 'soon', no number"),
        ("input,frame,time,track,success,fear\nv,0,0,1,1,1.5\n", "row 0: fear is '1.5', out of range"),
        ("input,frame,time,track,success\nv,0.5,0,1,1\n", "row 0: frame is '0.5', no whole number"),
        ("input,frame,time,track,success\nv,0,0,1,1\nv,0,0,1,1\n", "row 1: track 1 stands twice in frame 0"),
        ("input,frame,time,track,success\n", "a header and no rows"),
        ("input,frame,time,track,success,input\nv,0,0,1,1,v\n", "two columns 'input'"),
        ("input,frame,time,track,success\nv,0,0,1,1\nv,1,0.", r"row 1 \(line 3\): 3 fields"),
        ("input,frame,time,track,success\nv,0,0,1,1,9,9\n", r"row 0 \(line 2\): 7 fields, expected 5"),
    ],
)
def test_bad_tables_say_where(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(text)
    with pytest.raises(MienError, match=said) as told:
        read_table(path)
    assert "\n" not in str(told.value)
    assert str(told.value).startswith(str(path))


def test_files_that_are_no_tables(tmp_path: Path) -> None:
    with pytest.raises(MienError, match="No such file"):
        read_table(tmp_path / "none.csv")
    (tmp_path / "t.json").write_text('{"rows": [{"input"')
    with pytest.raises(MienError, match="not readable as JSON"):
        read_table(tmp_path / "t.json")
    (tmp_path / "t.json").write_text(json.dumps({"faces": []}))
    with pytest.raises(MienError, match='no list "rows"'):
        read_table(tmp_path / "t.json")
    (tmp_path / "t.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(MienError, match="not readable as CSV"):
        read_table(tmp_path / "t.csv")
    (tmp_path / "t.parquet").write_bytes(b"PAR1 not")
    with pytest.raises(MienError, match=r"not readable as Parquet|pyarrow"):
        read_table(tmp_path / "t.parquet")
