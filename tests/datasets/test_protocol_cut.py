"""The ways to cut that published protocols share."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from mien.datasets.face_set import FaceSet, one_hot
from mien.datasets.protocol_cut import (
    DISFA_PARTS,
    as_published,
    by_chance,
    by_parts,
    by_slices,
    listed_people,
    people,
    rotated,
    slices,
    with_validation,
)
from mien.errors import MienError
from mien.labels import EMOTIONS, SEVEN

CK48 = {"anger": 135, "disgust": 177, "fear": 75, "happiness": 207, "sadness": 84, "surprise": 249, "contempt": 54}


def ck48(drop: int = 0) -> FaceSet:
    """A list of names as CK+48 has it: 981 pictures, three a sequence, 118 people."""
    rng = np.random.default_rng(0)
    person = np.concatenate([np.arange(118), rng.integers(0, 118, 327 - 118)])
    emotions = np.repeat([EMOTIONS.index(name) for name in CK48], np.array(list(CK48.values())) // 3)
    files, labels = [], []
    for number, (who, emotion) in enumerate(zip(person.tolist(), rng.permutation(emotions).tolist(), strict=True)):
        files += [f"{EMOTIONS[emotion]}/S{who:03d}_{number:03d}_{frame:08d}.png" for frame in (11, 12, 13)]
        labels += [emotion] * 3
    n = len(files) - drop
    names = np.array(files[:n])
    stems = [file.split("/")[1] for file in files[:n]]
    return FaceSet(
        "ckplus",
        paths=names,
        targets={"ckplus": one_hot(np.array(labels[:n]), tuple(CK48))},
        subject=np.array([stem[:4] for stem in stems]),
        group=np.array([stem[:8] for stem in stems]),
        file=names,
    )


def counts(faces: FaceSet, rows: NDArray[np.int64]) -> list[int]:
    hard = faces.hard("ckplus")[rows]
    return [int((hard == EMOTIONS.index(name)).sum()) for name in CK48]


def test_people_in_sorted_order() -> None:
    faces = ck48()
    fold = people(faces, 10)
    names = sorted(set(faces.subject.tolist()))
    for row in (0, 100, 980):
        assert fold[row] == names.index(faces.subject[row]) % 10
    split = rotated(fold, 9)
    assert set(fold[split == "Test"]) == {9}
    assert set(fold[split == "Validation"]) == {0}
    assert set(fold[split == "Training"]) == set(range(1, 9))
    nobody = faces.replace(subject=np.where(np.arange(981) == 4, "", faces.subject))
    with pytest.raises(MienError, match="1 rows of nobody known"):
        people(nobody, 10)
    with pytest.raises(MienError, match=r"\d people cannot be cut into 10 folds"):
        people(faces.select(np.arange(9)), 10)


def test_slices_as_the_published_code_counts_them() -> None:
    faces = ck48()
    tests = slices(faces)
    assert counts(faces, tests[0]) == [12, 18, 9, 21, 9, 24, 6]
    assert counts(faces, tests[9]) == [12, 18, 9, 21, 9, 24, 6]
    assert counts(faces, tests[8]) == [12, 18, 3, 27, 9, 24, 6]  # the ninth slice of fear runs into happiness
    hard = faces.hard("ckplus")
    angry = np.sort([faces.file[row].split("/")[1] for row in np.flatnonzero(hard == 0)])
    assert [faces.file[row].split("/")[1] for row in tests[1][:12]] == angry[12:24].tolist()
    assert [faces.file[row].split("/")[1] for row in tests[9][:12]] == angry[123:].tolist()
    for rows in tests:  # sequences stay whole
        inside = np.isin(np.arange(981), rows)
        assert not set(faces.group[inside]) & set(faces.group[~inside])
    with pytest.raises(MienError, match=r"978 rows .*written for the 981 of CK\+48"):
        slices(ck48(3))


def test_what_is_chosen_by_is_never_tested_on() -> None:
    faces = ck48()
    for fold in (0, 8, 9):
        split = by_slices(faces, fold)
        assert set(np.flatnonzero(split == "Test")) == set(slices(faces)[fold])
        assert (split == "Validation").sum() > 70


def test_by_chance() -> None:
    split = by_chance(981, 206 / 981, 3)
    assert [(split == name).sum() for name in ("Test", "Validation", "Training")] == [206, 78, 697]
    assert (split == by_chance(981, 206 / 981, 3)).all()
    assert (split != by_chance(981, 206 / 981, 4)).any()
    assert (by_chance(213, 70 / 213, 0) == "Test").sum() == 70


def test_as_published() -> None:
    labels = np.arange(300) % 7
    split = np.array(["Training"] * 200 + ["Test"] * 60 + ["Automatic"] * 40)
    faces = FaceSet("rafdb", np.zeros((300, 1, 1), np.uint8), targets={"rafdb": one_hot(labels, SEVEN)}, split=split)
    cut = as_published(faces, ("Test",), "rafdb")
    assert (cut[200:] == split[200:]).all()
    assert (cut[:200] == "Validation").sum() == 20
    assert set(labels[cut == "Validation"]) == set(range(7))
    affectnet = faces.replace(split=np.where(split == "Test", "Validation", split))
    assert (as_published(affectnet, ("Test", "Validation"), "rafdb")[200:260] == "Test").all()
    with pytest.raises(MienError, match="needs Training and Test: give both parts"):
        as_published(faces.select(np.arange(200)), ("Test",), "rafdb")


def crowd(*names: str) -> FaceSet:
    return FaceSet("crowd", np.zeros((len(names), 1, 1), np.uint8), subject=np.array(names))


def test_parts_that_a_list_names() -> None:
    assert sorted(len(part) for part in DISFA_PARTS) == [9, 9, 9]
    assert len({person for part in DISFA_PARTS for person in part}) == 27
    assert listed_people(crowd("SN004", "SN002", "SN013", "SN002"), DISFA_PARTS).tolist() == [2, 0, 1, 0]
    with pytest.raises(MienError, match="crowd: SN099 in none of the parts"):
        listed_people(crowd("SN004", "SN099"), DISFA_PARTS)


def test_a_part_is_tested_on_and_every_sixth_of_the_others_chosen_by() -> None:
    faces = crowd(*"abcdefghijklmn", *"abcdefghijklmn")
    part = np.tile(np.arange(14) // 12, 2)
    split = by_parts(faces, part, 1)
    assert set(faces.subject[split == "Test"]) == set("mn")
    assert set(faces.subject[split == "Validation"]) == set("fl")
    assert set(faces.subject[split == "Training"]) == set("abcdeghijk")
    assert set(faces.subject[by_parts(faces, part, 0) == "Validation"]) == {"n"}  # of two people the last
    with pytest.raises(MienError, match="crowd: 14 people to learn from and choose by, and 0 to test on"):
        by_parts(faces, part, 2)
    with pytest.raises(MienError, match="crowd: 0 people to learn from"):
        by_parts(faces, np.zeros(28, np.int64), 0)


def fer2013(seed: int = 0, n: int = 600) -> FaceSet:
    """Small grey pictures of seven emotions in FER2013's three splits, 40 of PublicTest there twice."""
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (n, 4, 4)).astype(np.uint8)
    hard = rng.integers(0, 7, n)
    split = np.repeat(["Training", "PublicTest", "PrivateTest"], [n - 400, 300, 100])
    public = np.flatnonzero(split == "PublicTest")
    pixels[public[:40]], hard[public[:40]] = pixels[public[40:80]], hard[public[40:80]]
    return FaceSet("fer2013", pixels=pixels, split=split, targets={"fer2013": one_hot(hard, SEVEN)})


