from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mien.errors import MienError
from mien.labels import AFFECT, EMOTIONS, SEVEN
from mien.model_spec import Head, ModelSpec

EMOTION = Head("emotion", "emotion", EMOTIONS, "ferplus")
AFFECTS = Head("affect", "valence_arousal", AFFECT, "affectnet", activation="tanh")


def spec(**changes: Any) -> ModelSpec:
    return ModelSpec(
        **{"name": "m", "architecture": "small", "heads": (EMOTION,), "height": 48, "width": 48, **changes}
    )


def document(**changes: Any) -> str:
    return json.dumps({**json.loads(spec().to_json()), **changes})


def test_json_gives_the_same_spec_back() -> None:
    before = spec(
        heads=(EMOTION, AFFECTS),
        colour="rgb",
        mean=(0.5, 0.5, 0.5),
        std=(0.25, 0.25, 0.25),
        feature_map=(256, 6, 6),
        calibration={"emotion": {"temperature": 1.5}},
        training={"seed": 0},
    )
    assert ModelSpec.from_json(before.to_json()) == before
    assert ModelSpec.from_json(before.to_json(indent=None)) == before


def test_heads_stand_side_by_side() -> None:
    both = spec(heads=(EMOTION, AFFECTS))
    assert both.columns("emotion") == slice(0, 8)
    assert both.columns("affect") == slice(8, 10)
    assert both.head("affect") is AFFECTS
    assert both.emotion_head is EMOTION
    assert spec(heads=(AFFECTS,)).emotion_head is None
    for ask in (both.head, both.columns):
        with pytest.raises(MienError, match="model m has no head 'age': emotion, affect"):
            ask("age")


def test_channels_follow_the_colour() -> None:
    assert spec().channels == 1
    assert spec(colour="rgb", mean=(0.5,) * 3, std=(0.5,) * 3).channels == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", r"m\.json: not JSON at line 1"),
        ("[1]", r"m\.json: not a ModelSpec"),
        (document(format=99), "format 99 is newer than this mien; upgrade mien"),
        (document(flavour="mint"), "unknown field flavour"),
        ('{"name": "m", "architecture": "small"}', "lacks heads, height, width"),
        (document(heads=[{"name": "emotion"}]), "a head lacks name, kind, labels or trained_on"),
        (document(heads=[{"name": "age", "kind": "age", "labels": ["young"], "trained_on": "x"}]), "has kind 'age'"),
        (
            document(calibration={"emotion": {"temperature": 0}}),
            "calibration of 'emotion': temperature 0 is not above 0",
        ),
        (document(calibration={"emotion": {"temperature": "hot"}}), "temperature 'hot' is not above 0"),
        (document(calibration={"emotion": 1.5}), "no table of values"),
        (document(calibration={"emotion": {"scale": {"anger": 1}}}), "scale lacks a label"),
        (document(calibration={"emotion": {"bias": dict.fromkeys(EMOTIONS)}}), "bias holds what is no number"),
        (document(calibration={"emotion": {"prior": dict.fromkeys(EMOTIONS, -1)}}), "prior holds a share below 0"),
        (document(calibration={"emotion": {"target_prior": dict.fromkeys(EMOTIONS, 1)}}), "without a prior above 0"),
        (document(colour="sepia"), "colour 'sepia', expected one of grey, rgb"),
        (document(colour="rgb"), "mean and std need 3 values for rgb"),
    ],
)
def test_a_broken_document_is_told_in_one_line_with_its_source(text: str, message: str) -> None:
    with pytest.raises(MienError, match=message) as caught:
        ModelSpec.from_json(text, "m.json")
    assert str(caught.value).startswith("m.json")
    assert "\n" not in str(caught.value)


def test_from_file(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    with pytest.raises(MienError, match=r"model\.json: .*a run folder holds a model\.json"):
        ModelSpec.from_file(path)
    path.write_text(spec(heads=(Head("emotion", "emotion", SEVEN, "fer2013"),)).to_json(), encoding="utf-8")
    assert ModelSpec.from_file(path).heads[0].labels == SEVEN


def test_replace_leaves_the_original() -> None:
    before = spec()
    assert before.replace(name="other").name == "other"
    assert before.name == "m"
