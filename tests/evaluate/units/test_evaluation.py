"""The document of several heads."""

from __future__ import annotations

import json

from mien.evaluate.units.heads import evaluate_heads


def test_the_first_head_of_emotions_has_the_document_and_others_stand_beside(faces, knowing) -> None:
    found = evaluate_heads(knowing, faces, fit_on="validation")
    told = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert told["top1"] == found.emotions["emotion"].to_dict()["top1"]
    assert set(told["heads"]) == {"units", "strength", "affect"}
    assert (told["split"], told["n"], told["model"]) == ("Test", 60, "knowing")
    assert told["not_scored"] == {}
    assert told["left_out"] == {}
    assert "units: the set does not code AU25: not scored." in told["notes"]


def test_without_emotions_there_are_no_scores_of_them(faces, knowing) -> None:
    told = evaluate_heads(knowing, faces, heads=["affect"]).to_dict()
    assert "top1" not in told
    assert set(told) == {
        "model", "data", "data_sha256", "split", "n", "versions", "heads", "not_scored", "left_out", "notes",
    }  # fmt: skip
    assert told["n"] == told["heads"]["affect"]["n"]
    assert told["data_sha256"] == faces.digest()
