"""No checkpoint is chosen on a test split."""

from __future__ import annotations

from pathlib import Path

import pytest

from mien.errors import MienError
from mien.evaluate.checkpoints import best, refuse_choice, siblings
from mien.evaluate.evaluation import evaluate


def test_checkpoints_of_one_run_are_known(tmp_path: Path) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    a.mkdir()
    b.mkdir()
    files = [str(a / "best.safetensors"), str(a / "last.safetensors"), str(b / "best.safetensors")]
    assert siblings(files) == (files[0], files[1])
    assert siblings([str(a), files[1]]) == (str(a), files[1])
    assert siblings([files[0], files[2], "small", "small", "a.onnx", "b.onnx"]) is None


@pytest.mark.parametrize("split", [None, "PrivateTest", "test", "all"])
def test_a_test_split_is_refused_and_the_place_to_choose_is_named(faces, split: str | None) -> None:
    run = ["run/best.safetensors", "run/last.safetensors"]
    for models, choose in ((run, False), (["small", "nano"], True)):
        with pytest.raises(MienError) as error:
            refuse_choice(models, faces, split, choose)
        assert "choose on --split PublicTest, not on " in str(error.value)
        assert "PrivateTest once" in str(error.value)
        assert "\n" not in str(error.value)


@pytest.mark.parametrize("split", ["PublicTest", "validation", "Training"])
def test_other_splits_may_decide(faces, split: str) -> None:
    refuse_choice(["run/best.safetensors", "run/last.safetensors"], faces, split, True)


def test_different_models_may_be_compared_on_a_test_split(faces) -> None:
    refuse_choice(["a/best.safetensors", "b/best.safetensors", "small"], faces, "PrivateTest", False)


def test_without_a_validation_split_publictest_is_named(faces) -> None:
    tests = faces.in_split("PrivateTest")
    with pytest.raises(MienError, match="choose on --split PublicTest"):
        refuse_choice(["small"], tests, None, True)


def test_the_best_has_the_highest_top_1_and_of_equals_the_lower_nll(faces, bright) -> None:
    sure, unsure = (evaluate(bright(sure=sure), faces, "PublicTest") for sure in (4.0, 2.0))
    worse = evaluate(bright(), faces, "PrivateTest")
    assert best([worse, unsure, sure]) is sure
