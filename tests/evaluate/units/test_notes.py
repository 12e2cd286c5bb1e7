from __future__ import annotations

from mien.evaluate.units.heads import evaluate_heads
from mien.evaluate.units.notes import notes_on


def test_a_reader_is_told_what_to_mind(faces, knowing) -> None:
    half = notes_on(evaluate_heads(knowing, faces, heads=["units"]).heads)
    assert half == [
        "units: fewer than 10 faces show AU12, AU20: their scores say little.",
        "units: the set does not code AU25: not scored.",
        "units: every unit's threshold is 0.5; --fit-on VALIDATION fits them.",
    ]
    fitted = notes_on(evaluate_heads(knowing, faces, heads=["units"], fit_on="validation").heads)
    assert fitted[2:] == ["units: AU20 keep 0.5: no face showed them where thresholds were fitted."]


def test_a_common_mean_that_lacks_units(faces, knowing) -> None:
    found = evaluate_heads(knowing, faces.replace(name="disfa"), heads=["units"], fit_on="validation")
    assert found.notes[-1] == "units: the mean over disfa's units lacks AU02, AU04, AU09, AU25, AU26."


def test_intensities_and_affect(faces, knowing) -> None:
    assert notes_on(evaluate_heads(knowing, faces, heads=["affect"]).heads) == []
    assert notes_on(evaluate_heads(knowing, faces, heads=["strength"]).heads) == [
        "strength: the set does not code AU12: not scored."
    ]


def test_people_on_two_sides(faces, knowing) -> None:
    subject = faces.subject.copy()
    subject[180:200] = "p3"
    found = evaluate_heads(knowing, faces.replace(subject=subject), heads=["affect"])
    assert len(found.notes) == 1
    assert found.notes[0].startswith("1 of the 5 people in Test also stand in other splits")
