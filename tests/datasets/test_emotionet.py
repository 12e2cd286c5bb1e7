"""EmotioNet's sheet and lists."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from tests.datasets.unit_miniatures import HOST, emotionet_sheet, pictures

from mien.datasets.load import load_dataset
from mien.errors import MienError

ROWS = [
    ("N_1/N_1_01.jpg", "http://x.org/a.jpg", "1,0,999,0"),
    ("N_1/N_1_02.jpg", "http://x.org/gone.jpg", "1,1,1,1"),
    ("N_2/N_2_01.jpg", "http://x.org/b,c.jpg", "0,1,1,0"),
    ("N_2/N_2_02.jpg", "http://x.org/d%20e.png?s=1", "0,,999,1"),
]
UNITS = ("AU01", "AU06", "AU12", "AU51")


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    """Four rows of which three have a picture: two by their URL, one by the original's name."""
    root = tmp_path / "EmotioNet"
    pictures(root / "images", ["N_1_01.jpg", "2/N_2_01.jpg", "d e.png", "another.jpg"])
    return emotionet_sheet(root, ROWS)


def codes(*rows: list[float]) -> np.ndarray:
    return np.array(rows, np.float32)


def test_codes_of_the_pictures_that_are_there(sheet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    faces = load_dataset(sheet)
    assert faces.name == "emotionet"
    assert faces.action_units == UNITS
    nan = np.nan
    np.testing.assert_array_equal(faces.targets["action_units"], codes([1, 0, nan, 0], [0, 1, 1, 0], [0, nan, nan, 1]))
    assert faces.paths is not None
    images = sheet.parent / "images"
    assert faces.paths.tolist() == [str(images / name) for name in ("N_1_01.jpg", "2/N_2_01.jpg", "d e.png")]
    assert capsys.readouterr().err == "mien: note: of 4 EmotioNet rows left out: 1 whose picture is not there\n"
    folder = load_dataset(sheet.parent)
    np.testing.assert_array_equal(folder.targets["action_units"], faces.targets["action_units"])
    assert folder.emotion_schemes == ()


def test_a_picture_that_comes_later_changes_the_content(sheet: Path) -> None:
    before = load_dataset(sheet)
    assert load_dataset(sheet).content == before.content
    pictures(sheet.parent, ["more/N_1_02.jpg"])
    after = load_dataset(sheet)
    assert len(after) == 4
    assert after.content != before.content


def test_units_in_any_order_and_a_comma_in_single_quotes(tmp_path: Path) -> None:
    path = emotionet_sheet(tmp_path, [("a,b.jpg", "x/y.jpg", "1,0,0,999")], "URL,URL orig,'AU 12','AU 1','AU 6','AU 4'")
    pictures(tmp_path, ["a,b.jpg"])
    faces = load_dataset(path)
    assert faces.action_units == ("AU01", "AU06", "AU12")  # AU04 is known nowhere
    assert faces.targets["action_units"].tolist() == [[0, 0, 1]]


@pytest.mark.parametrize(
    ("codes_", "header", "what"),
    [
        ("1,0,2,0", "", r"row 1 \(line 3\): AU12 is 2, neither 0 nor 1"),
        ("1,0,0", "", r"row 1 \(line 3\): 5 fields, expected 6"),
        ("1,0,0,0,0", "", r"row 1 \(line 3\): 7 fields, expected 6"),
        ("1,0,0,0", "'AU 1',URL orig,URL,'AU 6','AU 12','AU 51'", r"row 0 .*URL '1' is none: do its columns stand"),
        ("1,0,0,0", "URL,URL orig,'AU 1','AU1','AU 12','AU 51'", "two columns of AU01, AU 1 and AU1"),
    ],
)
def test_broken_sheets(tmp_path: Path, codes_: str, header: str, what: str) -> None:
    path = emotionet_sheet(tmp_path, [("a.jpg", "b/a.jpg", "1,0,0,0"), ("b.jpg", "b/b.jpg", codes_)], header)
    pictures(tmp_path, ["a.jpg", "b.jpg"])
    with pytest.raises(MienError, match=what):
        load_dataset(path)


def line(name: str, shown: dict[int, int], units: int = 60) -> str:
    return "\t".join([f"{HOST}/{name}", f"http://x.org/{name}", *(str(shown.get(u, 0)) for u in range(1, units + 1))])


def test_automatic_lists(tmp_path: Path) -> None:
    pictures(tmp_path, ["p/a.jpg", "p/b.jpg", "p/c.jpg"])
    (tmp_path / "dataFile_0001.txt").write_text(line("a.jpg", {1: 1, 12: 1, 2: 999}) + "\n" + line("b.jpg", {2: 999}))
    (tmp_path / "dataFile_0002.txt").write_text(line("c.jpg", {60: 1, 2: 999}) + "\n")
    faces = load_dataset(tmp_path)
    assert len(faces) == 3
    assert "AU02" not in faces.action_units  # known nowhere
    assert "AU03" not in faces.action_units  # no unit, and never shown
    shown = faces.targets["action_units"] == 1
    assert [[u for u, s in zip(faces.action_units, row, strict=True) if s] for row in shown] == [
        ["AU01", "AU12"], [], ["AU60"],
    ]  # fmt: skip
    assert len(load_dataset(tmp_path / "dataFile_0002.txt")) == 1
    emotionet_sheet(tmp_path, ROWS)
    with pytest.raises(MienError, match=r"several tables of EmotioNet \(EmotioNet_FACS.*name one of them"):
        load_dataset(tmp_path)


@pytest.mark.parametrize(
    ("second", "what"),
    [
        (line("b.jpg", {}, 59), r"row 1 \(line 2\): 61 fields, expected 62: two URLs, then AU 1 to AU 60"),
        (line("b.jpg", {7: 4}), r"row 1 \(line 2\): AU 7 is 4, neither 0 nor 1"),
    ],
)
def test_broken_lists(tmp_path: Path, second: str, what: str) -> None:
    (tmp_path / "dataFile_0001.txt").write_text("\n".join([line("a.jpg", {}), second, second]))
    pictures(tmp_path, ["a.jpg"])
    with pytest.raises(MienError, match=rf"dataFile_0001.txt: {what}.*; 1 more broken row"):
        load_dataset(tmp_path)


def test_an_excel_sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "EmotioNet_FACS_aws.xlsx"
    path.write_bytes(b"PK\x03\x04")
    pictures(tmp_path, ["a.jpg"])
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    for place in (path, tmp_path):
        with pytest.raises(MienError, match=r"an Excel sheet: save it as CSV \(UTF-8\) in the same folder"):
            load_dataset(place)
    cells = [("URL", "URL orig", "'AU 1'"), (f"'{HOST}/a.jpg'", None, 1), (None, None, None)]
    book = SimpleNamespace(worksheets=[SimpleNamespace(values=iter(cells))], close=lambda: None)
    fake = ModuleType("openpyxl")
    fake.load_workbook = lambda *_, **__: book  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "openpyxl", fake)
    faces = load_dataset(path)
    assert (faces.action_units, faces.targets["action_units"].tolist()) == (("AU01",), [[1]])
