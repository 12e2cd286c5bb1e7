"""A folder of results."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mien.errors import MienError, MissingExtraError
from mien.evaluate import results
from mien.evaluate.evaluation import evaluate
from mien.evaluate.results import save_results, short_name


def test_one_model(faces, bright, tmp_path: Path) -> None:
    scores = evaluate(bright(), faces)
    assert save_results([scores], tmp_path / "out") == []
    assert json.loads((tmp_path / "out" / "scores.json").read_text()) == scores.to_dict()
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"scores.json", "probabilities.npz", "confusion.png", "curves.png", "reliability.png"}


def test_models_of_one_name_are_numbered_and_a_missing_extra_is_told(
    faces, bright, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: object) -> None:
        raise MissingExtraError("drawing a figure", "plots", "matplotlib")

    monkeypatch.setattr(results, "write_confusion", missing)
    told = save_results([evaluate(bright(), faces)] * 2, tmp_path)
    assert len(told) == 1
    assert "mien[plots]" in told[0]
    assert (tmp_path / "bright-1-probabilities.npz").exists()
    assert (tmp_path / "bright-2-probabilities.npz").exists()
    assert len(json.loads((tmp_path / "scores.json").read_text())) == 2


@pytest.mark.parametrize(
    ("model", "name"),
    [("small", "small"), ("a/b.onnx", "b"), ("runs/x/best.safetensors", "x-best"), ("runs/x/", "x"), ("v1.5", "v1.5")],
)
def test_short_names(model: str, name: str) -> None:
    assert short_name(model) == name


def test_a_folder_that_cannot_be_made(faces, bright, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MienError, match="choose a folder"):
        save_results([evaluate(bright(), faces)], tmp_path / "file" / "out")
