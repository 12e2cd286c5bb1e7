"""Sections: what they say that is no number."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import mien.evaluate.report.sections  # noqa: F401  # registers them
from mien.evaluate.report.reader import LeftOutError, Reader
from mien.evaluate.report.section import SECTIONS
from mien.evaluate.report.writing import write_report


@pytest.fixture
def document(material, tmp_path: Path):
    write_report(tmp_path, **material.everything)
    return json.loads((tmp_path / "report.json").read_text())


def test_they_stand_in_the_order_of_the_reader() -> None:
    assert list(SECTIONS) == [
        "scores", "classes", "confusion", "curves", "calibration", "sets", "galleries", "heat-maps", "features",
        "robustness", "groups", "comparison", "limits",
    ]  # fmt: skip


def test_scores_say_what_they_were_measured_on(document) -> None:
    document["evaluation"]["dropped"] = {"excluded": 3, "no_label": 0, "not_in_model": 2}
    document["evaluation"]["members"] = [{"model": "m1", "top1": 51.5}]
    text = SECTIONS["scores"].write(Reader(document))
    for word in (document["evaluation"]["data_sha256"], "PrivateTest", "left out by --exclude", "with mirror", "m1"):
        assert word in text
    assert "no label" not in text
    document["evaluation"]["tta"] = None
    assert "no averaging over views" in SECTIONS["scores"].write(Reader(document))


def test_a_calibration_fitted_on_these_faces_is_called_flattering(document) -> None:
    reader = Reader(document)
    assert "flatter" not in SECTIONS["calibration"].write(reader)
    document["calibration"]["stored"]["fitted_on"]["split"] = "PrivateTest"
    assert "flatter" in SECTIONS["calibration"].write(reader)


def test_eleven_classes_fill_eleven_columns(document) -> None:
    names = [f"class {i}" for i in range(11)]
    document["evaluation"] |= {"classes": names, "confusion": [[i * j for j in range(11)] for i in range(11)]}
    text = SECTIONS["confusion"].write(Reader(document))
    assert text.count("<td") == 121
    assert text.count('<th scope="col"') == 12
    assert "class 10 taken for class 10: 100 of 550" in text


def test_a_gap_is_called_by_its_corrected_p(document) -> None:
    gap = {
        "highest": "x",
        "lowest": "y",
        "points": 5.0,
        "ci95": [1.0, 9.0],
        "p": 0.01,
        "p_holm": 0.2,
        "permutations": 9,
    }
    document["groups"]["attributes"][0]["gap"] = gap
    assert "no more than chance could make" in SECTIONS["groups"].write(Reader(document))
    gap["p_holm"] = 0.02
    assert "more than chance makes" in SECTIONS["groups"].write(Reader(document))


def test_many_groups_are_cut_on_the_page(document) -> None:
    one = document["groups"]["attributes"][0]
    one["groups"] = one["groups"] * 30
    assert "20 smaller groups stand in report.json" in SECTIONS["groups"].write(Reader(document))


def test_reasons_given_from_outside_come_first(document) -> None:
    for id_ in ("galleries", "heat-maps", "features", "robustness", "groups", "comparison", "sets"):
        with pytest.raises(LeftOutError, match="because"):
            SECTIONS[id_].write(Reader({"reasons": {id_: "because"}}))
        with pytest.raises(LeftOutError, match=r"\.$"):
            SECTIONS[id_].write(Reader({}))
    with pytest.raises(LeftOutError, match="both faces of it and others"):
        SECTIONS["curves"].write(Reader({"evaluation": {"classes": ["fear"]}}))


def test_the_limits_name_uses_advised_against() -> None:
    text = SECTIONS["limits"].write(Reader({}))
    assert "Article 5(1)(f)" in text
    assert "Not what a person feels" in text
