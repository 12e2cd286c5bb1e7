"""All heads at once: each on the rows that have its label."""

from __future__ import annotations

import numpy as np
import pytest

from mien.errors import MienError
from mien.evaluate.units.heads import can_score, evaluate_heads


def test_each_head_is_scored_on_the_rows_that_have_its_label(faces, knowing) -> None:
    found = evaluate_heads(knowing, faces)
    targets = {key: value[180:] for key, value in faces.targets.items()}
    assert found.heads["units"].n == np.isfinite(targets["action_units"]).any(axis=1).sum()
    assert found.heads["strength"].n == np.isfinite(targets["intensity"]).any(axis=1).sum()
    assert found.heads["affect"].n == (np.isfinite(targets["valence"]) | np.isfinite(targets["arousal"])).sum()
    assert found.emotions["emotion"].n == 60
    assert len({found.heads[name].n for name in ("units", "affect")}) == 2
    assert found.heads["units"].over == "6 people"


def test_one_label_a_row_scores_each_head_on_its_third(faces, knowing) -> None:
    """As a net with several heads learns: no row has two kinds of labels."""
    third = np.arange(240) % 3
    targets = {key: value.copy() for key, value in faces.targets.items()}
    targets["fer2013"][third != 0] = np.nan
    targets["action_units"][third != 1] = np.nan
    targets["intensity"][:] = np.nan
    for name in ("valence", "arousal"):
        targets[name][third != 2] = np.nan
    found = evaluate_heads(knowing, faces.replace(targets=targets))
    assert found.emotions["emotion"].n == 20
    assert set(found.heads["units"].rows % 3) == {1}
    assert set(found.heads["affect"].rows % 3) == {2}
    assert list(found.not_scored) == ["strength"]
    assert "codes no intensity" in found.not_scored["strength"]


def test_thresholds_are_fitted_given_stored_or_a_half(faces, knowing) -> None:
    def cuts(model=knowing, **how):
        scores = evaluate_heads(model, faces, heads=["units"], **how).heads["units"]
        return scores.thresholds_from, scores.thresholds["AU06"]

    stored = knowing.with_(calibration={"units": {"thresholds": {"AU06": 0.123}}})
    assert cuts() == ("0.5", 0.5)
    assert cuts(stored) == ("the model", 0.123)
    assert cuts(stored, thresholds={"units": {"AU06": 0.7}}, thresholds_from="another set") == ("another set", 0.7)
    where, fitted = cuts(stored, fit_on="validation")
    assert where == "fitted on Validation"
    assert fitted not in (0.5, 0.123)
    found = evaluate_heads(knowing, faces, heads=["units"], fit_on="validation")
    assert found.fitted["units"] == found.heads["units"].thresholds


def test_excluded_rows_are_left_out_of_every_head(faces, knowing, tmp_path) -> None:
    (tmp_path / "f.csv").write_text("row\n" + "\n".join(map(str, range(180, 200))) + "\n")
    found = evaluate_heads(knowing, faces, exclude=tmp_path / "f.csv")
    assert found.heads["units"].rows.min() >= 200
    assert found.dropped == {"excluded": 20}
    assert found.emotions["emotion"].n == 40


def test_a_set_of_photographs_without_splits_is_taken_whole(faces, knowing) -> None:
    found = evaluate_heads(knowing, faces.replace(split=np.full(240, "")), "test", heads=["units", "emotion"])
    assert found.split == "all"
    assert found.emotions["emotion"].n == 240


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"heads": ["nosuch"]}, "no head 'nosuch'"),
        ({"heads": ["units"], "tta": "mirror"}, "--tta averages emotions"),
        ({"heads": ["affect"], "fit_on": "validation"}, "no head of units is scored"),
        ({"fit_on": "Test"}, "a test split fits nothing"),
        ({"over": "nosuch"}, "--groups nosuch"),
        ({"split": "nosuch"}, "no split 'nosuch'"),
    ],
)
def test_nonsense_is_refused(faces, knowing, how, words: str) -> None:
    with pytest.raises(MienError, match=words):
        evaluate_heads(knowing, faces, **how)


def test_nothing_to_score_gives_the_reasons_once(faces, knowing) -> None:
    bare = faces.replace(targets={"fer2013": faces.targets["fer2013"]})
    with pytest.raises(MienError) as told:
        evaluate_heads(knowing, bare, heads=["units", "affect"])
    assert str(told.value) == (
        "here: the set codes none of its units (units); here: the set has neither valence nor arousal (affect)"
    )


def test_can_score(faces, knowing) -> None:
    assert can_score(knowing.spec.heads, faces)
    bare = faces.replace(targets={"fer2013": faces.targets["fer2013"]})
    assert not can_score(knowing.spec.heads, bare)
    assert not can_score(knowing.spec.heads[:1], faces)
