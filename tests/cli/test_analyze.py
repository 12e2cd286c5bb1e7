from __future__ import annotations

import csv
import json
import os
import struct
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import typer
from numpy.typing import NDArray
from PIL import Image

from mien.cli import analyze as command
from mien.errors import MienError
from mien.faces import Faces
from mien.runtime.analyzer import Analyzer
from mien.table import COLUMNS

TinyModel = Callable[..., Path]


class Result(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def errors(self) -> list[str]:
        """Lines of standard error that tell of something wrong."""
        return [line for line in self.err.splitlines() if line.startswith("mien: ")]


Mien = Callable[..., Result]


@pytest.fixture
def mien(capsys: pytest.CaptureFixture[str], tiny_model: TinyModel) -> Mien:
    """Runs `mien analyze` with a tiny model as a shell would: exit code, standard output and error."""
    app = typer.Typer(pretty_exceptions_enable=False)
    command.register(app)
    app.callback()(lambda: None)
    model = tiny_model()

    def run(*arguments: object, model: Path | str = model) -> Result:
        words = ["analyze", *map(str, arguments), *(["--model", str(model)] if "--model" not in arguments else [])]
        code = 0
        try:
            app(words, standalone_mode=True)
        except SystemExit as stop:
            code = int(stop.code or 0)
        except MienError as error:  # as mien.cli.app.main does
            sys.stderr.write(f"mien: {error}\n")
            code = 2
        out, err = capsys.readouterr()
        return Result(code, out, err)

    return run


@pytest.fixture
def face_file(tmp_path: Path, portrait: NDArray[np.uint8]) -> Path:
    path = tmp_path / "face.png"
    Image.fromarray(portrait).save(path)
    return path


def grey(path: Path, value: int = 128, size: int = 24) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((size, size), value, np.uint8)).save(path)
    return path


def test_prints_a_table_and_a_summary(mien: Mien, face_file: Path) -> None:
    result = mien(face_file)
    assert result.code == 0
    assert "confidence" in result.out
    assert "139 x " in result.out
    assert "1 input · 1 face · model tiny (ferplus labels) · detector builtin" in result.err
    assert mien(face_file, "--quiet").err == ""


def test_a_picture_without_a_face_is_no_failure(mien: Mien, tmp_path: Path) -> None:
    result = mien(grey(tmp_path / "one.png", size=1), "--json")
    assert result.code == 0
    (row,) = json.loads(result.out)["rows"]
    assert (row["success"], row["error"]) == (0, None)
    assert "no face" in mien(tmp_path / "one.png").out


def test_json_is_all_that_stands_on_standard_output(mien: Mien, face_file: Path) -> None:
    data = json.loads(mien(face_file, "gone.jpg", "--json").out)
    assert (data["model"], data["labels"], data["detector"]) == ("tiny", "ferplus", "builtin")
    assert (data["inputs"], data["faces"], data["unreadable"]) == (2, 1, 1)
    assert [row["success"] for row in data["rows"]] == [1, 0]


@pytest.mark.parametrize("suffix", ["csv", "json", "parquet"])
def test_the_suffix_names_the_format(mien: Mien, face_file: Path, tmp_path: Path, suffix: str) -> None:
    if suffix == "parquet":
        pytest.importorskip("pyarrow")
    out = tmp_path / "new" / f"t.{suffix}"
    result = mien(face_file, "--out", out)
    assert (result.code, result.out) == (0, "")
    assert out.stat().st_size > 100


def test_formats_may_go_to_standard_output(mien: Mien, face_file: Path) -> None:
    for name, first in (("csv", "input"), ("fex", "FaceRectX"), ("openface", "frame")):
        header, row = csv.reader(mien(face_file, "--format", name, "--quiet").out.splitlines())
        assert header[0] == first
        assert len(row) == len(header)


def test_folders_globs_and_no_recursion(mien: Mien, tmp_path: Path) -> None:
    grey(tmp_path / "d" / "a.png")
    grey(tmp_path / "d" / "deep" / "b.JPG")
    grey(tmp_path / "d" / ".hidden" / "c.png")
    (tmp_path / "d" / "notes.txt").write_text("x")

    def found(*arguments: object) -> list[str]:
        rows = json.loads(mien(*arguments, "--json", "--detector", "none").out)["rows"]
        return [Path(row["input"]).name for row in rows]

    assert found(tmp_path / "d") == ["a.png", "b.JPG"]
    assert found(tmp_path / "d", "--no-recursive") == ["a.png"]
    assert found(tmp_path / "d" / "**" / "*.[pJ]*") == ["a.png", "b.JPG"]
    assert found(tmp_path / "d", tmp_path / "d" / "a.png") == ["a.png", "b.JPG"]


