"""`mien timeline` from the command line."""

from __future__ import annotations

import csv
import json
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from mien.cli.timeline import register
from mien.errors import MienError
from mien.labels import SEVEN
from mien.table import COLUMNS


def run(*arguments: object) -> Any:
    app = typer.Typer()
    register(app)
    app.command()(lambda: None)  # with a second command the first keeps its name
    return CliRunner().invoke(app, ["timeline", *map(str, arguments)])


def happy(frame: int) -> float:
    return 0.9 if 10 <= frame < 20 else 0.1


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """30 frames, ten a second: neutral, a second of happiness, neutral; frame 25 without a face; a short track 2."""
    video = str(tmp_path / "talk.mp4")
    rows: list[dict[str, Any]] = []
    for frame in range(30):
        time = {"input": video, "frame": frame, "time": frame / 10}
        if frame == 25:
            rows.append(time | {"success": 0})
            continue
        p = happy(frame)
        face = {"success": 1, "source": "detected", "FaceRectX": 10, "FaceRectY": 10, "FaceRectWidth": 40,
                "FaceRectHeight": 40, "FaceScore": 0.9, **dict.fromkeys(SEVEN, 0), "abstain": 0}  # fmt: skip
        said = {"happiness": p, "neutral": 1 - p, "emotion": "happiness" if p > 0.5 else "neutral"}
        rows.append(time | face | said | {"track": 1, "face": 0, "confidence": max(p, 1 - p)})
        if frame in (3, 4, 5):
            rows.append(time | face | said | {"track": 2, "face": 1, "confidence": max(p, 1 - p), "FaceRectX": 60})
    path = tmp_path / "t.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return path


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def video_of(path: Path) -> Path:
    import av

    unit = Fraction(1, 1000)
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
        stream.codec_context.time_base = unit
        for frame in range(30):
            picture = av.VideoFrame.from_ndarray(np.full((96, 128, 3), 8 * frame, np.uint8), format="rgb24")
            picture.pts, picture.time_base = 100 * frame, unit
            file.mux(stream.encode(picture))
        file.mux(stream.encode())
    return path


def test_json_is_one_document_with_events_summary_and_transitions(table: Path) -> None:
    result = run(table, "--json", "--by", "track")
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert (document["faces"], document["frames"], document["rows"]) == (2, 30, 33)
    (event,) = document["events"]
    assert [event[name] for name in ("track", "name", "onset", "offset", "peak")] == [1, "happiness", 1.0, 1.9, 0.9]
    first, second = document["summary"]
    assert first["share_happiness"] == pytest.approx(10 / 29)
    assert first["share_with_face"] == pytest.approx(29 / 30)
    assert (second["track"], second["seconds"]) == (2, pytest.approx(0.3))
    assert [(one["before"], one["after"], one["n"]) for one in document["transitions"]] == [
        ("neutral", "happiness", 1), ("happiness", "neutral", 1),
    ]  # fmt: skip


def test_smoothed_filled_with_events_and_summary_in_files(table: Path, tmp_path: Path) -> None:
    names = {name: tmp_path / "out" / f"{name}.csv" for name in ("table", "events", "summary", "transitions")}
    result = run(
        table, "--smooth", "exp:0.2", "--fill", "0.5", "--out", names["table"], "--events", names["events"],
        "--summary", names["summary"], "--transitions", names["transitions"],
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "lag 0.1" in result.stdout
    assert "1 row filled" in result.stdout
    worked = rows_of(names["table"])
    assert [row["frame"] for row in worked if row["filled"] == "1"] == ["25"]
    ten = next(row for row in worked if row["frame"] == "10")
    assert float(ten["happiness"]) == pytest.approx(0.1 + 0.8 * -np.expm1(-0.5), abs=1e-4)
    assert ten["smoothing"] == "exp:0.2"
    assert float(rows_of(names["events"])[0]["offset"]) > 1.9  # it goes late, as it must
    assert len(rows_of(names["summary"])) == 2
    assert {row["before"] for row in rows_of(names["transitions"])} == {"neutral", "happiness"}


def test_a_baseline_and_events_relative_to_it(table: Path, tmp_path: Path) -> None:
    out = tmp_path / "o.json"
    result = run(table, "--baseline", "first:0.95", "--relative", "--event", "happy", "--json", "--out", out)
    assert result.exit_code == 1, result.output  # track 2 has three rows
    document = json.loads(result.stdout)
    assert document["events"][0]["peak"] == pytest.approx(0.8)
    assert [one["n"] for one in document["baseline"]["people"]] == [10, 3]
    assert "track 2: 3 rows with a face" in result.stderr
    assert json.loads(out.read_text())["rows"][-1]["happiness_delta"] == pytest.approx(0)


def test_conditions(table: Path, tmp_path: Path) -> None:
    conditions = tmp_path / "c.csv"
    conditions.write_text("input,start,end,condition\ntalk.mp4,0,1,rest\ntalk.mp4,1,2,film\n")
    result = run(table, "--conditions", conditions, "--by", "condition", "--json", "--baseline", "condition=rest")
    document = json.loads(result.stdout)
    assert {row["condition"]: row["mean_happiness"] for row in document["summary"]} == pytest.approx(
        {"rest": 0.1, "film": 0.9, None: 0.1}
    )
    with pytest.raises(MienError, match="give --conditions"):
        raise run(table, "--by", "condition").exception


def test_elan_and_the_plot_with_faces_from_the_video(table: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    video_of(tmp_path / "talk.mp4")
    eaf, plot = tmp_path / "t.eaf", tmp_path / "t.svg"
    result = run(table, "--elan", eaf, "--plot", plot, "--json")
    assert result.exit_code == 0, result.output
    names = [tier.attrib["TIER_ID"] for tier in ElementTree.parse(eaf).getroot().iter("TIER")]
    assert names == ["track 1 emotion", "track 1 happiness", "track 2 emotion"]
    assert json.loads(result.stdout)["thumbnails"] == {"peaks": 1, "with_face": 1}
    assert "happiness 90 %" in plot.read_text()


def test_the_plot_without_the_video(table: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    result = run(table, "--plot", tmp_path / "t.png", "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["thumbnails"] == {"peaks": 1, "with_face": 0}


def test_annotated_copies_from_where_the_videos_lie_now(table: Path, tmp_path: Path) -> None:
    result = run(table, "--annotate", tmp_path / "drawn", "--quiet")
    assert result.exit_code == 1
    assert "talk.mp4: no such file" in result.stderr
    (tmp_path / "moved").mkdir()
    video_of(tmp_path / "moved" / "talk.mp4")
    result = run(table, "--annotate", tmp_path / "drawn", "--videos", tmp_path / "moved", "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["files"]["annotated"] == [
        {"path": str(tmp_path / "drawn" / "talk.mp4"), "frames": 30, "sound": None}
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--smooth", "exp"], "write exp|gauss|median|savgol"),
        (["--event", "glee"], "unknown emotion 'glee'"),
        (["--event", "AU12"], "'AU12': the table has anger"),
        (["--on", "0.2"], "give 0 < off <= on"),
        (["--relative"], "give --baseline"),
    ],
)
def test_bad_usage_is_told(table: Path, arguments: list[str], said: str) -> None:
    error = run(table, *arguments).exception
    assert isinstance(error, MienError)
    assert said in str(error)
