"""What a person reads."""

from __future__ import annotations

import numpy as np
from rich.console import Console

from mien.evaluate.evaluation import evaluate
from mien.evaluate.summary import print_comparison, print_summary


def printed(function, *arguments) -> str:
    console = Console(record=True, width=160, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    function(console, *arguments)
    return console.export_text()


def test_one_model(faces, bright) -> None:
    text = printed(print_summary, evaluate(bright(), faces, labels="ferplus", tta="mirror"))
    for part in (
        "bright on fer2013, PrivateTest, labels ferplus (trained on fer2013): 13 faces",
        "84.62 %", "95 % interval", "with mirror", "without 3 whose picture", "2 nearly so", "happiness",
        "note:", "1 row of the split without such a label",
    ):  # fmt: skip
        assert part in text


def test_classes_without_rows_and_sets_of_one_split(faces, bright) -> None:
    alone = faces.select(np.flatnonzero((faces.hard("fer2013") == 0) & (faces.split == "PrivateTest")))
    text = printed(print_summary, evaluate(bright(), alone))
    assert "deduplicated score" in text  # why there is none
    assert "nan" not in text


def test_several_models(faces, bright, eight) -> None:
    two = [evaluate(bright(), faces), evaluate(bright(eight, "ferplus"), faces, tta="mirror")]
    text = printed(print_comparison, two)
    assert text.count("bright") == 2
    assert "not all were judged on the same rows" in text
    assert "note" not in printed(print_comparison, two[:1] * 2)