def test_validation_is_learnt_too_but_for_a_fifth_of_each_class() -> None:
    faces = fer2013()
    split = with_validation(faces)
    assert (split[faces.split == "Training"] == "Training").all()
    assert ((split == "Test") == (faces.split == "PrivateTest")).all()
    public, hard = faces.split == "PublicTest", faces.hard("fer2013")
    for emotion in range(7):
        rows = public & (hard == emotion)
        assert abs((split[rows] == "Validation").sum() - 0.2 * rows.sum()) <= 2  # pairs are dealt out whole
    assert faces.pixels is not None
    prints = np.array([picture.tobytes() for picture in faces.pixels])
    assert not set(prints[public & (split == "Training")]) & set(prints[split == "Validation"])


def test_the_order_of_rows_does_not_decide_who_is_learnt() -> None:
    faces = fer2013()
    order = np.random.default_rng(1).permutation(len(faces))
    assert (with_validation(faces.select(order)) == with_validation(faces)[order]).all()


def test_refitting_needs_the_whole_set_and_its_pixels() -> None:
    faces = fer2013()
    with pytest.raises(MienError, match="needs PublicTest"):
        with_validation(faces.select(np.flatnonzero(faces.split != "PublicTest")))
    with pytest.raises(MienError, match="one CSV or parquet"):
        with_validation(faces.replace(pixels=None, paths=np.array(["a.png"] * len(faces))))
