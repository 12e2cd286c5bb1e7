"""Which labels a model is judged by."""

from __future__ import annotations

import numpy as np
import pytest

from mien.errors import MienError
from mien.evaluate.label_scheme import chosen_scheme, emotions_of, renormalised


def test_by_default_what_the_model_was_trained_on(faces) -> None:
    assert chosen_scheme(faces, "fer2013", None) == "fer2013"
    assert chosen_scheme(faces, "ferplus", None) == "ferplus"
    assert chosen_scheme(faces, "fer2013", "ferplus") == "ferplus"


def test_a_set_with_labels_of_its_own_is_judged_by_them(faces) -> None:
    own = faces.replace(targets={"jaffe": faces.targets["fer2013"]}, votes=None)
    assert chosen_scheme(own, "ferplus", None) == "jaffe"
    with pytest.raises(MienError, match="no ferplus labels \\(as asked\\); add --labels jaffe"):
        chosen_scheme(own, "ferplus", "ferplus")


def test_one_labelling_of_fer2013_never_stands_in_for_the_other(faces) -> None:
    bare = faces.replace(targets={"fer2013": faces.targets["fer2013"]}, votes=None)
    with pytest.raises(MienError, match=r"--labels fer2013 or --ferplus fer2013new\.csv"):
        chosen_scheme(bare, "ferplus", None)


def test_no_labels_at_all(faces) -> None:
    with pytest.raises(MienError, match="no emotion labels"):
        chosen_scheme(faces.replace(targets={}), "fer2013", None)


def test_emotions_of_a_scheme(faces) -> None:
    assert emotions_of(faces, "fer2013").tolist() == [True] * 7 + [False]
    assert emotions_of(faces, "ferplus").all()


def test_the_rest_is_normalised_anew() -> None:
    probabilities = np.array([[0.2, 0.2, 0, 0, 0, 0, 0, 0.6], [0, 0, 0, 0, 0, 0, 0, 1]], np.float32)
    kept = renormalised(probabilities, np.arange(7))
    assert kept[0, :2] == pytest.approx([0.5, 0.5])
    assert kept[1] == pytest.approx([1 / 7] * 7)
    with pytest.raises(ValueError, match="NaN among anger"):
        renormalised(np.full((1, 8), np.nan, np.float32), np.arange(2))
