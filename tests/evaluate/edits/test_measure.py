"""All scores together."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from tests.evaluate.edits.toys import ToyEditor, ToyJudge, toy_faces

from mien.errors import MienError, MissingExtraError
from mien.evaluate.edits import measure as module
from mien.evaluate.edits.measure import measure
from mien.labels import SEVEN

KNOWN = {"data_sha256": "other", "train": "Training"}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Distances between sets are tested by themselves."""
    monkeypatch.setattr(module, "realism", lambda made, seed: None)


def test_a_perfect_generator_scores_high_and_json_holds_it(quick) -> None:
    scores = measure(ToyEditor(), toy_faces(140), ToyJudge(), n=60, ladder=10)
    told = json.loads(json.dumps(scores.to_dict()))
    assert told["reached"]["mean"] == 100
    assert told["monotone"]["mean"] == 1
    assert told["reconstruction"]["l1"] == 0
    assert told["identity"]["found"]["nearest"] == 100
    assert (told["n"], told["available"], told["monotone"]["faces"]) == (60, 70, 10)
    assert (told["split"], told["labels"], told["judge"], told["features"]) == ("Test", "fer2013", *["toy-judge"] * 2)
    assert told["emotions"] == list(SEVEN)
    assert told["data_sha256"] == toy_faces(140).digest()
    assert "made" not in told


def test_one_that_does_nothing_scores_the_class_frequency(quick) -> None:
    scores = measure(ToyEditor(skill=0), toy_faces(140), ToyJudge(), n=None, ladder=10)
    assert scores.reached["mean"] == pytest.approx(100 / 7)
    assert scores.monotone["mean"] == 0
    assert scores.left_alone["top1"] == 100


def test_notes_tell_what_numbers_do_not(quick) -> None:
    editor = ToyEditor(emotions=("anger", "fear", "neutral"))
    editor.spec = editor.spec.replace(training=KNOWN | {"judge": "toy-judge"})
    blank = toy_faces(140)
    notes = measure(editor, blank.replace(subject=np.full(140, "", "U1")), ToyJudge(training=KNOWN), ladder=5).notes
    told = "\n".join(notes)
    assert "also chose the generator's epoch" in told
    assert "tells expressions before it tells people" in told
    assert "not Inception's" in told
    assert "does not say who is who" in told
    assert "40 faces show an emotion that the generator does not know" in told


def test_other_features_are_named_and_a_judge_without_any_is_told(quick) -> None:
    class Mute(ToyJudge):
        embeddings = None  # type: ignore[assignment]

        def __getattribute__(self, name: str) -> object:
            if name == "embeddings":
                raise AttributeError(name)
            return super().__getattribute__(name)

    with pytest.raises(MienError, match="toy-judge: gives no features"):
        measure(ToyEditor(), toy_faces(140), Mute(), ladder=5)

    class People(ToyJudge):
        @property
        def spec(self):
            return replace(super().spec, heads=(), name="people")

    scores = measure(ToyEditor(), toy_faces(140), Mute(), features=People(), ladder=5)
    assert scores.features == "people"
    assert not any("tells expressions" in note for note in scores.notes)


def test_without_torch_fidelity_the_rest_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object) -> None:
        raise MissingExtraError("KID and FID", "train", "torch-fidelity")

    monkeypatch.setattr(module, "realism", missing)
    scores = measure(ToyEditor(), toy_faces(140), ToyJudge(), ladder=5)
    assert scores.realism is None
    assert any("no KID and FID" in note and "mien[train]" in note for note in scores.notes)
    assert scores.reached["mean"] == 100


def test_excluded_rows_are_not_edited(quick) -> None:
    excluded = np.zeros(140, bool)
    excluded[:40] = True
    scores = measure(ToyEditor(), toy_faces(140), ToyJudge(), excluded=excluded, ladder=5)
    assert (scores.n, scores.dropped["excluded"]) == (50, 20)
