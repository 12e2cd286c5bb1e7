from __future__ import annotations

import json

import pytest
from PIL import Image

from mien.errors import MienError, MissingExtraError
from mien.evaluate.units import files
from mien.evaluate.units.files import save_heads
from mien.evaluate.units.heads import evaluate_heads


def test_scores_sheets_and_figures_are_written(faces, knowing, tmp_path) -> None:
    found = evaluate_heads(knowing, faces, fit_on="validation")
    assert save_heads(found, faces, tmp_path / "a" / "b", k=3) == []
    names = {path.name for path in (tmp_path / "a" / "b").iterdir()}
    for unit in ("AU01", "AU06", "AU12"):
        assert {f"{unit}-{sheet}.png" for sheet in ("wrong", "right", "uncertain")} <= names
    assert {"AU06-intensity-wrong.png", "valence-wrong.png", "arousal-right.png"} <= names
    assert {"units.png", "units-confusion.png", "strength.png", "affect.png", "scores.json", "faces.json"} <= names
    assert "AU25-wrong.png" not in names
    told = json.loads((tmp_path / "a" / "b" / "scores.json").read_text())
    assert told == json.loads(json.dumps(found.to_dict()))
    listed = json.loads((tmp_path / "a" / "b" / "faces.json").read_text())
    assert set(listed) == {n for n in names if n.endswith(("wrong.png", "right.png", "uncertain.png"))}
    for sheet in listed.values():
        for rows in sheet.values():
            assert 0 < len(rows) <= 3
            assert all(180 <= one["row"] < 240 for one in rows)
    missed = listed["AU01-wrong.png"]["shown, missed"][0]
    assert faces.targets["action_units"][missed["row"], 0] == missed["target"] == 1
    assert missed["said"] < found.heads["units"].thresholds["AU01"]
    assert Image.open(tmp_path / "a" / "b" / "AU01-uncertain.png").width >= 3 * files.SIDE


def test_two_heads_of_the_same_units_keep_their_sheets_apart(faces, knowing, tmp_path) -> None:
    from dataclasses import replace

    units = knowing.spec.head("units")
    twice = knowing.with_(heads=(replace(units, name="first"), replace(units, name="second")))
    save_heads(evaluate_heads(twice, faces), faces, tmp_path, k=2)
    assert (tmp_path / "AU06-right.png").is_file()
    assert (tmp_path / "second-AU06-right.png").is_file()


def test_without_matplotlib_the_rest_is_written(faces, knowing, tmp_path, monkeypatch) -> None:
    def missing(*_: object) -> None:
        raise MissingExtraError("a figure", "plots", "matplotlib")

    monkeypatch.setattr(files, "_figures", missing)
    found = evaluate_heads(knowing, faces, heads=["units", "affect"])
    assert save_heads(found, faces, tmp_path, k=2) == [
        "a figure needs matplotlib, which is not installed: pip install 'mien[plots]'"
    ]
    assert (tmp_path / "scores.json").is_file()
    assert (tmp_path / "valence-wrong.png").is_file()


def test_a_folder_that_cannot_be_written_is_told(faces, knowing, tmp_path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MienError, match=r"file.*scores\.json.*choose a folder"):
        save_heads(evaluate_heads(knowing, faces, heads=["affect"]), faces, tmp_path / "file")
