"""`mien evaluate GENERATOR --judge MODEL` from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.runtime.generators import EMOTIONS, tiny_generator
from typer.testing import CliRunner

from mien.cli.app import app
from mien.errors import MienError
from mien.evaluate.edits import measure
from mien.labels import SEVEN
from mien.model_spec import Head


def run(*arguments: object):
    return CliRunner().invoke(app, ["evaluate", *map(str, arguments)])


@pytest.fixture
def generator(tmp_path: Path) -> Path:
    """A face asked for happiness gets lighter, for sadness darker, for surprise darker below."""
    return tiny_generator(tmp_path / "generator.onnx")


@pytest.fixture
def judge(tiny_model) -> Path:
    """Dark faces are sad, lighter ones neutral, then surprised, light ones happy."""
    labels = ("sadness", "neutral", "surprise", "happiness")
    return tiny_model("judge", heads=(Head("emotion", "emotion", labels, "fer2013"),))


@pytest.fixture(autouse=True)
def no_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "realism", lambda made, seed: None)


def test_json_is_one_document_and_nothing_else(generator: Path, judge: Path, data: str) -> None:
    result = run(generator, "--data", data, "--judge", judge, "--json")
    assert result.exit_code == 0, result.output
    scores = json.loads(result.stdout)
    assert scores["emotions"] == list(EMOTIONS)
    # of seven faces those of happiness, sadness, surprise and neutral
    assert (scores["n"], scores["split"], scores["dropped"]["not_in_generator"]) == (4, "PrivateTest", 3)
    assert scores["generator"] == str(generator)
    assert len(scores["generator_sha256"]) == 64
    assert scores["judge"] == scores["features"] == str(judge)
    assert scores["reached"]["n"] == 16
    assert scores["monotone"]["by_emotion"]["happiness"]["by_face"] > 0


def test_a_report_and_files(generator: Path, judge: Path, tiny_model, data: str, tmp_path: Path) -> None:
    features = tiny_model("features")
    result = run(
        generator, "--data", data, "--split", "PublicTest", "--judge", judge, "--features", features, "--faces", "3",
        "--out", tmp_path / "out",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    for word in ("PublicTest", "3 of 4 faces", "target reached", "identity", *EMOTIONS):
        assert word in result.stdout
    scores = json.loads((tmp_path / "out" / "scores.json").read_text())
    assert scores["features"] == str(features)
    assert (tmp_path / "out" / "edits.png").read_bytes().startswith(b"\x89PNG")


def test_a_run_is_exported_first(judge: Path, data: str, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from mien.lab.gan.generator import BUILDERS
    from mien.lab.train.checkpoint import save_weights
    from mien.model_spec import ModelSpec

    torch.manual_seed(0)
    options = {"conv_dim": 4, "blocks": 1, "emotions": list(EMOTIONS)}
    net = BUILDERS["ganmut_linear"](channels=1, **options)
    spec = ModelSpec("mine", "ganmut_linear", (), 48, 48, architecture_options=options)
    (tmp_path / "run").mkdir()
    spec = spec.replace(sha256=save_weights(net, spec, tmp_path / "run" / "best.safetensors"))
    (tmp_path / "run" / "model.json").write_text(spec.to_json())
    result = run(tmp_path / "run", "--data", data, "--judge", judge, "--faces", "all", "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["generator"] == str(tmp_path / "run")
    assert "add --judge" in str(run(tmp_path / "run" / "best.safetensors", "--data", data).exception)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ((), "add --judge MODEL"),
        (("--judge", "JUDGE", "--tta", "mirror"), "--tta does not go with a generator"),
        (("--judge", "JUDGE", "--report", "page"), "--report does not go with a generator"),
        (("--judge", "JUDGE", "--faces", "few"), "--faces few: give how many"),
        (("--judge", "JUDGE", "--faces", "0"), "--faces 0: give how many"),
        (("--judge", "JUDGE", "--split", "Nowhere"), "no split 'Nowhere'"),
        (("--judge", "GENERATOR"), "own run"),
        (("--judge", "SEVEN", "--labels", "ferplus"), "no ferplus labels"),
    ],
)
def test_what_does_not_go_is_one_line(
    options: tuple[str, ...], told: str, generator: Path, judge: Path, tiny_model, data: str
) -> None:
    seven = tiny_model("seven", heads=(Head("emotion", "emotion", SEVEN, "fer2013"),))
    places = {"JUDGE": str(judge), "GENERATOR": str(generator), "SEVEN": str(seven)}
    result = run(generator, "--data", data, *(places.get(o, o) for o in options))
    assert isinstance(result.exception, MienError)
    assert told in str(result.exception)


def test_a_generator_is_evaluated_alone_and_with_data(generator: Path, judge: Path, data: str) -> None:
    both = run(generator, judge, "--data", data, "--judge", judge)
    assert "a generator, which is evaluated alone" in str(both.exception)
    assert "add a data set" in str(run(generator, "--judge", judge).exception)


@pytest.mark.parametrize("option", ["--judge", "--features", "--faces"])
def test_options_of_edits_are_refused_for_classifiers(option: str, judge: Path, data: str) -> None:
    result = run(judge, "--data", data, option, "3")
    assert isinstance(result.exception, MienError)
    assert f"{option} is for a generator's edits; {judge} is no generator" in str(result.exception)
    missing = run("nosuch.onnx", "--data", data, option, "3")
    assert "nosuch.onnx: no such model file" in str(missing.exception)


def test_a_judge_that_lacks_an_emotion_is_told(generator: Path, tiny_model, data: str) -> None:
    judge = tiny_model("few", heads=(Head("emotion", "emotion", ("anger", "neutral"), "fer2013"),))
    result = run(generator, "--data", data, "--judge", judge)
    assert "as a judge it must tell happiness" in str(result.exception)
