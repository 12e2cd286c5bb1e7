"""A folder of scores and pictures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.evaluate.edits.toys import ToyEditor, ToyJudge, toy_faces

from mien.errors import MienError, MissingExtraError
from mien.evaluate.edits import measure as module
from mien.evaluate.edits import results
from mien.evaluate.edits.measure import measure
from mien.evaluate.edits.results import save_edits


@pytest.fixture
def scores(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "realism", lambda made, seed: None)
    return measure(ToyEditor(), toy_faces(140), ToyJudge(), ladder=5)


def test_everything_is_written(scores, tmp_path: Path) -> None:
    assert save_edits(scores, tmp_path / "out") == []
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"scores.json", "edits.png", "intensity.png", "reached.png", "judged.png"}
    assert json.loads((tmp_path / "out" / "scores.json").read_text()) == scores.to_dict()


def test_without_matplotlib_the_numbers_stay(scores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object) -> None:
        raise MissingExtraError("drawing a figure", "plots", "matplotlib")

    monkeypatch.setattr(results, "_draw", missing)
    (told,) = save_edits(scores, tmp_path)
    assert "mien[plots]" in told
    assert (tmp_path / "scores.json").exists()


def test_a_folder_that_cannot_be_made(scores, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MienError, match="choose a folder"):
        save_edits(scores, tmp_path / "file" / "out")
