"""Scores in a terminal."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from tests.evaluate.edits.toys import ToyEditor, ToyJudge, toy_faces

from mien.evaluate.edits import measure as module
from mien.evaluate.edits.measure import measure
from mien.evaluate.edits.summary import print_edits
from mien.labels import SEVEN

SIDES = ("edits", "reconstructions", "real")


def sides(*means: float) -> dict[str, object]:
    return {side: {"mean": mean, "range95": [0.0, 1.0]} for side, mean in zip(SIDES, means, strict=True)}


REALISM = {"n": 35, "features": 72, "halvings": 10, "kid": sides(0.123, 0.045, 0.001), "fid": sides(12.3, 4.5, 0.67)}


@pytest.mark.parametrize("realism", [None, REALISM])
def test_every_score_has_its_line(realism, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "realism", lambda made, seed: realism)
    scores = measure(ToyEditor(skill=0.5), toy_faces(140), ToyJudge(), n=60, ladder=5, judge_name="judge.onnx")
    out = io.StringIO()
    print_edits(Console(file=out, width=200), scores)
    text = out.getvalue()
    for name in (*SEVEN, "60 of 70 faces", "judged by judge.onnx", "target reached", "from others", "monotone",
                 "identity", "reconstruction", "does nothing: 14.3 %", "note:"):  # fmt: skip
        assert name in text
    assert f"{scores.reached['mean']:.1f} %" in text
    assert ("0.123" in text and "0.67" in text) == (realism is not None)
