"""`mien data split`: shares, folds, people, and what is kept or left out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tests.datasets.unit_miniatures import disfa
from typer.testing import Result

from mien.datasets.load import load_dataset
from mien.datasets.protocol_cut import DISFA_PARTS
from mien.errors import MienError

Mien = Callable[..., Result]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Where the index goes."""
    return tmp_path / "index.csv"


def test_shares_by_class_and_every_row_once(mien: Mien, faces: str, out: Path) -> None:
    done = mien("split", faces, "--out", out, "--seed", 4)
    assert done.exit_code == 0
    assert "note: rows of Test are cut anew" in done.stderr
    cut, source = load_dataset(out), load_dataset(faces)
    assert cut.row.tolist() == list(range(200))
    assert {s: int((cut.split == s).sum()) for s in np.unique(cut.split)} == {
        "Training": 160, "Validation": 20, "Test": 20,
    }  # fmt: skip
    assert (cut.hard("synthetic") == source.hard("synthetic")).all()
    first = out.read_bytes()
    mien("split", faces, "--out", out, "--seed", 4)
    assert out.read_bytes() == first
    mien("split", faces, "--out", out, "--seed", 5)
    assert out.read_bytes() != first


def test_folds_by_person(mien: Mien, faces: str, out: Path) -> None:
    done = mien("split", faces, "--out", out, "--folds", 5, "--by", "subject", "--json")
    cut, told = load_dataset(out), json.loads(done.stdout)
    assert sorted(np.unique(cut.split).tolist()) == [f"fold{k}" for k in range(5)]
    assert sorted(cut.row.tolist()) == list(range(200))  # each row is in exactly one fold
    for person in np.unique(cut.subject):
        assert len(np.unique(cut.split[cut.subject == person])) == 1
    assert sum(told["subjects"].values()) == 25
    for k in range(5):
        sides = load_dataset(f"{out}:fold={k}")
        assert set(sides.row[sides.split == "Validation"].tolist()) == set(cut.row[cut.split == f"fold{k}"].tolist())


def test_a_kept_split_and_emotions_left_out(mien: Mien, faces: str, out: Path) -> None:
    done = mien("split", faces, "--out", out, "--keep-split", "test", "--drop", "disgusted,fear", "--json")
    assert done.stderr == ""
    cut, source = load_dataset(out), load_dataset(faces)
    stays = ~np.isin(source.hard("synthetic"), (1, 2))
    assert cut.row.tolist() == np.flatnonzero(stays).tolist()
    assert cut.row[cut.split == "Test"].tolist() == np.flatnonzero(stays & (source.split == "Test")).tolist()
    assert set(cut.split.tolist()) == {"Training", "Validation", "Test"}
    assert json.loads(done.stdout)["drop"] == ["disgust", "fear"]


def test_rows_that_are_excluded(mien: Mien, faces: str, out: Path, tmp_path: Path) -> None:
    (tmp_path / "findings.csv").write_text("row,kind\n3,blank\n7,near\n3,near\n")
    assert mien("split", faces, "--out", out, "--exclude", tmp_path / "findings.csv").exit_code == 0
    assert set(range(200)) - set(load_dataset(out).row.tolist()) == {3, 7}


def test_people_who_stand_in_the_kept_split_too_are_told_of(mien: Mien, faces: str, out: Path) -> None:
    mien("split", faces, "--out", out)
    done = mien("split", out, "--out", out.with_name("b.csv"), "--keep-split", "Test", "--by", "subject")
    assert "of Test also stand in the rows that were cut" in done.stderr


def test_repeats_of_a_row_stay_on_one_side(mien: Mien, faces: str, out: Path) -> None:
    assert mien("balance", faces, "--out", out, "--to", 40).exit_code == 0
    assert mien("split", out, "--out", out.with_name("b.csv")).exit_code == 0
    cut = load_dataset(out.with_name("b.csv"))
    assert len(cut) > len(np.unique(cut.row))
    assert all(len(np.unique(cut.split[cut.row == row])) == 1 for row in np.unique(cut.row))


