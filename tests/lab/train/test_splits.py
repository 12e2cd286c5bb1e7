from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from mien.datasets.face_set import FaceSet, one_hot
from mien.datasets.jaffe import SUBJECTS
from mien.datasets.synthetic import synthetic
from mien.errors import MienError
from mien.lab.train.recipe import Augment, Data, HeadRecipe, Recipe
from mien.lab.train.splits import classes, fraction, training_and_validation
from mien.labels import SEVEN


def faces(n: int = 200) -> FaceSet:
    rng = np.random.default_rng(0)
    labels = np.arange(n) % 7
    split = np.where(np.arange(n) % 4 == 3, "PublicTest", "Training")
    pixels = rng.integers(0, 256, (n, 4, 4), dtype=np.uint8)
    return FaceSet("t", pixels=pixels, targets={"fer2013": one_hot(labels, SEVEN)}, split=split)


def holdout(whole: FaceSet, share: float, seed: int, scheme: str) -> tuple[FaceSet, FaceSet]:
    data = Data(train="", validation="", holdout=share, holdout_seed=seed)
    return training_and_validation(Recipe(data=data, heads=(HeadRecipe(labels=scheme),)), whole)


def test_named_splits() -> None:
    training, validation = training_and_validation(Recipe(), faces())
    assert (len(training), len(validation)) == (150, 50)


def test_validation_is_public_test_where_a_set_has_that_name_for_it() -> None:
    """FER2013 by its counts, whatever a re-pack calls its splits."""
    recipe = Recipe(data=Data(validation="Validation"))
    assert set(training_and_validation(recipe, faces())[1].split) == {"PublicTest"}
    other = faces().replace(split=np.where(faces().split == "PublicTest", "Public", faces().split))
    with pytest.raises(MienError, match="no split 'Validation'; it has Public"):
        training_and_validation(recipe, other)


def test_holdout_is_stratified_seeded_and_disjoint() -> None:
    keep, cut = holdout(faces(), 0.2, 42, "fer2013")
    again, _ = holdout(faces(), 0.2, 42, "fer2013")
    assert (len(keep), len(cut)) == (160, 40)
    assert not set(keep.row) & set(cut.row)
    assert np.array_equal(keep.row, again.row)
    counts = np.bincount(cut.hard("fer2013"), minlength=7)
    assert counts.max() - counts.min() <= 1


def test_targeted_copies_never_reach_validation() -> None:
    recipe = Recipe(data=Data(holdout=0.2, validation=""), augment=Augment(targeted={"disgust": "mirror"}))
    training, validation = training_and_validation(recipe, faces())
    assert (training.made_from >= 0).any()
    assert (validation.made_from == -1).all()


def test_sizes_of_oshea_on_the_real_counts() -> None:
    counts = [3995, 436, 4097, 7215, 4830, 3171, 4965]
    labels = np.repeat(np.arange(7), counts)
    big = FaceSet("t", pixels=np.zeros((28_709, 1, 1), np.uint8), targets={"fer2013": one_hot(labels, SEVEN)})
    keep, cut = holdout(big, 0.2, 42, "fer2013")
    assert (len(keep), len(cut)) == (22_967, 5_742)
    assert int((keep.hard("fer2013") == 1).sum()) == 349


def test_unlabelled_side_is_named() -> None:
    empty = faces()
    empty = empty.replace(targets={"fer2013": np.full((200, 8), np.nan, np.float32)})
    with pytest.raises(MienError, match="no labelled training rows"):
        training_and_validation(Recipe(), empty)
    with pytest.raises(MienError, match="no split"):
        training_and_validation(Recipe(data=Data(train="nowhere")), faces())


def lopsided(n: int = 300) -> FaceSet:
    """Thirty people, ten faces each; disgust is rare; some faces have no label."""
    rng = np.random.default_rng(1)
    labels = rng.choice([-1, 0, 1, 3, 4, 6], n, p=[0.1, 0.2, 0.02, 0.3, 0.18, 0.2])
    people = np.array([f"p{i % 30:02d}" for i in range(n)])
    pixels = rng.integers(0, 256, (n, 4, 4), dtype=np.uint8)
    split = np.full(n, "Training")
    return FaceSet("t", pixels=pixels, targets={"fer2013": one_hot(labels, SEVEN)}, split=split, subject=people)


def test_no_person_is_on_both_sides() -> None:
    recipe = Recipe(data=Data(holdout=0.2, validation="", holdout_by="subject"))
    training, validation = training_and_validation(recipe, lopsided())
    assert not set(training.subject) & set(validation.subject)
    assert len(training) + len(validation) == 300
    assert len(validation) == pytest.approx(60, abs=15)
    with pytest.raises(MienError, match=r"knows no group of any row: leave it out"):
        training_and_validation(Recipe(data=Data(holdout=0.2, validation="", holdout_by="group")), lopsided())


