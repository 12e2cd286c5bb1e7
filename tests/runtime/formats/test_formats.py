from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mien.errors import MienError
from mien.faces import Faces
from mien.labels import NO_UNIT
from mien.model_spec import Head, ModelSpec
from mien.runtime.formats import Header, format_of, formats, open_writer
from mien.table import COLUMNS

HEADER = Header("tiny", "ferplus", "none")


def found(name: str = "a,b.jpg", **changes: object) -> Faces:
    emotion = np.full((2, 8), 0.125, np.float32)
    return Faces(name, np.array([[0.5, 1, 10, 21], [3, 3, 9, 9]]), np.array([0.9, 0.75]), emotion, **changes)  # type: ignore[arg-type]


def write(name: str, path: Path, *results: Faces, header: Header = HEADER) -> Path:
    writer = open_writer(name, path, header)
    for faces in results:
        writer.write(faces)
    writer.close()
    return path


def test_suffixes_name_formats() -> None:
    assert list(formats()) == ["csv", "fex", "json", "openface", "parquet"]
    assert format_of(Path("x.CSV")) == "csv"
    assert format_of(Path("x.parquet")) == "parquet"
    with pytest.raises(MienError, match="--format"):
        format_of(Path("x.txt"))


def test_headers_come_from_the_spec() -> None:
    heads = (
        Head("e", "emotion", ("anger",), "fer2013"),
        Head("u", "action_units", ("AU12", "AU01"), "x"),
        Head("v", "valence_arousal", ("valence", "arousal"), "x"),
    )
    header = Header.of(ModelSpec("m", "a", heads, 1, 1), "none")
    assert header.columns[-5:] == ("valence", "arousal", "AU01", "AU12", "error")
    assert (header.model, header.labels) == ("m", "fer2013")


def test_headers_of_every_kind_of_head() -> None:
    heads = (
        Head("b", "emotion_units", ("anger", "AU06", "AU12"), "ferplus", "sigmoid"),
        Head("u", "action_units", ("AU12", NO_UNIT, "AU01"), "x", "sigmoid"),
        Head("i", "intensity", ("AU25", "AU12"), "x", "none"),
    )
    header = Header.of(ModelSpec("m", "a", heads, 1, 1), "none")
    assert header.columns[-6:] == ("AU01", "AU06", "AU12", "AU12_intensity", "AU25_intensity", "error")
    assert header.labels == "ferplus"
    alone = Header.of(ModelSpec("m", "a", heads[2:], 1, 1), "none")
    assert alone.columns[-3:] == ("AU12", "AU25", "error")
    assert alone.labels == ""


