"""Who may judge edits, and what it says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.evaluate.edits.toys import ToyEditor, ToyJudge, spot

from mien.errors import MienError
from mien.evaluate.edits.judge import Judge, doubts, fitted, refuse_own
from mien.labels import EMOTIONS, SEVEN
from mien.model_spec import Head, ModelSpec


def test_contempt_is_normalised_away_and_columns_follow_the_generator() -> None:
    turned = ("neutral", *SEVEN[:-1])
    faces = np.zeros((2, 12, 12, 1), np.uint8)
    faces[0, :6, :, 0] = spot(SEVEN.index("fear"))
    faces[1, :6, EMOTIONS.index("contempt"), 0] = 255
    found = Judge("judge", ToyJudge(EMOTIONS), turned).probabilities(faces)
    assert np.allclose(found.sum(axis=1), 1)
    assert turned[found[0].argmax()] == "fear"
    assert turned[found[1].argmax()] == "neutral"  # what is likeliest when contempt cannot be said


def test_a_judge_must_tell_every_emotion_of_the_generator() -> None:
    with pytest.raises(MienError, match="j: as a judge it must tell fear from all others"):
        Judge("j", ToyJudge(("anger", "neutral")), ("anger", "fear", "neutral"))
    with pytest.raises(MienError, match="no emotion head"):
        Judge("j", ToyJudge(("AU01", "AU02"), kind="action_units"), SEVEN)

    class Merged(ToyJudge):
        @property
        def spec(self) -> ModelSpec:
            head = Head("e", "classes", ("bad", "neutral"), "x", members=(("anger", "fear"), ("neutral",)))
            return replace(super().spec, heads=(head,))

    with pytest.raises(MienError, match="tell anger"):
        Judge("j", Merged(), ("anger", "neutral"))


def test_faces_are_brought_to_the_judges_size_and_colour() -> None:
    spec = replace(ToyJudge().spec, height=20, width=20, colour="rgb", mean=(0.5,) * 3, std=(0.5,) * 3)
    assert fitted(np.zeros((3, 12, 12, 1), np.uint8), spec).shape == (3, 20, 20, 3)
    assert fitted(np.zeros((3, 12, 12, 3), np.uint8), replace(spec, colour="grey")).shape == (3, 20, 20, 1)


def test_a_judge_from_the_generators_own_run_is_refused(tmp_path: Path) -> None:
    run = tmp_path / "run"
    (run / "resume").mkdir(parents=True)
    for name in ("recipe.toml", "best.safetensors", "resume/critic.safetensors"):
        (run / name).write_text("")
    for generator in (run, run / "best.safetensors"):
        with pytest.raises(MienError, match="own run"):
            refuse_own(str(run / "resume" / "critic.safetensors"), str(generator))
    with pytest.raises(MienError, match="own run"):
        refuse_own(str(run / "best.safetensors"), str(run / "best.safetensors"))
    other = tmp_path / "judge.onnx"
    other.write_text("")
    refuse_own(str(other), str(run))
    refuse_own("small", str(run))
    # models that merely lie side by side are no run
    beside = tmp_path / "g.onnx"
    beside.write_text("")
    refuse_own(str(other), str(beside))


def test_doubts_are_told() -> None:
    facts = {
        "method": "ganmut",
        "data_sha256": "d",
        "train": "Training",
        "validation": "PublicTest",
        "judge": "small",
        "data": "faces",
    }
    generator = ToyEditor().spec.replace(training=facts)
    judge = ToyJudge(name="small-1", training={"data_sha256": "d", "train": "Training"}).spec

    def told(judge_name: str, split: str, data: str = "d") -> str:
        return "\n".join(doubts(generator, judge_name, judge, data, split))

    assert told("other", "PrivateTest") == ""
    assert "small also chose the generator's epoch" in told("small", "PrivateTest")
    both = told("other", "Training")
    assert "the generator learned from Training" in both
    assert "the judge other learned from Training" in both
    assert "epoch was chosen on PublicTest" in told("other", "PublicTest")
    assert told("other", "Training", "another data set") == ""
    also = "\n".join(
        doubts(generator, "other", judge, "another file", "Training", data=str(generator.training["data"]))
    )
    assert "the generator learned from, or was chosen on, Training of a" in also
    unknown = list(doubts(ToyEditor().spec, "j", judge, "d", "Test"))
    assert len(unknown) == 1
    assert "generator does not say what it learned from" in unknown[0]


def test_a_judge_that_learned_from_the_generators_pictures_is_told() -> None:
    generator = ToyEditor().spec.replace(name="g", training={"data_sha256": "x"})
    spec = ModelSpec(
        "j", "small", (), 48, 48, training={"data_sha256": "x", "more": {"generator": {"name": "g", "sha256": "ab"}}}
    )

    def told(sha256: str) -> list[str]:
        return list(doubts(generator, "j", spec, "d", "Test", generator_sha256=sha256))

    assert told("ab") == ["j learned from pictures of this very generator (data.more): it is no independent witness."]
    assert told("cd") == ["j learned from pictures of a generator called g too (data.more)."]


def test_the_choosing_judge_is_known_by_its_file_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "j.onnx").write_text("")
    monkeypatch.chdir(tmp_path)
    generator = ToyEditor().spec.replace(training={"method": "ganmut", "judge": str(tmp_path / "j.onnx")})
    judge = ToyJudge(training={"data_sha256": "x"}).spec
    assert any("also chose" in line for line in doubts(generator, "j.onnx", judge, "d", "Test"))
