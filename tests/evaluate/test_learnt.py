"""Which rows a model has learnt, and that scores and calibration know it."""

from __future__ import annotations

import numpy as np
import pytest
from tests.datasets.test_protocol_cut import fer2013
from tests.runtime.generators import tiny_spec

from mien.datasets.face_set import FaceSet
from mien.datasets.protocols import sides
from mien.errors import MienError
from mien.evaluate.calibrate.allowed_split import refuse_learnt
from mien.evaluate.learnt import learnt_rows
from mien.evaluate.predictions import predict
from mien.evaluate.scores import score
from mien.model_spec import ModelSpec

REFIT = {"name": "refit", "fold": 0, "honest": True, "leak": ""}


@pytest.fixture(scope="module")
def whole() -> FaceSet:
    return fer2013().replace(content="c0")


def learner(**facts: object) -> ModelSpec:
    return tiny_spec("learner", training={"data_sha256": "c0", "train": "Training"} | facts)


def test_a_split_is_learnt_where_the_data_is_the_same(whole: FaceSet) -> None:
    assert (learnt_rows(learner(), whole) == (whole.split == "Training")).all()
    assert not learnt_rows(learner(data_sha256="other"), whole).any()
    assert not learnt_rows(tiny_spec(training={}), whole).any()


def test_a_protocol_says_which_other_rows_are_learnt(whole: FaceSet) -> None:
    cut = sides(whole, "refit", 0)
    learnt = learnt_rows(learner(protocol=REFIT), whole)
    assert (learnt == (cut == "Training")).all()
    assert (learnt_rows(learner(protocol=REFIT), whole.replace(split=cut)) == learnt).all()  # cut by it already


def test_calibration_refuses_learnt_rows_and_names_the_rest(whole: FaceSet) -> None:
    spec = learner(protocol=REFIT)
    with pytest.raises(MienError, match=r"may have learnt PublicTest.*DATA:protocol=refit,fold=0"):
        refuse_learnt("m", spec, whole, "PublicTest")
    refuse_learnt("m", learner(), whole, "PublicTest")
    refuse_learnt("m", spec, whole.replace(split=sides(whole, "refit", 0)), "Validation")


def test_scores_on_learnt_faces_say_so(faces: FaceSet, bright: type) -> None:
    model = bright(training={"data_sha256": faces.digest(), "train": "Training"})
    n = int((faces.split == "Training").sum())
    found = predict("m", model, faces, "Training")
    assert found.learnt == len(found) == np.int64(n)
    assert f"m has learnt {n:,} of these {n:,} faces" in score(found).notes[0]
    other = predict("m", model, faces, "PrivateTest")
    assert other.learnt == 0
    assert not any("has learnt" in note for note in score(other).notes)