@pytest.mark.parametrize("by", ["", "subject"])
def test_folds_choose_each_row_once(by: str) -> None:
    chosen = []
    for fold in range(4):
        data = Data(folds=4, fold=fold, validation="", holdout_by=by)
        training, validation = training_and_validation(Recipe(data=data), lopsided())
        assert not set(training.row) & set(validation.row)
        assert len(training) + len(validation) == 300
        if by:
            assert not set(training.subject) & set(validation.subject)
        chosen += validation.row.tolist()
    assert sorted(chosen) == list(range(300))


def test_a_holdout_that_cannot_be_cut_evenly_is_one_line() -> None:
    labels = np.array([0] * 10 + [3] * 9 + [1])  # one face of disgust
    single = FaceSet("t", pixels=np.zeros((20, 4, 4), np.uint8), targets={"fer2013": one_hot(labels, SEVEN)})
    with pytest.raises(MienError, match=r"data\.holdout = 0\.2: cannot be cut evenly from 20 rows") as caught:
        training_and_validation(Recipe(data=Data(train="", holdout=0.2)), single)
    assert "\n" not in str(caught.value)


def test_a_fraction_is_stratified_and_leaves_no_class_out() -> None:
    whole = lopsided()
    part = whole.select(fraction(whole.hard("fer2013"), 0.1, 0))
    before, after = (np.bincount(f.hard("fer2013") + 1, minlength=8) for f in (whole, part))
    assert ((after > 0) == (before > 0)).all()
    assert np.abs(after - np.maximum(before * 0.1, before > 0)).max() <= 1
    assert (np.diff(part.row) > 0).all()
    assert np.array_equal(part.row, whole.row[fraction(whole.hard("fer2013"), 0.1, 0)])
    assert not np.array_equal(part.row, whole.row[fraction(whole.hard("fer2013"), 0.1, 1)])


def test_a_fraction_thins_the_training_side_alone() -> None:
    training, validation = training_and_validation(Recipe(data=Data(fraction=0.2)), faces())
    assert len(training) == pytest.approx(30, abs=3)
    assert len(validation) == 50


def test_dropped_emotions_rows_go_from_both_sides() -> None:
    training, validation = training_and_validation(Recipe(data=Data(drop=("disgust", "fear"))), faces())
    left = set(range(7)) - {1, 2}
    assert set(training.hard("fer2013")) == set(validation.hard("fer2013")) == left
    labels = np.arange(200) % 7
    wanted = np.flatnonzero(np.isin(labels, list(left)) & (np.arange(200) % 4 != 3))
    assert training.row.tolist() == wanted.tolist()


def test_a_face_stays_while_one_head_has_a_label_for_it() -> None:
    both = faces()
    other = one_hot(np.full(200, 3), SEVEN)
    both = both.replace(targets={**both.targets, "second": other})
    heads = (HeadRecipe(), HeadRecipe("b", "second"))
    data = Data(drop=("disgust",))
    training, _ = training_and_validation(Recipe(data=data, heads=heads), both)
    assert len(training) == 150


def test_byol_learns_from_faces_without_labels() -> None:
    empty = faces().replace(targets={"fer2013": np.full((200, 8), np.nan, np.float32)})
    training, validation = training_and_validation(Recipe(method="byol"), empty)
    assert (len(training), len(validation)) == (150, 50)


def test_rows_are_cut_by_the_labels_named() -> None:
    drawn = synthetic(n=40, size=16)
    by_emotion = Recipe(heads=(HeadRecipe(labels="synthetic"),))
    assert np.array_equal(classes(by_emotion, drawn), drawn.hard("synthetic"))
    named = Recipe(heads=(HeadRecipe(labels="synthetic"),), data=Data(holdout_labels="ferplus"))
    assert np.array_equal(classes(named, drawn), drawn.hard("ferplus"))
    by_affect = classes(Recipe(heads=(HeadRecipe(kind="valence_arousal"),)), drawn)
    assert set(by_affect.tolist()) <= {0, 1, 2, 3}


def test_a_row_that_any_head_can_learn_from_is_kept() -> None:
    drawn = synthetic(n=60, size=16)
    emotion = drawn.targets["synthetic"].copy()
    emotion[:50] = np.nan
    drawn = drawn.replace(targets={**drawn.targets, "synthetic": emotion}, split=np.repeat(["a", "b"], 30))
    plan = Recipe(
        heads=(HeadRecipe(labels="synthetic"), HeadRecipe("va", kind="valence_arousal")),
        data=Data(train="a", validation="b", drop=("anger",)),
    )
    training, validation = training_and_validation(plan, drawn)
    assert (len(training), len(validation)) == (30, 30)
    alone = Recipe(heads=(HeadRecipe(labels="synthetic"),), data=Data(train="a", validation="b"))
    with pytest.raises(MienError, match="no labelled training rows"):
        training_and_validation(alone, drawn)


