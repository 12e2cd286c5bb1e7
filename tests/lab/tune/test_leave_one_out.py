from __future__ import annotations

from typing import Any

from mien.lab.tune.leave_one_out import leave_one_out
from mien.lab.tune.space import Space

SPACE = Space.of({"data.drop": [[], ["disgust"], ["fear"]], "seed": [0, 1]}, "here")


def row(drop: str, seed: int, **recalls: float) -> dict[str, Any]:
    kept = {f"val_recall_{name}": value for name, value in recalls.items()}
    return {"state": "complete", "params": {"data.drop": drop, "seed": seed}, "recalls": kept}


def test_recalls_of_the_rest_and_their_changes() -> None:
    table = leave_one_out(
        [
            row('["fear"]', 0, anger=60, disgust=30),
            row("[]", 0, anger=50, disgust=20, fear=40),
            row("[]", 1, anger=54, disgust=30, fear=40),
            row('["disgust"]', 0, anger=51, fear=45),
            {"state": "pruned", "params": {"data.drop": "[]"}, "recalls": {"val_recall_anger": 0}},
        ],
        SPACE,
    )
    assert [r["left_out"] for r in table] == ["nothing", "disgust", "fear"]
    nothing, disgust, fear = table
    assert (nothing["runs"], nothing["anger"], nothing["rest"]) == (2, 52.0, 39.0)
    assert "disgust" not in disgust
    assert (disgust["change_anger"], disgust["change_fear"]) == (-1.0, 5.0)
    assert (fear["rest"], fear["rest_before"], fear["change_disgust"]) == (45.0, 38.5, 5.0)


def test_nothing_to_say_without_such_a_sweep() -> None:
    assert leave_one_out([row("[]", 0, anger=1)], Space.of({"seed": [0, 1]}, "here")) == []
    (only,) = leave_one_out([row('["fear"]', 0, anger=1)], SPACE)
    assert not any(key.startswith("change_") for key in only)