def test_csv_round_trip_and_flush(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "out.csv"
    writer = open_writer("csv", path, HEADER)
    writer.write(found())
    with path.open(newline="") as file:  # before it is closed: a crash would lose nothing
        table = list(csv.DictReader(file))
    assert tuple(table[0]) == COLUMNS
    assert table[0]["input"] == "a,b.jpg"
    assert table[0]["FaceRectX"] == "0.5"
    assert table[0]["track"] == ""
    writer.write(Faces("c.jpg", error="broken"))
    writer.close()
    frame = pd.read_csv(path)
    assert frame["success"].tolist() == [1, 1, 0]
    assert frame["error"].tolist()[2] == "broken"


def test_json_is_one_document(tmp_path: Path) -> None:
    path = write("json", tmp_path / "o.json", found(), Faces("c", error="bad"), Faces("d"))
    data = json.loads(path.read_text())
    assert data["model"] == "tiny"
    assert data["labels"] == "ferplus"
    assert (data["inputs"], data["faces"], data["unreadable"]) == (3, 2, 1)
    assert len(data["rows"]) == 4
    assert list(data["rows"][0]) == list(COLUMNS)
    assert json.loads(write("json", tmp_path / "none.json").read_text())["rows"] == []


def test_parquet_has_types_and_says_what_it_is_of(tmp_path: Path) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    path = write("parquet", tmp_path / "o.parquet", found(), Faces("c", error="bad"))
    table = pq.read_table(path)
    assert tuple(table.column_names) == COLUMNS
    assert str(table.schema.field("face").type) == "int64"
    assert table["success"].to_pylist() == [1, 1, 0]
    assert json.loads(table.schema.metadata[b"mien"])["model"] == "tiny"
    with pytest.raises(MienError, match="--out"):
        open_writer("parquet", None, HEADER)


def test_fex_has_py_feats_columns(tmp_path: Path) -> None:
    frame = pd.read_csv(write("fex", tmp_path / "o.csv", found("a"), found("b"), found("v", frame=7)))
    boxes = ["FaceRectX", "FaceRectY", "FaceRectWidth", "FaceRectHeight", "FaceScore"]
    emotions = ["anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral"]
    assert list(frame.columns) == [*boxes, *emotions, "contempt", "input", "frame"]
    assert frame["frame"].tolist() == [0, 0, 1, 1, 7, 7]
    assert frame["input"].tolist() == ["a", "a", "b", "b", "v", "v"]


def test_openface_counts_frames_from_one(tmp_path: Path) -> None:
    header = Header("tiny", "x", "none", action_units=("AU12",), intensity=("AU04", "AU12"))
    faces = found(
        "v", frame=0, time=0.04, track=np.array([5, -1]),
        action_units={"AU12": np.array([0.6, 0.2])}, shown={"AU12": np.array([False, True])},
        intensity={"AU04": np.array([0.5, np.nan]), "AU12": np.array([3, 1])},
    )  # fmt: skip
    frame = pd.read_csv(write("openface", tmp_path / "o.csv", faces, Faces("w"), header=header))
    assert list(frame.columns[:5]) == ["frame", "face_id", "timestamp", "confidence", "success"]
    assert list(frame.columns[5:8]) == ["AU04_r", "AU12_r", "AU12_c"]
    assert list(frame.columns[-2:]) == ["AU12_p", "input"]
    assert frame["frame"].tolist() == [1, 1, 2]
    assert frame["face_id"].tolist() == [5, 1, 0]
    assert frame["AU12_r"].tolist()[:2] == [3, 1]
    assert frame["AU04_r"].tolist()[0] == 0.5
    assert frame["AU04_r"].isna().tolist() == [False, True, True]
    assert frame["AU12_c"].tolist()[:2] == [0, 1]  # by the model's thresholds, not by one half
    assert frame["AU12_p"].tolist()[:2] == [0.6, 0.2]
    assert frame["confidence"].tolist() == [0.9, 0.75, 0]


def test_openface_writes_no_probability_as_an_intensity(tmp_path: Path) -> None:
    header = Header("tiny", "x", "none", action_units=("AU12",))
    faces = found(action_units={"AU12": np.array([0.6, np.nan])})
    frame = pd.read_csv(write("openface", tmp_path / "o.csv", faces, header=header))
    assert not [name for name in frame.columns if name.endswith("_r")]
    assert frame["AU12_c"].tolist()[0] == 1
    assert frame["AU12_c"].isna().tolist() == [False, True]


def test_fex_holds_units_in_0_to_1_under_their_names_alone(tmp_path: Path) -> None:
    strong = {"AU04": np.array([5, np.nan]), "AU12": np.array([2, 0])}
    header = Header("tiny", "x", "none", intensity=("AU04", "AU12"))
    frame = pd.read_csv(write("fex", tmp_path / "i.csv", found(intensity=strong), Faces("w"), header=header))
    assert [name for name in frame.columns if "AU" in name] == ["AU04", "AU12"]
    assert frame["AU12"].tolist()[:2] == [0.4, 0]
    assert frame["AU04"].isna().tolist() == [False, True, True]
    both = Header("tiny", "x", "none", action_units=("AU12",), intensity=("AU04", "AU12"))
    faces = found(intensity=strong, action_units={"AU12": np.array([0.9, 0.1])})
    frame = pd.read_csv(write("fex", tmp_path / "b.csv", faces, header=both))
    assert [name for name in frame.columns if "AU" in name] == ["AU12"]  # read_feat takes each of these for a unit
    assert frame["AU12"].tolist() == [0.9, 0.1]


def test_tables_say_what_their_units_are(tmp_path: Path) -> None:
    strong = {"AU12": np.array([2.5, 0])}
    header = Header("tiny", "x", "none", affect=True, intensity=("AU12",))
    told = json.loads(
        write("json", tmp_path / "i.json", found(intensity=strong), Faces("w"), header=header).read_text()
    )
    assert told["action_units"] == "intensity"
    assert [row["AU12"] for row in told["rows"]] == [2.5, 0, None]
    assert {tuple(row) for row in told["rows"]} == {header.columns}
    assert Header("tiny", "x", "none", action_units=("AU12",), intensity=("AU12",)).units == "probability"
    assert HEADER.units == ""


def test_files_that_cannot_be_written_are_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MienError, match="cannot be written"):
        open_writer("csv", tmp_path / "file" / "o.csv", HEADER)
    with pytest.raises(MienError, match="one of csv"):
        open_writer("xlsx", tmp_path / "o", HEADER)


@pytest.mark.parametrize("name", ["csv", "fex", "json", "openface", "parquet"])
def test_a_writer_goes_on_from_its_mark(tmp_path: Path, name: str) -> None:
    if name == "parquet":
        pytest.importorskip("pyarrow")
    results = [found("p.jpg"), found("v.mp4", frame=0, time=0.0), found("v.mp4", frame=1, time=3601.0333333)]
    results += [Faces("v.mp4", frame=2, error="broken"), found("w.mp4", frame=0, time=0.0), found("q.jpg")]
    whole = write(name, tmp_path / "whole", *results)
    for at in range(len(results)):
        path = tmp_path / "t"
        writer = open_writer(name, path, HEADER)
        for faces in results[:at]:
            writer.write(faces)
        mark = json.loads(json.dumps(writer.mark()))
        for faces in results[at:]:  # written and lost
            writer.write(faces)
        writer.close(finished=False)
        writer = open_writer(name, path, HEADER, mark)
        for faces in results[at:]:
            writer.write(faces)
        writer.close()
        assert path.read_bytes() == whole.read_bytes()
    if name == "json":
        said = json.loads(whole.read_text())
        assert (said["inputs"], said["unreadable"]) == (4, 0)
    if name == "csv":
        assert "3601.033333," in whole.read_text()


def test_a_table_shorter_than_its_mark_is_refused(tmp_path: Path) -> None:
    write("csv", tmp_path / "t.csv", found())
    with pytest.raises(MienError, match="shorter than when it was left"):
        open_writer("csv", tmp_path / "t.csv", HEADER, {"offset": 10_000, "results": 3})