def women(n: int = 140) -> FaceSet:
    """JAFFE's ten women, as a set of that name."""
    rows = np.arange(n)
    pixels = np.zeros((n, 4, 4), np.uint8)
    return FaceSet(
        "jaffe", pixels, targets={"jaffe": one_hot(rows // 10 % 7, SEVEN)}, subject=np.array(SUBJECTS)[rows % 10]
    )


def test_a_protocol_says_who_is_learnt_from_and_chosen_by(capsys: pytest.CaptureFixture[str]) -> None:
    heads = (HeadRecipe(labels="jaffe"),)
    recipe = Recipe(data=Data(protocol="loso", fold=2), heads=heads)
    training, validation = training_and_validation(recipe, women())
    assert set(validation.subject) == {SUBJECTS[3]}
    assert set(SUBJECTS) - set(training.subject) == {SUBJECTS[2], SUBJECTS[3]}
    assert capsys.readouterr().err == ""
    training_and_validation(Recipe(data=Data(protocol="jaffe-random"), heads=heads), women())
    assert "protocol jaffe-random leaks" in capsys.readouterr().err
    with pytest.raises(MienError, match="protocol loso: it is for jaffe, not for t"):
        training_and_validation(recipe, faces())


def test_excluded_rows_are_on_neither_side(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("row,twin\n0,7\n3,4\n")  # row 0 is of Training, row 3 of PublicTest
    training, validation = training_and_validation(Recipe(data=Data(exclude=str(tmp_path / "f.csv"))), faces())
    assert (len(training), len(validation)) == (149, 49)
    assert 0 not in training.row
    assert 3 not in validation.row
    with pytest.raises(MienError, match=r"none of 0\.\.2"):
        training_and_validation(Recipe(data=Data(exclude=str(tmp_path / "f.csv"))), faces(3))


def test_a_protocol_cuts_before_rows_are_excluded(tmp_path: Path) -> None:
    """Else people would change folds."""
    subject = np.array([*SUBJECTS] * 20)
    whole = faces(200).replace(subject=subject, targets={"jaffe": faces(200).targets["fer2013"]}, name="jaffe")
    recipe = Recipe(data=Data(protocol="loso", fold=3), heads=(HeadRecipe(labels="jaffe"),))
    before, _ = training_and_validation(recipe, whole)
    (tmp_path / "f.csv").write_text("row\n" + "\n".join(str(row) for row in np.flatnonzero(subject == SUBJECTS[0])))
    after, _ = training_and_validation(
        replace(recipe, data=replace(recipe.data, exclude=str(tmp_path / "f.csv"))), whole
    )
    assert set(after.row) == set(before.row[before.subject != SUBJECTS[0]])


@pytest.mark.parametrize(
    "data", [Data(), Data(validation="", holdout=0.2), Data(validation="", folds=3, fold=1), Data(fraction=0.5)]
)
def test_made_pictures_stand_on_the_side_of_their_source(data: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever cuts the rows: a variant of a face that epochs are chosen on is not learnt from."""
    whole = faces()
    made = whole.replace(made_from=whole.row, row=np.arange(len(whole)) + 1000, name="made")  # of test rows as well
    monkeypatch.setattr("mien.lab.train.variants.load_dataset", lambda _: made)
    training, validation = training_and_validation(Recipe(data=replace(data, more="made")), whole)
    more = training.select(training.made_from >= 0)
    real = training.select(training.made_from < 0)
    plain, chosen_on = training_and_validation(Recipe(data=data), whole)
    assert real.row.tolist() == plain.row.tolist()
    assert validation.row.tolist() == chosen_on.row.tolist()
    assert sorted(more.made_from.tolist()) == sorted(plain.row.tolist())
    assert not set(more.made_from.tolist()) & set(validation.row.tolist())
    assert (validation.made_from < 0).all()


def test_made_pictures_of_dropped_emotions_go_too(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = faces()
    turned = one_hot(np.full(len(whole), 1), SEVEN)  # all of them turned into disgust
    made = whole.replace(made_from=whole.row, targets={"fer2013": turned}, name="made")
    monkeypatch.setattr("mien.lab.train.variants.load_dataset", lambda _: made)
    recipe = Recipe(data=Data(more="made", drop=("disgust",)))
    training, _ = training_and_validation(recipe, whole)
    assert (training.made_from < 0).all()
    training, _ = training_and_validation(Recipe(data=Data(more="made")), whole)
    assert (training.made_from >= 0).sum() == 150
