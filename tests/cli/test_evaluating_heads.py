"""`mien evaluate` of models that say more than emotions, from the command line."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from sklearn.metrics import f1_score
from tests.cli.heads_of_units import HEADS, write_model, write_set
from tests.datasets.unit_miniatures import bp4d, disfa
from typer.testing import CliRunner

from mien.cli import app as module
from mien.cli.app import app
from mien.datasets.load import load_dataset
from mien.datasets.units import occurrence
from mien.errors import MienError
from mien.evaluate.units.heads import evaluate_heads
from mien.lab.train.recipe import Data, HeadRecipe, Input, Model, Recipe, Train
from mien.lab.train.run import train
from mien.lab.train.splits import training_and_validation


@pytest.fixture
def data(tmp_path: Path) -> str:
    return str(write_set(tmp_path / "here"))


@pytest.fixture
def elsewhere(tmp_path: Path) -> str:
    """Faces whose brightness says less."""
    return str(write_set(tmp_path / "elsewhere", seed=3, noise=90))


@pytest.fixture
def model(tiny_model) -> str:
    return str(write_model(tiny_model))


def run(*arguments: object):
    return CliRunner().invoke(app, ["evaluate", *map(str, arguments)])


def document(*arguments: object) -> dict:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_every_head_is_scored_in_one_document(data: str, model: str) -> None:
    told = document(model, "--data", data, "--split", "test", "--fit-on", "validation")
    assert (told["split"], told["n"]) == ("Test", 20)
    assert set(told["heads"]) == {"units", "affect"}
    units = told["heads"]["units"]
    assert units["thresholds_from"] == "fitted on Validation"
    assert units["intervals_over"] == "4 people"
    found = evaluate_heads(model, data, fit_on="validation").heads["units"]
    faces = load_dataset(data)
    true = occurrence(faces.in_split("Test"), found.units)
    for u, unit in enumerate(found.units):
        assert units["units"][unit]["f1"] == pytest.approx(100 * f1_score(true[:, u], found.called[:, u]), abs=1e-3)
        assert units["units"][unit]["f1"] > 70
    assert told["labels"] == "emotion"
    assert 0 <= told["top1"] <= 100


def test_a_report_for_people_names_what_was_scored(data: str, model: str) -> None:
    result = run(model, "--data", data)
    assert result.exit_code == 0, result.output
    for word in ("AU06", "cheek raiser", "valence", "thresholds: 0.5", "--fit-on VALIDATION fits them"):
        assert word in result.stdout
    assert run(model, "--data", data, "--quiet").stdout == ""


def test_one_head_alone(data: str, model: str) -> None:
    told = document(model, "--data", data, "--head", "affect")
    assert set(told["heads"]) == {"affect"}
    assert "top1" not in told


def test_photographs_from_elsewhere_tell_the_drop(data: str, elsewhere: str, model: str, tmp_path: Path) -> None:
    arguments = (model, "--data", data, "--data", elsewhere, "--fit-on", "validation")
    told = document(*arguments)
    first, second = told["across"]
    assert second["heads"]["units"]["thresholds_from"].startswith("fitted on validation of ")
    for unit in ("AU06", "AU12"):
        one, other = first["heads"]["units"]["units"][unit], second["heads"]["units"]["units"][unit]
        assert one["threshold"] == other["threshold"]  # fitted here, and judged there
        fallen = told["drop"][0]["heads"]["units"]["units"][unit]["f1"]
        assert fallen == pytest.approx(one["f1"] - other["f1"], abs=0.01)
    assert told["drop"][0]["heads"]["units"]["mean"]["f1"] > 10
    ccc = first["heads"]["affect"]["mean_ccc"] - second["heads"]["affect"]["mean_ccc"]
    assert told["drop"][0]["heads"]["affect"]["mean"]["ccc"] == pytest.approx(ccc, abs=1e-4)
    assert "so that more than 0 is worse there" in run(*arguments).stdout
    kept_too = document(model, "--data", data, "--data", elsewhere, "--head", "affect", "--out", tmp_path / "out")
    assert {path.name[:2] for path in (tmp_path / "out").iterdir()} == {"1-", "2-", "sc"}
    kept = json.loads((tmp_path / "out" / "scores.json").read_text())
    assert kept == kept_too
    assert kept["drop"][0]["heads"]["affect"] == told["drop"][0]["heads"]["affect"]


def test_files_are_written_where_they_are_named(data: str, model: str, tmp_path: Path) -> None:
    result = run(model, "--data", data, "--quiet", "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"scores.json", "faces.json", "units.png", "units-confusion.png", "affect.png", "AU06-wrong.png"} <= names


def test_a_set_without_such_labels_is_scored_as_ever(tmp_path: Path, model: str, tiny_model) -> None:
    bare = str(write_set(tmp_path / "bare", columns="AU12 valence arousal"))
    only_other = write_model(tiny_model, (HEADS[0], HEADS[2]), "other")
    told = document(only_other, "--data", bare)
    assert told["labels"] == "emotion"
    assert "heads" not in told


def test_options_of_emotions_leave_other_heads_out_and_say_so(data: str, model: str, tmp_path: Path) -> None:
    result = run(model, "--data", data, "--save-probabilities", tmp_path / "p.npz")
    assert result.exit_code == 0, result.output
    assert "--save-probabilities is of emotions: units, affect not scored" in result.stderr
    assert (tmp_path / "p.npz").is_file()
    assert "AU06" not in result.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("{m}", "--data", "{d}", "--fit-on", "test"), "a test split fits nothing"),
        (("{m}", "--data", "{d}", "--split", "validation", "--fit-on", "validation"), "the same faces are judged"),
        (("{m}", "--data", "{d}", "--fit-on", "train"), "may have learnt Training"),
        (("{m}", "--data", "{d}", "--fit-on", "validation", "--fit-on", "b"), "name one validation split"),
        (("{m}", "--data", "{d}", "--head", "nosuch"), "no head 'nosuch'"),
        (("{m}", "{m}", "--data", "{d}", "--head", "units"), "--head units: is of one model"),
        (("nosuch.onnx", "--data", "{d}", "--head", "units"), "no such model file"),
        (("{m}", "--head", "units"), "no data to evaluate on"),
        (("{m}", "--data", "{d}", "--head", "units", "--report", "r"), "--report is of the first head of emotions"),
        (("{m}", "--data", "{d}", "--data", "{d}", "--exclude", "f.csv"), "--exclude does not go with several --data"),
        (("{m}", "--data", "{d}", "--groups", "group"), "names 0; draw faces"),
    ],
)
def test_what_does_not_go_is_one_line_and_exit_code_2(
    arguments, told, data: str, model: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [word.format(m=model, d=data) for word in arguments]
    monkeypatch.setattr(sys, "argv", ["mien", "evaluate", *words])
    with pytest.raises(SystemExit) as stopped:
        module.main()
    out, err = capsys.readouterr()
    assert stopped.value.code == 2
    assert told in err
    assert (out, err.strip().count("\n")) == ("", 0)


@pytest.mark.parametrize("name", ["disfa", "bp4d"])
def test_folds_of_people_from_the_set_to_the_scores(name: str, tmp_path: Path) -> None:
    """No person of the fold that is judged is learnt from, nor helps to choose epochs or thresholds."""
    people = [f"SN{i:03d}" for i in range(1, 9)] if name == "disfa" else [f"F{i:03d}" for i in range(1, 9)]
    root = disfa(tmp_path / "set", people, frames=6) if name == "disfa" else bp4d(tmp_path / "set", people, (1, 2))
    result = CliRunner().invoke(
        app, ["data", "split", str(root), "--folds", "4", "--by", "subject", "--out", str(tmp_path / "f.csv"), "-q"]
    )
    assert result.exit_code == 0, result.output
    folded = load_dataset(f"{tmp_path / 'f.csv'}")
    sides = [set(folded.subject[folded.split == f"fold{k}"]) for k in range(4)]
    assert sum(len(side) for side in sides) == len(set.union(*sides)) == 8

    heads = [HeadRecipe("units", kind="action_units"), HeadRecipe("strength", kind="intensity")]
    kept = folded.select(folded.split != "fold0")
    recipe = Recipe(
        name="t",
        data=Data(train="", validation="", holdout=0.34, holdout_by="subject"),
        heads=tuple(heads if name == "disfa" else heads[:1]),  # BP4D's miniature codes no intensity
        model=Model(options={"stem": 4, "widths": [8, 8], "depths": [1, 1]}),
        input=Input(16, 16),
        train=Train(epochs=1, batch=16),
    )
    learnt, chosen = training_and_validation(recipe, kept)
    assert not set(learnt.subject) & set(chosen.subject)
    assert not sides[0] & {*learnt.subject, *chosen.subject}
    train(recipe, kept, tmp_path / "run", quiet=True)
    told = document(tmp_path / "run", "--data", tmp_path / "f.csv", "--split", "fold0", "--fit-on", "fold1")
    units = told["heads"]["units"]
    assert (units["intervals_over"], units["thresholds_from"]) == ("2 people", "fitted on fold1")
    assert units["protocol"]["name"] == name
    assert ("strength" in told["heads"]) == (name == "disfa")
    assert not any("also stand in other splits" in note for note in told["notes"])


def test_a_saved_file_has_no_heads(tmp_path: Path) -> None:
    result = run(tmp_path / "p.npz", "--head", "units", "--data", "d")
    assert isinstance(result.exception, MienError)
    assert "--head is of a model with weights" in str(result.exception)
