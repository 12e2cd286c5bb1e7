"""FER+ votes and their join."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mien.datasets.face_set import FaceSet, one_hot
from mien.datasets.ferplus import is_label_csv, is_votes, join_votes, read_label_csv, read_votes, write_votes
from mien.datasets.load import load_dataset
from mien.errors import MienError
from mien.labels import SEVEN, VOTE_COLUMNS

Pixels = NDArray[np.uint8]


VOTES = np.random.default_rng(3).multinomial(10, np.full(10, 0.1), 9).astype(np.int16)


@pytest.fixture
def votes_csv(mini: Any, tmp_path: Path) -> Path:
    path = tmp_path / "fer2013new.csv"
    write_votes(path, mini.usages, VOTES)
    return path


def csv(path: Path, lines: list[str]) -> Path:
    path.write_text("\n".join(lines) + "\n")
    return path


def test_what_is_written_is_read(mini: Any, votes_csv: Path) -> None:
    table = read_votes(votes_csv)
    assert table.usage.tolist() == list(mini.usages)
    assert (table.votes == VOTES).all()
    assert is_votes(votes_csv)
    assert not is_label_csv(votes_csv)


def test_the_files_own_column_order(tmp_path: Path) -> None:
    header = "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"
    table = read_votes(csv(tmp_path / "v.csv", [header, "Training,fer0000000.png,4,0,0,1,3,2,0,0,0,0"]))
    named = dict(zip(VOTE_COLUMNS, table.votes[0].tolist(), strict=True))
    assert named["neutral"] == 4
    assert (named["sadness"], named["anger"], named["disgust"]) == (1, 3, 2)
    assert sum(named.values()) == 10


def test_images_are_numbered_without_those_of_no_face(mini: Any, tmp_path: Path) -> None:
    votes = VOTES.copy()
    votes[1] = [0] * 9 + [10]
    write_votes(tmp_path / "v.csv", mini.usages, votes)
    names = [line.split(",")[1] for line in (tmp_path / "v.csv").read_text().splitlines()[1:4]]
    assert names == ["fer0000000.png", "", "fer0000001.png"]


def test_join_with_the_whole_set(mini: Any, tmp_path: Path, lines: list[str], votes_csv: Path) -> None:
    path = csv(tmp_path / "fer2013.csv", lines)
    plain = load_dataset(path)
    faces = load_dataset(path, labels="ferplus", ferplus=votes_csv)
    assert faces.votes is not None
    assert (faces.votes == VOTES).all()
    assert faces.targets["ferplus"].shape == (9, 8)
    assert faces.content != plain.content
    assert faces.hard("fer2013").tolist() == list(mini.labels)


def test_join_with_the_challenges_files(mini: Any, tmp_path: Path, pixels: Pixels, votes_csv: Path) -> None:
    root = tmp_path / "challenge"
    root.mkdir()
    train = [f"{label},{mini.text(p)}" for label, p in zip(mini.labels[:5], pixels[:5], strict=True)]
    csv(root / "train.csv", ["emotion,pixels", *train])
    csv(root / "test.csv", ["pixels", *map(mini.text, pixels[5:])])
    for path, rows in ((root, slice(0, 9)), (root / "train.csv", slice(0, 5)), (root / "test.csv", slice(5, 9))):
        faces = load_dataset(path, ferplus=votes_csv)
        assert (faces.pixels == pixels[rows]).all()
        assert faces.votes is not None
        assert (faces.votes == VOTES[rows]).all()
        assert faces.split.tolist() == list(mini.usages[rows])


def test_join_with_a_single_split(tmp_path: Path, lines: list[str], votes_csv: Path) -> None:
    public = [line for line in lines if "PublicTest" in line]
    faces = load_dataset(csv(tmp_path / "a.csv", [lines[0], *public]), ferplus=votes_csv)
    assert faces.votes is not None
    assert (faces.votes == VOTES[5:7]).all()


def test_another_number_of_rows(tmp_path: Path, lines: list[str], votes_csv: Path) -> None:
    path = csv(tmp_path / "fer2013.csv", lines[:4])
    with pytest.raises(MienError, match=r"new.csv: 5 rows of Training, but the data set has 3: "):
        load_dataset(path, ferplus=votes_csv)


def test_another_order_of_splits(tmp_path: Path, lines: list[str], votes_csv: Path) -> None:
    lines[3], lines[7] = lines[7], lines[3]
    path = csv(tmp_path / "fer2013.csv", lines)
    with pytest.raises(MienError, match=r"row 2: Usage Training, but row 2 .* is PublicTest \(and 1 more\)"):
        load_dataset(path, ferplus=votes_csv)


def test_another_order_within_the_splits(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    index = rng.integers(0, 7, 700)
    votes = np.zeros((700, 10), np.int16)
    votes[np.arange(700), index] = 10
    usages = np.full(700, "Training")
    write_votes(tmp_path / "v.csv", usages.tolist(), votes)

    def faces(labels: np.ndarray) -> FaceSet:
        pixels = np.zeros((700, 48, 48), np.uint8)
        return FaceSet("fer2013", pixels, targets={"fer2013": one_hot(labels, SEVEN)}, split=usages)

    assert join_votes(faces(index), tmp_path / "v.csv").votes is not None
    with pytest.raises(MienError, match="as by chance: the data set's rows are not in FER2013's own order"):
        join_votes(faces(np.sort(index)), tmp_path / "v.csv")


def test_pictures_in_folders_have_no_rows(tmp_path: Path, pixels: Pixels, votes_csv: Path) -> None:
    from PIL import Image

    for i, picture in enumerate(pixels):
        (tmp_path / "set" / "fear").mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(tmp_path / "set" / "fear" / f"Training_{i}.png")
    with pytest.raises(MienError, match="pictures in folders have no rows"):
        load_dataset(tmp_path / "set", ferplus=votes_csv)


def test_another_data_set(votes_csv: Path, pixels: Pixels) -> None:
    with pytest.raises(MienError, match="for FER2013, not for mine"):
        join_votes(FaceSet("mine", pixels), votes_csv)


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("Training", "Trial", r"row 0 \(line 2\): unknown Usage 'Trial'.*; 4 more broken rows"),
        (",fer0000002.png,", ",fer0000002.png,x", r"row 2 \(line 4\): 'x\d+' is no number of votes"),
        (",fer0000002.png,", ",fer0000002.png,-", r"row 2 \(line 4\): '-\d+' is no number of votes"),
        (",fer0000002.png,", ",fer0000002.png,7,", r"row 2 \(line 4\): 13 fields, expected 12"),
        (",NF", ",other", "no votes of FER"),
    ],
)
def test_broken_votes(votes_csv: Path, old: str, new: str, what: str) -> None:
    votes_csv.write_text(votes_csv.read_text().replace(old, new))
    with pytest.raises(MienError, match=what):
        read_votes(votes_csv)


def test_label_csv(tmp_path: Path) -> None:
    rows = [
        'fer0000000.png,"(0, 0, 48, 48)",4,0,0,1,3,2,0,0,0,0',
        'fer0000001.png,"(0, 0, 48, 48)",0,0,0,0,0,0,0,0,0,10',
    ]
    path = csv(tmp_path / "label.csv", rows)
    assert is_label_csv(path)
    names, votes = read_label_csv(path)
    assert names == ["fer0000000.png", "fer0000001.png"]
    assert votes[0].tolist() == [3, 2, 0, 0, 1, 0, 4, 0, 0, 0]
    assert votes[1].tolist() == [0] * 9 + [10]
    with pytest.raises(MienError, match="image numbers are not FER2013's rows: pass fer2013new"):
        read_votes(path)


def test_microsofts_counting_rule(mini: Any, votes_csv: Path, tmp_path: Path, lines: list[str]) -> None:
    header, *_ = votes_csv.read_text().splitlines()
    assert header.startswith("Usage,Image name,neutral")
    votes = [
        "4,4,1,1,0,0,0,0,0,0",  # a tie
        "5,4,1,0,0,0,0,0,0,0",  # five of nine
        "1,1,1,1,1,1,1,1,1,1",  # nothing but votes of one
        "0,0,0,0,0,0,0,0,6,4",  # unknown
        "0,0,0,0,2,0,0,0,1,7",  # no face
        "0,0,0,0,0,0,0,6,4,0",  # contempt
        "0,0,0,3,1,1,1,1,1,1",  # three of three
        "5,5,0,0,0,0,0,0,0,0",  # a tie
        "0,0,2,0,0,0,9,0,0,0",
    ]
    rows = [f"{usage},x.png,{v}" for usage, v in zip(mini.usages, votes, strict=True)]
    path = csv(tmp_path / "v.csv", [header, *rows])
    faces = load_dataset(csv(tmp_path / "fer2013.csv", lines), ferplus=path)
    assert faces.hard("ferplus").tolist() == [-1, 6, -1, -1, -1, 7, 4, -1, 2]
