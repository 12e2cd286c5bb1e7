from __future__ import annotations

import pytest
from pydantic import ValidationError

from mien.web.schema import Analysis, Face, Problem

FACE = {
    "box": [1, 2, 3, 4], "score": 0.9, "emotion": {"anger": 0.5, "contempt": None}, "top": "anger", "confidence": 0.5,
    "abstain": False, "set": ["anger"], "valence": None, "arousal": None, "action_units": {},
}  # fmt: skip


def test_an_emotion_that_a_model_has_not_is_null_and_heat_is_on_demand() -> None:
    face = Face.model_validate(FACE)
    assert face.emotion["contempt"] is None
    assert face.heat is None
    whole = Analysis(model="small", labels="ferplus", width=9, height=9, faces=[face], ms=1.5)
    assert whole.model_dump()["faces"][0]["set"] == ["anger"]


@pytest.mark.parametrize("gone", ["box", "emotion", "abstain", "action_units"])
def test_nothing_that_clients_rely_on_may_be_left_out(gone: str) -> None:
    with pytest.raises(ValidationError, match=gone):
        Face.model_validate({key: value for key, value in FACE.items() if key != gone})


def test_an_error_is_one_line_with_a_description() -> None:
    assert "remedy" in Problem.model_json_schema()["properties"]["error"]["description"]
