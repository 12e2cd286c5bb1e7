"""Emotions from units: the longest prototype, blends, unknown units, and one emotion against all else."""

from __future__ import annotations

import numpy as np
import pytest

from mien.datasets.classes import classes_of
from mien.datasets.emfacs import derive, is_derived, merge_of, not_coded, shows, with_derived, with_emfacs
from mien.datasets.face_set import FaceSet
from mien.datasets.synthetic import synthetic
from mien.datasets.units import occurrence
from mien.errors import MienError
from mien.labels import EMFACS, EMOTIONS

NAN = np.nan
UNITS = tuple(sorted({unit for prototypes in EMFACS.values() for units in prototypes for unit in units}))


def faces(*shown: str, unknown: dict[int, str] | None = None, units: tuple[str, ...] = UNITS) -> FaceSet:
    """A face for each text such as `6+12`; `unknown` names units that are not known of a face."""
    codes = np.zeros((len(shown), len(units)), np.float32)
    for row, text in enumerate(shown):
        for number in filter(None, text.split("+")):
            codes[row, units.index(f"AU{int(number):02d}")] = 1
    for row, text in (unknown or {}).items():
        codes[row, [units.index(f"AU{int(number):02d}") for number in text.split("+")]] = NAN
    pixels = np.zeros((len(codes), 2, 2), np.uint8)
    return FaceSet("few", pixels, targets={"action_units": codes}, action_units=units)


def words(found: np.ndarray) -> list[str]:
    return [EMOTIONS[k] if k >= 0 else "" for k in found.tolist()]


def test_each_prototype_says_its_emotion() -> None:
    for emotion, prototypes in EMFACS.items():
        for units in prototypes:
            assert words(derive(faces("+".join(unit.removeprefix("AU") for unit in units)))) == [emotion]


def test_the_longest_prototype_wins_and_two_of_one_length_are_a_blend() -> None:
    found = faces("1+2+4+5+7+20+26", "1+2+5+26", "6+12+14", "6+12+1+4+15", "6+12+26", "6", "")
    assert words(derive(found)) == ["fear", "surprise", "", "sadness", "happiness", "", ""]


def test_a_prototype_that_needs_an_unknown_unit_is_not_shown() -> None:
    found = faces("6+12", "6+12", "1+2+5+26", unknown={0: "6", 1: "4", 2: "4+7+20"})
    assert words(derive(found)) == ["", "happiness", "surprise"]
    few = faces("6+12", "4+5", units=("AU04", "AU05", "AU06", "AU12"))
    assert words(derive(few)) == ["happiness", ""]
    assert not_coded(few)["anger"] == ("AU07", "AU23")
    assert "happiness" not in not_coded(few)
    assert not_coded(faces("", "", unknown={0: "6", 1: "6"})) == {"happiness": ("AU06",)}


def test_neutral_is_a_face_without_a_unit_if_asked_for() -> None:
    found = faces("", "9", "", unknown={2: "23"})
    assert words(derive(found, neutral=True)) == ["neutral", "", ""]
    assert words(derive(found)) == ["", "", ""]
    coded_nowhere = faces("", "9", unknown={0: "23", 1: "23"})
    assert words(derive(coded_nowhere, neutral=True)) == ["neutral", ""]
    assert words(derive(faces("", unknown={0: "+".join(u[2:] for u in UNITS)}), neutral=True)) == [""]


def test_rules_of_ones_own_may_have_several_prototypes() -> None:
    rules = {"happiness": (("AU06", "AU12"), ("AU12", "AU26")), "surprise": (("AU26",),)}
    assert words(derive(faces("12+26", "26", "6+12", "6"), rules)) == ["happiness", "surprise", "happiness", ""]
    assert shows(faces("12+26", "26", "12", unknown={2: "6"}), "happy", rules).tolist()[:2] == [1, 0]
    assert np.isnan(shows(faces("12", unknown={0: "6"}), "happy", rules)).all()
    with pytest.raises(MienError, match="anger: no rule"):
        shows(faces("12"), "anger", rules)


def test_drawn_faces_get_the_emotion_that_they_were_drawn_from() -> None:
    drawn = synthetic(400, seed=3, difficulty=0.0, size=16)
    found, true = derive(drawn), drawn.hard("synthetic")
    said = (found >= 0) & (true != EMOTIONS.index("fear"))  # drawn without AU07, it is surprise where the jaw drops
    assert said.sum() > 100
    assert (found[said] == true[said]).mean() > 0.97
    happy = true == EMOTIONS.index("happiness")
    both = (occurrence(drawn, ("AU06", "AU12")) == 1).sum(axis=1) == 2
    assert ((found == EMOTIONS.index("happiness"))[happy] == both[happy]).all()


def test_derived_emotions_are_one_more_scheme() -> None:
    given = faces("6+12", "1+4+15", "6", "")
    made = with_emfacs(given)
    assert "emfacs" not in given.targets
    assert made.emotion_schemes == ("emfacs",)
    assert words(made.hard("emfacs")) == ["happiness", "sadness", "", ""]
    assert classes_of(made, "emfacs").names == ("happiness", "sadness")
    assert words(with_emfacs(given, "emfacs+neutral").hard("emfacs+neutral")) == ["happiness", "sadness", "", "neutral"]


def test_happy_against_not_happy_is_two_classes_with_whatever_else_is_shown() -> None:
    given = faces("6+12", "1+4+15", "6", "", "6+12+14", "6", unknown={5: "12"})
    made = with_emfacs(given, "emfacs-happy")
    two = classes_of(made, "emfacs-happy")
    assert two.names == ("not_happiness", "happiness")
    assert two.hard.tolist() == [1, 0, 0, 0, 1, -1]
    wanted = np.array([[0, 1], [1, 0], [1, 0], [1, 0], [0, 1], [NAN, NAN]], np.float32)
    np.testing.assert_allclose(two.soft, wanted, atol=1e-6)
    named = classes_of(made, "emfacs-happy", merge={"rest": merge_of("emfacs-happy")["not_happiness"]})
    assert named.names == ("rest", "happiness")
    assert named.hard.tolist() == two.hard.tolist()
    assert merge_of("emfacs") == {}


def test_only_what_is_derived_and_not_there_is_added() -> None:
    one = faces("6+12", "1")
    made = with_derived(one, ["ferplus", "emfacs", "emfacs-happiness"])
    assert set(made.targets) == {"action_units", "emfacs", "emfacs-happiness"}
    assert with_derived(one, ["ferplus"]) is one
    kept = made.replace(targets={**made.targets, "emfacs": made.targets["emfacs-happiness"]})
    assert with_derived(kept, ["emfacs"]) is kept


def test_what_cannot_be_derived() -> None:
    assert [is_derived(s) for s in ("emfacs", "emfacs+neutral", "emfacs-fear", "ferplus")] == [True, True, True, False]
    with pytest.raises(MienError, match=r"ferplus: derive emfacs, emfacs\+neutral or emfacs-EMOTION"):
        with_emfacs(faces("6"), "ferplus")
    with pytest.raises(MienError, match="unknown emotion 'glee'"):
        with_emfacs(faces("6"), "emfacs-glee")
    with pytest.raises(MienError, match="few: no action units"):
        with_emfacs(faces("6").replace(targets={}))
    with pytest.raises(MienError, match=r"no face gets a label by emfacs: .*happiness \(AU06\+AU12\)"):
        with_emfacs(faces("1", units=("AU01",)))
