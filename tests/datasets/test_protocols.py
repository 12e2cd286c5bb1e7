"""Protocols by name: who stands where, and what is told."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from tests.datasets.test_protocol_cut import ck48

from mien.datasets.face_set import FaceSet, one_hot
from mien.datasets.jaffe import SUBJECTS
from mien.datasets.load import load_dataset
from mien.datasets.protocols import find, fitting, folds_of, names, sides
from mien.errors import MienError
from mien.labels import JAFFE_CODES, SEVEN


def jaffe() -> FaceSet:
    """213 rows of ten women, as JAFFE has."""
    rows = np.arange(213)
    return FaceSet(
        "jaffe",
        paths=np.array([f"{i}.tiff" for i in rows]),
        targets={"jaffe": one_hot(rows % 7, SEVEN)},
        subject=np.array(SUBJECTS)[rows % 10],
    )


@pytest.mark.parametrize(("faces", "name"), [(jaffe(), "loso"), (ck48(), "subjects"), (ck48(), "esr")])
def test_honest_folds_hold_people_and_sequences_together(
    faces: FaceSet, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    tested: Counter[int] = Counter()
    for fold in range(10):
        split = sides(faces, name, fold)
        assert set(split) - {"Unused"} == {"Training", "Validation", "Test"}
        for what in ("subject", "group"):
            of = {side: set(getattr(faces, what)[split == side]) - {""} for side in ("Training", "Validation", "Test")}
            assert not of["Training"] & of["Validation"]
            assert not of["Training"] & of["Test"]
            assert not of["Validation"] & of["Test"]
        tested.update(np.flatnonzero(split == "Test").tolist())
    assert tested == dict.fromkeys(range(len(faces)), 1)  # every row once
    assert find(name).honest
    assert capsys.readouterr().err == ""


def test_esr_learns_from_the_first_four_folds_that_are_left() -> None:
    faces = ck48()
    part, split = folds_of(faces, "subjects"), sides(faces, "esr", 2)
    assert set(part[split == "Training"]) == {0, 1, 4, 5}
    assert set(part[split == "Unused"]) == {6, 7, 8, 9}
    assert set(part[split == "Test"]) == {2}
    assert set(part[split == "Validation"]) == {3}


def test_leave_one_subject_out() -> None:
    faces = jaffe()
    split = sides(faces, "loso", 9)
    assert set(faces.subject[split == "Test"]) == {"YM"}
    assert set(faces.subject[split == "Validation"]) == {"KA"}
    parts = sides(faces, "loso")
    assert set(parts) == {f"fold{k}" for k in range(10)}
    assert (folds_of(faces, "loso") == np.arange(213) % 10).all()


def test_leaks_are_told_of(capsys: pytest.CaptureFixture[str]) -> None:
    for faces, name in ((jaffe(), "jaffe-random"), (ck48(), "ck-random"), (ck48(), "wujie")):
        assert not find(name).honest
        split = sides(faces, name, 1)
        assert set(faces.subject[split == "Training"]) & set(faces.subject[split == "Test"])
        told = capsys.readouterr().err
        assert told.startswith(f"mien: warning: protocol {name} leaks: ")
        assert told.count("\n") == 1


def test_what_fits_what() -> None:
    assert [p.name for p in fitting(jaffe())] == ["loso", "jaffe-random"]
    assert [p.name for p in fitting(ck48())] == ["esr", "subjects", "ck-random", "wujie"]
    nameless = ck48().replace(subject=np.full(981, ""))  # as ckextended.csv
    assert [p.name for p in fitting(nameless)] == ["ck-random"]
    for name in names():
        about = find(name).about
        assert about.endswith(".")
        assert len(about) < 120


@pytest.mark.parametrize(
    ("name", "fold", "what"),
    [
        ("lose", 0, "unknown protocol 'lose': choose from bp4d, ck-random, disfa, esr, jaffe-random, loso"),
        ("subjects", 0, "it is for ckplus, not for jaffe, which has loso, jaffe-random"),
        ("loso", 10, "no fold 10: it has 0 to 9"),
        ("jaffe-random", None, "its tests are no parts of the set: name a fold, 0 to 9"),
    ],
)
def test_what_cannot_be_meant(name: str, fold: int | None, what: str) -> None:
    with pytest.raises(MienError, match=what):
        sides(jaffe(), name, fold)
    with pytest.raises(MienError, match="jaffe names no subject here"):
        sides(jaffe().replace(subject=np.full(213, "")), "loso", 0)


def test_behind_a_path(tmp_path: Path, pixels: NDArray[np.uint8]) -> None:
    for number, who in enumerate(SUBJECTS):
        for code in JAFFE_CODES:
            Image.fromarray(pixels[0]).save(tmp_path / f"{who}.{code}1.{number}.png")
    plain = load_dataset(tmp_path)
    faces = load_dataset(f"{tmp_path}:protocol=loso,fold=3")
    assert Counter(faces.split.tolist()) == {"Training": 56, "Validation": 7, "Test": 7}
    assert set(faces.subject[faces.split == "Test"]) == {"KR"}
    assert (faces.hard("jaffe") == plain.hard("jaffe")).all()  # labels stay
    assert len(set(load_dataset(f"{tmp_path}:protocol=loso").split.tolist())) == 10
    with pytest.raises(MienError, match=r"no index file, so that it has no fold 3: .* name a protocol"):
        load_dataset(f"{tmp_path}:fold=3")
