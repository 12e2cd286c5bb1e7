"""One of AffectNet's pictures: its name, its pixels, and why there is none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.datasets.affectnet_miniature import AROUND, portrait, shows_the_face

from mien.datasets.affectnet_prepare_picture import (
    KEPT,
    MADE,
    MISSING,
    NO_BOX,
    OUTSIDE,
    UNREADABLE,
    Batch,
    Face,
    Outcome,
    face_name,
    find_picture,
    make_face,
)  # fmt: skip
from mien.errors import MienError

Box = tuple[float, float, float, float]
BOX: Box = (90, 20, 120, 80)


def one(root: Path, box: Box | None, *, side: int = 96, stretch: bool = False) -> tuple[Outcome, Path]:
    """A face of `root`/a.png, and where it is."""
    face = Face("1/a.png", "0/0000000s1s0s0.jpg", box)
    found = make_face(face, Batch((str(root),), str(root / "out"), side, stretch, [face]))
    return found, root / "out" / face.name


@pytest.mark.parametrize(
    ("labels", "name"),
    [
        ((0, 7, -0.653, 0.653), "0/0000000s7s-653s653.jpg"),  # the example in the published code
        ((499, 0, 0.0, -0.0), "0/0000499s0s0s0.jpg"),
        ((500, 10, -2, -2), "1/0000500s10s-2000s-2000.jpg"),
        ((12345678, 3, -0.9999, 0.9999), "24691/12345678s3s-999s999.jpg"),
        ((1, 2, -0.0009, 1), "0/0000001s2s0s1000.jpg"),
        ((1, 2, float("nan"), -1), "0/0000001s2s-2000s-1000.jpg"),
        ((1, 2, 17.5, -2), "0/0000001s2s-2000s-2000.jpg"),
    ],
)
def test_names(labels: tuple[int, int, float, float], name: str) -> None:
    assert face_name(*labels) == name


def test_rows_are_counted_by_face_y(tmp_path: Path) -> None:
    portrait(tmp_path / "1" / "a.png")
    found, path = one(tmp_path, BOX)
    assert found == Outcome(MADE)
    assert shows_the_face(path)
    assert np.asarray(Image.open(path)).shape == (96, 96, 3)
    assert one(tmp_path, BOX) == (Outcome(KEPT), path)


def test_the_square_and_the_stretched_box(tmp_path: Path) -> None:
    picture = np.full((140, 160, 3), AROUND, np.uint8)
    picture[20:80, 90:120] = (200, 40, 40)
    (tmp_path / "1").mkdir()
    Image.fromarray(picture).save(tmp_path / "1" / "a.png")
    _, path = one(tmp_path, BOX)
    square = np.asarray(Image.open(path))[..., 0]
    assert (square[:, 28:68] > 150).all()  # the box's half of the square's width
    assert (square[:, [*range(20), *range(76, 96)]] < 60).all()
    path.unlink()
    _, path = one(tmp_path, BOX, stretch=True)
    assert (np.asarray(Image.open(path))[..., 0] > 150).all()


@pytest.mark.parametrize("stretch", [False, True])
def test_a_box_partly_outside(stretch: bool, tmp_path: Path) -> None:
    picture = np.full((60, 60, 3), 50, np.uint8)
    picture[:, 40:] = 200
    (tmp_path / "1").mkdir()
    Image.fromarray(picture).save(tmp_path / "1" / "a.png")
    _, path = one(tmp_path, (40, -10, 80, 30), stretch=stretch)
    assert (np.asarray(Image.open(path)) > 190).all()  # the border repeated, or cut off: no black
    assert one(tmp_path, (60, 0, 90, 30), side=90)[0].word == OUTSIDE
    assert one(tmp_path, (-40, 0, 0, 30), side=90)[0].word == OUTSIDE


def test_without_a_box_the_whole_picture(tmp_path: Path) -> None:
    (tmp_path / "1").mkdir()
    Image.fromarray(np.full((224, 224), 99, np.uint8)).save(tmp_path / "1" / "a.png")  # grey
    found, path = one(tmp_path, None)
    assert found.word == MADE
    assert np.asarray(Image.open(path)).mean() == pytest.approx(99, abs=1)


def test_no_face(tmp_path: Path) -> None:
    nan = float("nan")
    assert one(tmp_path, (nan, nan, nan, nan))[0].word == NO_BOX
    assert one(tmp_path, (10, 10, 10, 30))[0].word == NO_BOX
    assert one(tmp_path, BOX)[0].word == MISSING
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "a.png").write_bytes(b"")
    found, path = one(tmp_path, BOX)
    assert found == Outcome(UNREADABLE, "the file is empty; copy or download it again")
    assert not path.exists()


def test_what_is_not_whole_is_made_again(tmp_path: Path) -> None:
    portrait(tmp_path / "1" / "a.png")
    _, path = one(tmp_path, BOX)
    whole = path.read_bytes()
    for broken in (b"", whole[:-1], whole[: len(whole) // 2], b"text\xff\xd9"):
        path.write_bytes(broken)
        assert one(tmp_path, BOX)[0].word == MADE
        assert path.read_bytes() == whole
    assert one(tmp_path, BOX, side=48)[0].word == MADE
    assert sorted(p.name for p in path.parent.iterdir()) == [path.name]  # no unfinished file


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    portrait(tmp_path / "1" / "a.png")
    (tmp_path / "out").write_text("a file")
    with pytest.raises(MienError, match=r"0000000s1s0s0.jpg: Not a directory"):
        one(tmp_path, BOX)


def test_where_pictures_lie(tmp_path: Path) -> None:
    for name in ("a/1/x.jpg", "b/x.jpg", "b/y.jpg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    folders = [str(tmp_path / "a"), str(tmp_path / "b")]
    assert find_picture("1/x.jpg", folders) == str(tmp_path / "a/1/x.jpg")
    assert find_picture("1/y.jpg", folders) == str(tmp_path / "b/y.jpg")
    assert find_picture("1/z.jpg", folders) is None