def bad_inputs(folder: Path) -> dict[str, str]:
    """Name of a bad file -> what must be said of it."""
    grey(folder / "good.jpg", size=300)
    jpeg = (folder / "good.jpg").read_bytes()
    (folder / "empty.jpg").touch()
    (folder / "text.jpg").write_text("not a picture at all")
    (folder / "cut.jpg").write_bytes(jpeg[: len(jpeg) // 2])
    (folder / "clip.mp4").write_bytes(b"\0\0\0\x20ftypisom" + bytes(50))
    (folder / "folder.jpg").mkdir()
    head = b"IHDR" + struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)
    chunks = struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head)) + b"\0\0\x10\0IDAT" + bytes(4096)
    (folder / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + chunks)
    return {
        "missing.jpg": "no such file",
        "empty.jpg": "the file is empty",
        "text.jpg": "text, not a picture",
        "cut.jpg": "cut short",
        "folder.jpg": "a folder",
        "bomb.png": "20000 x 20000 pixels",
        "clip.mp4": "not a video that can be read",  # videos come behind pictures
    }


def test_every_bad_input_gets_one_line(mien: Mien, tmp_path: Path) -> None:
    for name, words in bad_inputs(tmp_path).items():
        result = mien(tmp_path / name, "--quiet")
        assert result.code == 2, name
        assert result.out == "", name
        assert len(result.err.splitlines()) == 1, result.err
        assert result.err.startswith(f"mien: {tmp_path / name}: "), result.err
        assert words in result.err


def test_bad_inputs_among_good_ones_end_with_1(mien: Mien, tmp_path: Path) -> None:
    bad = bad_inputs(tmp_path)
    out = tmp_path / "out.csv"
    result = mien(tmp_path / "good.jpg", *(tmp_path / name for name in bad), "--detector", "none", "--out", out)
    assert result.code == 1
    assert len(result.errors) == len(bad)
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["success"] for row in rows] == ["1"] + ["0"] * len(bad)
    for row, words in zip(rows[1:], bad.values(), strict=True):
        assert words in row["error"]
    assert f"8 inputs · 1 face · {len(bad)} unreadable" in result.err


def test_one_bad_file_among_a_thousand_loses_none_of_the_others(mien: Mien, tmp_path: Path) -> None:
    for i in range(1000):
        grey(tmp_path / "many" / f"{i:04d}.png", i % 256, 8)
    (tmp_path / "many" / "0500.png").write_bytes(b"\x89PNG\r\n\x1a\n and then nothing")
    out = tmp_path / "out.csv"
    result = mien(tmp_path / "many", "--detector", "none", "--out", out, "--batch", 64)
    assert result.code == 1
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == 1000
    assert [row["input"] for row in rows if row["success"] == "0"] == [str(tmp_path / "many" / "0500.png")]


