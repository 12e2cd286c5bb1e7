"""Videos through `mien analyze`: the table, resuming, exit codes."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.runtime.video.coded_video import write_video

from mien.cli.analyze import Asked, analyze_asked
from mien.errors import MienError

UNEVEN = [1000 * i + 300 * (i % 3 == 1) for i in range(60)]
DEFAULTS = {
    "inputs": None, "out": None, "format_": None, "annotate": None, "sheet": None, "sheet_faces": 60,
    "circumplex": None, "model": "small",
    "detector": "none", "yunet": None, "min_face": 0, "detect_size": None, "max_pixels": 100, "batch": 32,
    "threads": 1, "recursive": True, "every": 1, "fps": None, "detect_every": 1, "track": True, "link_cuts": False,
    "resume": False, "engine": None, "address": None, "workers": None, "camera": None, "show": False,
    "seconds": None, "json_": False, "quiet": True,
}  # fmt: skip
CODE = "from mien.cli.app import main; main()"


@pytest.fixture
def video(tmp_path: Path) -> Path:
    def draw(number: int) -> NDArray[np.uint8]:
        return np.full((48, 64, 3), 4 * number % 256, np.uint8) + (np.arange(64, dtype=np.uint8) // 8)[None, :, None]

    return write_video(tmp_path / "talk.mp4", UNEVEN, draw=draw)


@pytest.fixture
def analyze(tiny_model: Callable[..., Path]) -> Callable[..., int]:
    model = str(tiny_model())

    def run(*inputs: Path, **changes: object) -> int:
        try:
            analyze_asked(Asked(**{**DEFAULTS, "inputs": list(map(str, inputs)), "model": model, **changes}))  # type: ignore[arg-type]
        except Exception as stop:
            if type(stop).__name__ == "Exit":
                return int(stop.exit_code)  # type: ignore[attr-defined]
            raise
        return 0

    return run


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_row_a_frame_with_its_time(analyze: Callable[..., int], video: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "t.csv"
    assert analyze(video, out=out) == 0
    rows = table(out)
    assert [int(row["frame"]) for row in rows] == list(range(60))
    assert [float(row["time"]) for row in rows] == pytest.approx([pts / 30_000 for pts in UNEVEN], abs=1e-6)
    assert {row["track"] for row in rows} == {"0"}
    assert list(out.parent.iterdir()) == [out]  # the checkpoint is gone


def test_pictures_and_videos_in_one_table(
    analyze: Callable[..., int], video: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import cv2

    cv2.imwrite(str(tmp_path / "a.png"), np.full((20, 20, 3), 9, np.uint8))
    (tmp_path / "b.mp4").write_bytes(b"no video")
    out = tmp_path / "t.csv"
    assert analyze(tmp_path / "a.png", tmp_path / "b.mp4", video, out=out, every=20) == 1
    rows = table(out)
    assert [(Path(row["input"]).name, row["frame"]) for row in rows] == [
        ("a.png", ""), ("b.mp4", ""), ("talk.mp4", "0"), ("talk.mp4", "20"), ("talk.mp4", "40"),
    ]  # fmt: skip
    assert "b.mp4" in capsys.readouterr().err
    assert rows[1]["error"]
    assert analyze(tmp_path / "b.mp4") == 2


def test_frames_that_cannot_be_decoded_are_rows(
    analyze: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_video(tmp_path / "a.mp4", UNEVEN, container={"movflags": "faststart"})
    path.write_bytes(path.read_bytes()[:-200])
    out = tmp_path / "t.csv"
    assert analyze(path, out=out) == 1
    rows = table(out)
    assert rows[0]["success"] == "1"
    assert rows[-1]["success"] == "0"
    assert rows[-1]["error"]
    assert "frame" in capsys.readouterr().err


@pytest.mark.parametrize("suffix", ["csv", "json", "parquet"])
def test_an_interrupted_run_goes_on(
    analyze: Callable[..., int], video: Path, tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import mien.runtime.video.windows as module

    if suffix == "parquet":
        pytest.importorskip("pyarrow")
    whole, out = tmp_path / f"whole.{suffix}", tmp_path / f"t.{suffix}"
    assert analyze(video, out=whole) == 0
    plain, counted = module._Run.finished, iter(range(1000))

    def stopping(self: object, seen: object) -> object:
        if next(counted) == 3:
            raise KeyboardInterrupt
        return plain(self, seen)  # type: ignore[arg-type]

    monkeypatch.setattr(module._Run, "finished", stopping)
    assert analyze(video, out=out) == 130
    if suffix == "csv":
        assert len(table(out)) == 24
    if suffix == "json":
        assert len(json.loads(out.read_text())["rows"]) == 24
    assert analyze(video, out=out, resume=True) == 0
    assert out.read_bytes() == whole.read_bytes()
    assert not (tmp_path / f"t.{suffix}.resume").exists()
    assert not (tmp_path / f"t.{suffix}.rows").exists()


def test_a_run_that_is_killed_goes_on_row_for_row(
    analyze: Callable[..., int], tiny_model: Callable[..., Path], tmp_path: Path
) -> None:
    video = write_video(tmp_path / "long.mp4", [1000 * i + 300 * (i % 3 == 1) for i in range(600)])
    whole, out, model = tmp_path / "whole.csv", tmp_path / "t.csv", str(tiny_model())
    assert analyze(video, out=whole, detector="builtin", detect_every=2) == 0
    words = [sys.executable, "-c", CODE, "analyze", str(video), "--out", str(out), "--model", model, "--quiet"]
    words += ["--threads", "1", "--detect-every", "2"]
    for stop in (100, 300):
        running = subprocess.Popen([*words, "--resume"], env=os.environ)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and running.poll() is None:
            if out.exists() and out.read_bytes().count(b"\n") > stop:
                break
            time.sleep(0.005)
        assert running.poll() is None
        running.send_signal(signal.SIGKILL)
        running.wait()
        assert (tmp_path / "t.csv.resume").exists()
    subprocess.run([*words, "--resume"], check=True)
    assert out.read_bytes() == whole.read_bytes()


def stopped(analyze: Callable[..., int], video: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import mien.runtime.video.windows as module

    plain, counted = module._Run.finished, iter(range(1000))

    def stopping(self: object, seen: object) -> object:
        if next(counted) == 2:
            raise KeyboardInterrupt
        return plain(self, seen)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(module._Run, "finished", stopping)
        assert analyze(video, out=out) == 130


def test_resuming_something_else_is_refused(
    analyze: Callable[..., int], video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "t.csv"
    stopped(analyze, video, out, monkeypatch)
    with pytest.raises(MienError, match="--every 1, not 2"):
        analyze(video, out=out, resume=True, every=2)
    with pytest.raises(MienError, match="other inputs"):
        analyze(video, tmp_path / "x.png", out=out, resume=True)
    os.utime(video, ns=(1, 1))
    with pytest.raises(MienError, match="has changed"):
        analyze(video, out=out, resume=True)
    (tmp_path / "t.csv.resume").unlink()
    with pytest.raises(MienError, match="nothing to go on with"):
        analyze(video, out=out, resume=True)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"every": 2, "fps": 3.0}, "one of them"), ({"resume": True}, "--out"), ({"show": True}, "--camera"),
        ({"track": False, "link_cuts": True}, "--no-track"), ({"workers": 2}, "--engine"),
        ({"camera": 0}, "two inputs"),
    ],
)  # fmt: skip
def test_what_does_not_go_together(
    analyze: Callable[..., int], video: Path, changes: dict[str, object], words: str
) -> None:
    with pytest.raises(MienError, match=words):
        analyze(video, **changes)


def test_no_table_asked_for_prints_a_line_a_person(
    analyze: Callable[..., int], video: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert analyze(video, every=6) == 0
    line = capsys.readouterr().out.splitlines()[1].split()
    assert "10" in line
    assert "0.00" in line