def test_a_class_too_small_for_all_sides_is_told_of(mien: Mien, out: Path) -> None:
    few = "synthetic:n=9,size=16,identities=9"  # one contempt, or none
    done = mien("split", few, "--out", out, "--shares", "train=0.5,mine=0.5")
    assert done.exit_code == 0
    assert "(1 row): none in" in done.stderr
    assert set(load_dataset(out).split.tolist()) == {"Training", "mine"}


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("--shares", "train=0.5"), "sum to 0.5"),
        (("--shares", "train=0.5,training=0.5"), "cannot read 'training=0.5'"),
        (("--shares", "train"), "cannot read 'train'"),
        (("--shares", "train=1", "--folds", "3"), "give one of them"),
        (("--folds", "1"), "2 or more"),
        (("--keep-split", "nope"), "no split 'nope'"),
        (("--keep-split", "Test", "--shares", "train=0.5,test=0.5"), "which --keep-split keeps"),
        (("--drop", "joyless"), "unknown emotion"),
        (("--by", "film"), "choose subject or group"),
        (("--keep-split", "Test", "--keep-split", "Training", "--keep-split", "Validation"), "no rows left to cut"),
    ],
)
def test_what_cannot_be(words: tuple[str, ...], what: str, mien: Mien, faces: str, out: Path) -> None:
    done = mien("split", faces, "--out", out, *words)
    assert isinstance(done.exception, MienError)
    assert what in str(done.exception)
    assert not out.exists()


def test_a_protocols_folds_are_written_and_read_back(mien: Mien, women: Path, out: Path) -> None:
    done = mien("split", women, "--protocol", "loso", "--out", out, "--json")
    assert done.stderr == ""
    told, cut = json.loads(done.stdout), load_dataset(out)
    assert (told["protocol"]["name"], told["protocol"]["honest"], told["by"]) == ("loso", True, "subject")
    assert set(told["subjects"].values()) == {1}
    assert sorted(np.unique(cut.split).tolist()) == [f"fold{k}" for k in range(10)]
    assert "fold" in out.read_text().splitlines()[0].split(",")
    whole = load_dataset(f"{women}:protocol=loso,fold=3")
    again = load_dataset(f"{out}:protocol=loso,fold=3")  # an index of people can be cut by them too
    assert (again.split == whole.split).all()


def test_one_fold_of_a_protocol_and_its_leak(mien: Mien, women: Path, out: Path) -> None:
    done = mien("split", women, "--protocol", "jaffe-random", "--fold", 2, "--out", out, "--json", "--drop", "neutral")
    assert done.stderr.startswith("mien: warning: protocol jaffe-random leaks: ")
    told = json.loads(done.stdout)
    assert told["protocol"]["leak"] == "every woman is learnt from and tested on"
    assert not told["protocol"]["honest"]
    assert told["rows"] == 120
    whole = load_dataset(f"{women}:protocol=jaffe-random,fold=2")
    assert load_dataset(out).split.tolist() == whole.split[whole.hard("jaffe") != 6].tolist()
    for words, what in (
        (("--protocol", "jaffe-random"), "name a fold, 0 to 9"),
        (("--protocol", "loso", "--folds", 3), "--folds and --protocol: give one of them"),
        (("--protocol", "loso", "--by", "subject"), "--protocol and --by: give one of them"),
        (("--fold", 3), "--fold 3: names a fold of a --protocol"),
    ):
        done = mien("split", women, "--out", out, *words)
        assert isinstance(done.exception, MienError)
        assert what in str(done.exception)


def test_made_pictures_are_not_cut(tmp_path: Path, mien: Mien, out: Path) -> None:
    pytest.importorskip("onnx")
    pytest.importorskip("pyarrow")
    from tests.runtime.variants.made_faces import drawn, made

    made(tmp_path, tmp_path / "made", drawn(), number=1)
    done = mien("split", tmp_path / "made", "--out", out)
    assert isinstance(done.exception, MienError)
    assert "belong to the side of the face that they were made from" in str(done.exception)
    assert not out.exists()


def test_sets_of_action_units_without_emotions(mien: Mien, tmp_path: Path) -> None:
    root = disfa(tmp_path / "DISFA", [person for part in DISFA_PARTS for person in part])
    out = tmp_path / "cut.csv"
    told = json.loads(mien("split", root, "--out", out, "--protocol", "disfa", "--json").stdout)
    assert (told["scheme"], told["splits"]) == ("", {"fold0": 36, "fold1": 36, "fold2": 36})
    assert told["units"]["AU12"]["all"]["unknown"] == 0
    faces, whole = load_dataset(out), load_dataset(root)
    assert set(faces.subject[faces.split == "fold0"]) == set(DISFA_PARTS[2])
    assert (faces.targets["intensity"] == whole.targets["intensity"]).all()
    assert mien("split", root, "--out", out, "--by", "subject").exit_code == 0
    faces = load_dataset(out)
    sides = [set(faces.subject[faces.split == name]) for name in ("Training", "Validation", "Test")]
    assert sum(map(len, sides)) == len(set.union(*sides)) == 27
    assert "action units: rows shown / not" in mien("split", root, "--out", out).stdout
    for words in (("--drop", "fear"), ("--labels", "fer2013")):
        with pytest.raises(MienError, match="no emotion labels"):
            raise mien("split", root, "--out", out, *words).exception or AssertionError
