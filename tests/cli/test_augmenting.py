from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnx")

from tests.runtime.generators import tiny_generator, tiny_spec

from mien.cli.augmenting import Asked, planned, training_rows
from mien.datasets.face_set import FaceSet, one_hot
from mien.errors import MienError
from mien.labels import EMOTIONS, SEVEN
from mien.runtime.expression_editor import ExpressionEditor


def faces(n: int = 24, **facts: object) -> FaceSet:
    pixels = np.random.default_rng(0).integers(0, 256, (n, 24, 24), dtype=np.uint8)
    labels = one_hot(np.resize([SEVEN.index("happiness"), SEVEN.index("sadness")], n), SEVEN)
    split = np.where(np.arange(n) % 3 == 2, "PublicTest", "Training")
    return FaceSet("t", pixels, targets={"fer2013": labels}, **{"split": split, **facts})  # type: ignore[arg-type]


def asked(**changes: object) -> Asked:
    settings: dict[str, object] = {
        "data": "t", "out": Path("out"), "model": "", "mode": "augment", "number": 2, "sampling": "even",
        "radius": None, "strength": None, "centres": (), "judge": "", "least": 0.5, "labels": None, "ferplus": None,
        "split": "train", "exclude": None, "seed": 0, "jobs": 1, "chart": None,
    }  # fmt: skip
    return Asked(**{**settings, **changes})  # type: ignore[arg-type]


def test_the_training_split_by_role_or_name() -> None:
    name, rows = training_rows(faces(), "train")
    assert (name, len(rows)) == ("Training", 16)
    assert set(rows.split.tolist()) == {"Training"}
    assert len(training_rows(faces(split=np.full(24, "")), "train")[1]) == 24  # nothing there that could be a test
    folds = faces(split=np.resize(["fold0", "fold1"], 24))
    assert training_rows(folds, "fold1")[0] == "fold1"
    assert len(training_rows(folds, "all")[1]) == 24


def test_rows_of_two_files_may_have_one_number() -> None:
    twice = faces(row=np.resize(np.arange(12), 24), file=np.repeat(["a.csv", "b.csv"], 12), split=np.full(24, ""))
    assert len(training_rows(twice, "train")[1]) == 24
    repeated = faces(row=np.resize(np.arange(12), 24), file=np.full(24, "a.csv"), split=np.full(24, ""))
    assert training_rows(repeated, "train")[1].row.tolist() == list(range(12))


def test_made_pictures_among_real_ones_are_no_sources() -> None:
    made_from = np.where(np.arange(24) % 2, 3, -1)
    _, rows = training_rows(faces(made_from=made_from), "train")
    assert (rows.made_from < 0).all()
    with pytest.raises(MienError, match="give the real ones"):
        training_rows(faces(made_from=np.zeros(24, np.int64)), "train")


def test_sources_are_fitted_to_the_generator_and_read_once_each(tmp_path: Path) -> None:
    editor = ExpressionEditor(tiny_generator(tmp_path / "g.onnx", tiny_spec(size=32, colour="rgb")), threads=1)
    near, sources, plan = planned(asked(), faces(), "fer2013", editor)
    assert len(plan) == 48
    assert {EMOTIONS[k] for k in np.flatnonzero(near.known)} == {"happiness", "sadness", "surprise", "neutral"}
    crops = sources.crops(np.array([5, 5, 2, 5]))
    assert crops.shape == (4, 32, 32, 3)
    assert np.array_equal(crops[0], crops[3])
    assert not np.array_equal(crops[0], crops[2])


def test_each_mode_has_its_radius_and_strength(tmp_path: Path) -> None:
    editor = ExpressionEditor(tiny_generator(tmp_path / "g.onnx", tiny_spec(size=32)), threads=1)
    happy = EMOTIONS.index("happiness")
    augment = planned(asked(), faces(), "fer2013", editor)[0]
    lopsided = faces().select(np.array([0, 1, 2, 4, 6]))
    expand = planned(asked(mode="expand"), lopsided, "fer2013", editor)[0]
    assert (augment.high[happy, 0], augment.least[happy]) == (0.2, 0.5)
    assert (expand.high[happy, 0], expand.least[happy]) == (0.05, 1.0)
    own = planned(asked(radius=0.3, strength=0.7, centres=("sad=0,0.5",)), faces(), "fer2013", editor)[0]
    assert (own.high[happy, 0], own.least[happy]) == (0.3, 0.7)
    assert own.centres[EMOTIONS.index("sadness")].tolist() == [0, 0.5]