def test_bad_models_settings_and_outputs_get_one_line(mien: Mien, face_file: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare.onnx"
    bare.write_bytes(b"nothing of the kind")
    (tmp_path / "file").write_text("")
    for arguments, words in (
        (("--model", "nosuch"), "unknown model 'nosuch'"),
        (("--model", bare), "not an ONNX file"),
        (("--detector", "haar"), "unknown detector"),
        (("--detector", "yunet", "--yunet", tmp_path / "no.onnx"), "no such YuNet model file"),
        (("--format", "xlsx"), "unknown format"),
        (("--format", "parquet"), "name a file with --out"),
        (("--out", tmp_path / "x.txt"), "--format"),
        (("--json", "--format", "csv"), "--out FILE"),
        (("--out", tmp_path / "file" / "x.csv"), "cannot be written"),
        (("--annotate", tmp_path / "file"), "cannot be written"),
    ):
        result = mien(face_file, *arguments, "--quiet")
        assert result.code == 2, words
        assert result.out == "", words
        assert len(result.err.splitlines()) == 1, result.err
        assert words in result.err


def test_a_model_without_a_spec(mien: Mien, face_file: Path, tiny_model: TinyModel) -> None:
    result = mien(face_file, model=tiny_model("bare", with_spec=False))
    assert (result.code, len(result.err.splitlines())) == (2, 1)
    assert "no ModelSpec" in result.err


def test_annotated_copies(mien: Mien, tmp_path: Path, portrait: NDArray[np.uint8]) -> None:
    folder, copies = tmp_path / "in", tmp_path / "copies"
    for name in ("a/x.jpg", "b/x.jpg", "y.webp"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        exif = Image.Exif()
        exif[0x0112] = 6
        Image.fromarray(np.rot90(portrait)).save(folder / name, exif=exif, quality=95)
    assert mien(folder, "--annotate", copies).code == 0
    written = sorted(p.relative_to(copies).as_posix() for p in copies.rglob("*") if p.is_file())
    assert written == ["a/x.jpg", "b/x.jpg", "y.webp.png"]
    for name, kind in (("a/x.jpg", "JPEG"), ("y.webp.png", "PNG")):
        with Image.open(copies / name) as copy:
            assert (copy.format, copy.size) == (kind, (640, 480))
            assert copy.getexif().get(0x0112) is None
            assert np.abs(np.asarray(copy, int) - portrait).max() > 100

    flat = tmp_path / "flat"
    assert mien(folder / "a" / "x.jpg", folder / "b" / "x.jpg", "--annotate", flat).code == 0
    assert sorted(p.name for p in flat.iterdir()) == ["x-2.jpg", "x.jpg"]


def test_the_original_is_never_overwritten(mien: Mien, face_file: Path) -> None:
    before = face_file.read_bytes()
    assert mien(face_file, "--annotate", face_file.parent).code == 0
    assert face_file.read_bytes() == before
    assert face_file.with_name("face-annotated.png").is_file()


def test_the_challenges_unlabelled_test_csv_as_a_sheet(mien: Mien, tmp_path: Path) -> None:
    pytest.importorskip("mien.datasets.load")
    pixels = np.random.default_rng(0).integers(0, 256, (30, 48 * 48))
    lines = ["pixels", *('"' + " ".join(map(str, row)) + '"' for row in pixels)]
    (tmp_path / "test.csv").write_text("\n".join(lines) + "\n")
    out, sheet = tmp_path / "out.csv", tmp_path / "sheet.png"
    result = mien(tmp_path / "test.csv", "--out", out, "--sheet", sheet, "--sheet-faces", 12)
    assert result.code == 0, result.err
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 30
    assert {row["source"] for row in rows} == {"whole"}
    assert rows[7]["input"].endswith("test.csv:7")
    with Image.open(sheet) as image:
        assert image.size[0] > 400
    assert mien(tmp_path / "test.csv", "--annotate", tmp_path / "x").code == 2


def test_a_sheet_of_pictures(mien: Mien, face_file: Path, tmp_path: Path) -> None:
    assert mien(face_file, "--sheet", tmp_path / "s.png", "--min-face", 50).code == 0
    assert (tmp_path / "s.png").is_file()


def test_min_face_drops_small_faces(mien: Mien, face_file: Path) -> None:
    assert json.loads(mien(face_file, "--json", "--min-face", 300).out)["faces"] == 0


def test_an_interrupted_run_keeps_what_it_has(mien: Mien, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for i in range(9):
        grey(tmp_path / "in" / f"{i}.png")
    plain = Analyzer.analyze_many

    def interrupted(self: Analyzer, sources: list[Path]) -> Iterator[Faces]:
        for i, faces in enumerate(plain(self, sources)):
            if i == 5:
                raise KeyboardInterrupt
            yield faces

    monkeypatch.setattr(Analyzer, "analyze_many", interrupted)
    for suffix in ("json", "csv"):
        out = tmp_path / f"out.{suffix}"
        assert mien(tmp_path / "in", "--detector", "none", "--out", out).code == 130
        text = out.read_text()
        assert len(json.loads(text)["rows"] if suffix == "json" else text.splitlines()[1:]) == 5


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a full disk")
def test_a_full_disk_is_told(mien: Mien, face_file: Path) -> None:
    result = mien(face_file, "--format", "csv", "--out", "/dev/full", "--quiet")
    assert result.code == 2
    assert len(result.err.splitlines()) == 1
    assert "No space left" in result.err


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read anything")
def test_a_file_that_may_not_be_read(mien: Mien, face_file: Path) -> None:
    face_file.chmod(0)
    result = mien(face_file, "--quiet")
    assert result.code == 2
    assert "permissions" in result.err
