"""FER2013's CSV files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mien.datasets.fer2013 import read_csv
from mien.errors import MienError
from mien.labels import EMOTIONS

Pixels = NDArray[np.uint8]


def write(path: Path, lines: list[str], end: str = "\n") -> Path:
    path.write_bytes((end.join(lines) + end).encode())
    return path


def test_the_whole_file(mini: Any, tmp_path: Path, lines: list[str], pixels: Pixels) -> None:
    faces = read_csv(write(tmp_path / "any_name.txt", lines))
    assert faces.name == "fer2013"
    assert (faces.pixels == pixels).all()
    assert faces.hard("fer2013").tolist() == list(mini.labels)
    assert faces.split.tolist() == list(mini.usages)
    assert faces.row.tolist() == list(range(9))
    contempt = EMOTIONS.index("contempt")
    assert np.isnan(faces.targets["fer2013"][:, contempt]).all()
    assert not np.isnan(np.delete(faces.targets["fer2013"], contempt, axis=1)).any()


@pytest.mark.parametrize("quote", ["", '"'])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_icml_face_data(mini: Any, tmp_path: Path, pixels: Pixels, quote: str, end: str, bom: bytes) -> None:
    rows = [f"{e},{u},{quote}{mini.text(p)}{quote}" for e, u, p in zip(mini.labels, mini.usages, pixels, strict=True)]
    path = write(tmp_path / "icml_face_data.csv", ["emotion, Usage, pixels", *rows, "", "  "], end)
    path.write_bytes(bom + path.read_bytes())
    faces = read_csv(path)
    assert (faces.pixels == pixels).all()
    assert faces.hard("fer2013").tolist() == list(mini.labels)
    assert faces.split.tolist() == list(mini.usages)


def test_quoted_fields_words_for_labels_and_semicolons(mini: Any, tmp_path: Path, pixels: Pixels) -> None:
    rows = [f'"{mini.text(pixels[0])}";"Training";Happy', f'"{mini.text(pixels[1])}";"PublicTest";sad']
    faces = read_csv(write(tmp_path / "a.csv", ["pixels;usage;emotion", *rows]))
    assert faces.hard("fer2013").tolist() == [3, 4]
    assert (faces.pixels == pixels[:2]).all()


def test_the_last_line_may_lack_its_end(tmp_path: Path, lines: list[str]) -> None:
    path = tmp_path / "fer2013.csv"
    path.write_text("\n".join(lines))
    assert len(read_csv(path)) == 9


def test_more_rows_than_a_batch(mini: Any, tmp_path: Path) -> None:
    pixels = np.random.default_rng(2).integers(0, 256, (300, 48, 48), dtype=np.uint8)
    labels = (np.arange(300) % 7).tolist()
    faces = read_csv(write(tmp_path / "f.csv", mini.lines(pixels, labels, ["Training"] * 300)))
    assert (faces.pixels == pixels).all()
    assert faces.hard("fer2013").tolist() == labels


@pytest.mark.parametrize(
    ("name", "split"),
    [("train.csv", "Training"), ("mine.csv", "Training"), ("val.csv", "Validation"), ("rmn_test.csv", "Test")],
)
def test_labels_without_usage(mini: Any, tmp_path: Path, pixels: Pixels, name: str, split: str) -> None:
    rows = [f"{label},{mini.text(p)}" for label, p in zip(mini.labels, pixels, strict=True)]
    faces = read_csv(write(tmp_path / name, ["emotion,pixels", *rows]))
    assert set(faces.split.tolist()) == {split}
    assert faces.hard("fer2013").tolist() == list(mini.labels)


def test_the_challenges_unlabelled_test_csv(mini: Any, tmp_path: Path, pixels: Pixels) -> None:
    faces = read_csv(write(tmp_path / "train_me.csv", ["pixels", *map(mini.text, pixels)]))
    assert (faces.pixels == pixels).all()
    assert set(faces.split.tolist()) == {"Test"}
    assert np.isnan(faces.targets["fer2013"]).all()
    assert (faces.hard("fer2013") == -1).all()


BROKEN = [
    (lambda row: row.replace(",Training", " 7,Training"), "2305 pixels, expected 2304"),
    (lambda row: re.sub(r" \d+,Training", ",Training", row), "2303 pixels, expected 2304"),
    (lambda row: re.sub(r" \d+,Training", " 256,Training", row), "pixel 2303 is 256, outside 0..255"),
    (lambda row: re.sub(r" \d+,Training", " -1,Training", row), "pixel 2303 is -1, outside 0..255"),
    (lambda row: re.sub(r" \d+,Training", " x,Training", row), "pixel 2303 is 'x', not a number"),
    (lambda row: "9" + row[1:], "unknown label 9 for fer2013: 0 to 6"),
    (lambda row: "-1" + row[1:], "unknown label -1"),
    (lambda row: "happy-ish" + row[1:], "unknown emotion 'happy-ish'"),
    (lambda row: "contempt" + row[1:], "unknown emotion 'contempt' for fer2013"),
    (lambda row: row[1:], "no emotion"),
    (lambda row: row.replace("Training", "Trainnig"), "unknown Usage 'Trainnig'"),
    (lambda row: row.replace(",Training", ","), "unknown Usage ''"),
    (lambda row: row.replace(",Training", ""), "2 fields, expected 3"),
    (lambda row: row + ",extra", "4 fields, expected 3"),
    (lambda row: "3,,Training", "0 pixels, expected 2304"),
    (lambda row: '"' + row, "no CSV"),
]


@pytest.mark.parametrize(("spoil", "what"), BROKEN, ids=[what for _, what in BROKEN])
def test_a_broken_row_is_named(tmp_path: Path, lines: list[str], spoil, what: str) -> None:
    lines[3] = spoil(lines[3])  # row 2; an empty line puts it on line 5
    lines.insert(1, "")
    path = write(tmp_path / "fer2013.csv", lines)
    with pytest.raises(MienError) as caught:
        read_csv(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: row 2 (line 5): ")
    assert what in message
    assert "more broken" not in message
    assert "\n" not in message


def test_further_broken_rows_are_counted(tmp_path: Path, lines: list[str]) -> None:
    lines[2] = "7" + lines[2][1:]
    lines[4] = lines[4].replace(",Training", " 300,Nothing")  # two faults, one row
    lines[6] = "0,1 2 3,PublicTest"
    path = write(tmp_path / "fer2013.csv", lines)
    with pytest.raises(MienError, match=r"row 1 \(line 3\): unknown label 7.*; 2 more broken rows: "):
        read_csv(path)


@pytest.mark.parametrize("cut", [20, 3000])
def test_a_file_cut_short_within_a_row(tmp_path: Path, lines: list[str], cut: int) -> None:
    path = tmp_path / "fer2013.csv"
    path.write_text("\n".join(lines)[:-cut])
    with pytest.raises(MienError, match=r"row 8 \(line 10\): .*, and the file ends within this row"):
        read_csv(path)


def test_a_header_without_rows_or_without_pixels(tmp_path: Path) -> None:
    with pytest.raises(MienError, match="a header and no rows"):
        read_csv(write(tmp_path / "a.csv", ["emotion,pixels,Usage"]))
    with pytest.raises(MienError, match="no column pixels among emotion, Usage"):
        read_csv(write(tmp_path / "b.csv", ["emotion,Usage", "3,Training"]))
