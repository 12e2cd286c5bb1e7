"""The report: one file on its own, whose numbers are those of report.json, and which says what it lacks."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mien.errors import MienError
from mien.evaluate.report.document import scored
from mien.evaluate.report.pictures import data_uri, portraits
from mien.evaluate.report.reader import Reader, pointer
from mien.evaluate.report.section import SECTIONS
from mien.evaluate.report.writing import write_report


def at(document, place: str):
    """The value at a JSON Pointer."""
    for key in place.split("/")[1:]:
        key = key.replace("~1", "/").replace("~0", "~")
        document = document[int(key)] if isinstance(document, list) else document[key]
    return document


def test_all_sections_are_there_and_nothing_comes_from_elsewhere(material, page_of, tmp_path: Path) -> None:
    path = write_report(tmp_path / "made" / "here", **material.everything)
    html, page = path.read_text(encoding="utf-8"), page_of(path)
    assert [i for i in page.ids if i in SECTIONS] == list(SECTIONS)
    assert "left-out" not in page.ids
    assert len(page.ids) == len(set(page.ids))
    assert page.open == []
    assert {link.removeprefix("#") for link in page.links} == set(SECTIONS)
    assert "http://" not in html
    assert "https://" not in html
    assert "url(" not in html
    assert "<script" not in html
    assert page.resources
    assert all(one.startswith("data:image/") for one in page.resources)


def test_the_numbers_are_those_of_the_json(material, page_of, tmp_path: Path) -> None:
    path = write_report(tmp_path, **material.everything)
    document = json.loads((tmp_path / "report.json").read_text())
    numbers = page_of(path).numbers
    assert len(numbers) > 300
    for place, value in numbers:
        assert value == at(document, place), place
    places = {place for place, _ in numbers}
    for one in ("/evaluation/top1", "/evaluation/deduplicated/top1", "/evaluation/tta/top1",
                "/calibration/after/conformal/coverage", "/robustness/mean_top1", "/groups/attributes/0/groups/1/nll",
                "/comparison/pairs/0/p", "/ensembles/2/gain", "/ranking/macro_roc_auc"):  # fmt: skip
        assert one in places
    assert document["evaluation"] == json.loads(json.dumps(material.evaluation.to_dict()))
    assert document["left_out"] == {}
    assert document["galleries"]["overall"]["most_wrong"]


def test_what_is_missing_is_told_and_left_out(material, page_of, tmp_path: Path) -> None:
    path = write_report(tmp_path, evaluation=material.evaluation, reasons={"robustness": "too slow <here>."})
    page, document = page_of(path), json.loads((tmp_path / "report.json").read_text())
    gone = {"sets", "galleries", "heat-maps", "features", "robustness", "groups", "comparison"}
    assert set(document["left_out"]) == gone
    assert {i for i in page.ids if i in SECTIONS} == set(SECTIONS) - gone
    assert "left-out" in page.ids
    assert "Robustness : too slow <here>." in page.text
    assert "give --data" in document["left_out"]["galleries"]
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)
    assert "Only predictions are known here" in page.text


def test_names_from_outside_are_escaped(material, page_of, tmp_path: Path) -> None:
    html = write_report(tmp_path, **material.everything).read_text(encoding="utf-8")
    assert "b<right>" not in html
    assert "b&lt;right&gt;" in html
    assert "a&lt;b&gt;/c" in html
    assert "x &amp; y" in html


def test_it_reads_the_same_with_one_class_absent(material, page_of, tmp_path: Path) -> None:
    few = material.evaluation.predictions
    kept = few.targets != 3
    from mien.evaluate.scores import score

    arrays = ("rows", "targets", "probabilities", "averaged", "elsewhere", "logits", "votes")
    less = replace(few, **{name: getattr(few, name)[kept] for name in arrays})
    path = write_report(tmp_path, evaluation=score(less), faces=material.faces, predictor=material.predictor)
    assert "confusion" in page_of(path).ids
    assert json.loads((tmp_path / "report.json").read_text())["ranking"]["per_class"]["happiness"]["roc"] == []


def test_calibration_is_judged_before_and_after(material) -> None:
    found = scored(material.evaluation, material.faces, material.predictor)
    tables = found["reliability"]["tables"]
    assert list(tables) == ["before", "now"]
    assert sum(tables["now"]["n"]) == 15
    assert found["calibration"]["after"]["conformal"]["coverage"] >= found["calibration"]["after"]["top1"]
    assert found["calibration"]["before"]["nll"] != found["calibration"]["after"]["nll"]
    assert found["calibration"]["after"]["ece"] == pytest.approx(material.evaluation.ece, abs=1e-3)
    plain = scored(material.evaluation, None, None)
    assert list(plain["reliability"]["tables"]) == ["now"]


def test_curves_are_thinned_and_keep_their_ends(material) -> None:
    for one in scored(material.evaluation, None, None)["ranking"]["per_class"].values():
        assert one["roc"][0] == [0, 0]
        assert one["roc"][-1] == [1, 1]
        assert len(one["roc"]) <= 121
        assert one["precision_recall"][-1][0] == 1


def test_pictures_are_small_and_of_the_right_face(material) -> None:
    import base64

    import cv2

    found = portraits(material.faces, [47, 3, 3])
    assert list(found) == [3, 47]
    kind, data = found[47].split(",", 1)
    assert kind == "data:image/png;base64"
    picture = cv2.imdecode(np.frombuffer(base64.b64decode(data), np.uint8), cv2.IMREAD_UNCHANGED)
    assert (picture == material.faces.pixels[47]).all()
    large = np.random.default_rng(0).integers(0, 255, (2, 300, 400, 3), dtype=np.uint8)
    files = portraits(replace(material.faces.select(np.arange(2)), pixels=large), [1])
    assert files[1].startswith("data:image/jpeg")
    red = np.zeros((8, 8, 3), np.uint8)
    red[..., 0] = 255
    back = cv2.imdecode(np.frombuffer(base64.b64decode(data_uri(red).split(",")[1]), np.uint8), cv2.IMREAD_COLOR)
    assert (back == [0, 0, 255]).all()


def test_a_folder_that_cannot_be_written_is_told(material, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MienError, match="choose a folder"):
        write_report(tmp_path / "file", evaluation=material.evaluation)


def test_numbers_name_their_place() -> None:
    reader = Reader({"a": {"b/c": [1.5, None]}})
    assert reader.number("a", "b/c", 0, unit=" %") == '<data value="1.5" data-key="/a/b~1c/0">1.50 %</data>'
    assert "<data" not in reader.number("a", "b/c", 1)
    assert "<data" not in reader.number("a", "b/c", 7)
    assert reader.interval("a", "none") == ""
    assert pointer("x", 0) == "/x/0"
