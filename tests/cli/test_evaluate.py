"""`mien evaluate` from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mien.cli.app import app
from mien.errors import MienError
from mien.labels import SEVEN
from mien.model_spec import Head


def run(*arguments: object):
    return CliRunner().invoke(app, ["evaluate", *map(str, arguments)])


def test_json_is_one_document_and_nothing_else(data: str, model: str) -> None:
    result = run(model, "--data", data, "--split", "PrivateTest", "--json")
    assert result.exit_code == 0, result.output
    scores = json.loads(result.stdout)
    assert (scores["n"], scores["top1"], scores["split"], scores["labels"]) == (7, 100.0, "PrivateTest", "fer2013")
    assert scores["deduplicated"]["n"] == 7


def test_a_report_with_every_class(data: str, model: str) -> None:
    result = run(model, "--data", data, "--tta", "mirror")
    assert result.exit_code == 0, result.output
    for word in ("PrivateTest", "100.00 %", "with mirror", *SEVEN):
        assert word in result.stdout


def test_files_are_written_where_they_are_named(data: str, model: str, tmp_path: Path) -> None:
    result = run(
        model, "--data", data, "--quiet", "--confusion", tmp_path / "c.png",
        "--save-probabilities", tmp_path / "p.npz", "--out", tmp_path / "out",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    assert (tmp_path / "c.png").read_bytes().startswith(b"\x89PNG")
    assert {p.name for p in (tmp_path / "out").iterdir()} == {
        "scores.json",
        "probabilities.npz",
        "confusion.png",
        "curves.png",
        "reliability.png",
    }
    again = run(tmp_path / "p.npz", "--json")
    assert json.loads(again.stdout) == json.loads((tmp_path / "out" / "scores.json").read_text())


def test_several_models_give_a_line_and_a_record_each(data: str, model: str, tiny_model) -> None:
    other = tiny_model("other", heads=(Head("emotion", "emotion", SEVEN[::-1], "fer2013"),))
    result = run(model, other, "--data", data)
    table = result.stdout.splitlines()
    assert "PrivateTest" in table[0]
    assert sum("100.00" in line for line in table[:4]) == 1
    assert sum("14.29" in line for line in table[:4]) == 1
    assert "McNemar" in result.stdout
    found = json.loads(run(model, other, "--data", data, "--json").stdout)
    assert [record["top1"] for record in found["models"]] == [100.0, pytest.approx(100 / 7, abs=1e-3)]
    assert "chosen" not in found
    assert found["comparison"]["pairs"][0]["only_first"] == 6
    assert [row["rule"] for row in found["ensembles"]] == ["single", "single", "mean", "max", "vote"]
    assert all(row["ms"] > 0 for row in found["ensembles"])


def test_choose_names_the_best_on_a_validation_split(data: str, model: str, tiny_model) -> None:
    other = tiny_model("other", heads=(Head("emotion", "emotion", SEVEN[::-1], "fer2013"),))
    arguments = (other, model, "--data", data, "--split", "PublicTest", "--choose")
    assert f"chosen on PublicTest: {model} (top-1 100.00 %)" in run(*arguments).stdout.replace("\n", "")
    assert json.loads(run(*arguments, "--json").stdout)["chosen"] == model


def test_ensembles_are_fitted_on_validation_and_kept(data: str, model: str, tiny_model, tmp_path: Path) -> None:
    other = tiny_model("other", heads=(Head("emotion", "emotion", SEVEN[::-1], "fer2013"),))
    kept = tmp_path / "greedy.toml"
    arguments = (model, other, "--data", data, "--fit-on", "publictest", "--json")
    found = json.loads(run(*arguments, "--write-ensemble", kept, "--rule", "greedy", "--out", tmp_path / "out").stdout)
    rows = {row["rule"]: row for row in found["ensembles"]}
    assert {"weighted", "greedy", "stacking"} < set(rows)
    assert rows["greedy"]["top1"] == 100
    assert rows["greedy"]["reference"] == model
    assert json.loads(run(kept, "--data", data, "--json").stdout)["top1"] == 100
    assert json.loads((tmp_path / "out" / "comparison.json").read_text())["comparison"]["n"] == 7
    assert (tmp_path / "out" / "agreement.png").is_file()


def test_saved_predictions_are_compared_and_fitted_without_the_data(data, model, tiny_model, tmp_path: Path) -> None:
    other = tiny_model("other", heads=(Head("emotion", "emotion", SEVEN[::-1], "fer2013"),))
    files = {}
    for split in ("PublicTest", "PrivateTest"):
        for name, one in (("a", model), ("b", other)):
            files[split, name] = tmp_path / f"{name}-{split}.npz"
            run(one, "--data", data, "--split", split, "--quiet", "--save-probabilities", files[split, name])
    test = [files["PrivateTest", name] for name in "ab"]
    fit = [word for name in "ab" for word in ("--fit-on", files["PublicTest", name])]
    found = json.loads(run(*test, *fit, "--json").stdout)
    assert {row["rule"]: row["top1"] for row in found["ensembles"]}["stacking"] == 100
    assert [row["ms"] for row in found["ensembles"]] == [None] * len(found["ensembles"])


def test_models_judged_by_different_labels_are_shown_but_not_compared(data: str, tiny_model) -> None:
    seven = tiny_model(heads=(Head("emotion", "emotion", SEVEN, "fer2013"),))
    merged = tiny_model("m", heads=(Head("e", "emotion", SEVEN[:5], "fer2013"),))
    found = json.loads(run(seven, merged, "--data", data, "--json").stdout)
    assert found["comparison"]["n"] == 5
    assert found["ensembles"] == []
    assert "Not combined" in found["notes"][0]


def test_one_model_across_data_sets(data: str, model: str, tmp_path: Path) -> None:
    found = json.loads(run(model, "--data", data, "--data", "synthetic:n=40", "--labels", "synthetic", "--json").stdout)
    assert [row["data"] for row in found["across"]] == ["fer2013", "synthetic"]
    assert found["across"][0]["top1"] == 100
    merged = json.loads(run(model, "--data", data, "--map", "disgust=anger", "--json").stdout)["across"][0]
    assert "disgust" not in merged["classes"]
    assert merged["n"] == 7


@pytest.mark.parametrize("split", [[], ["--split", "PrivateTest"], ["--split", "test"], ["--split", "all"]])
def test_no_checkpoint_is_chosen_on_a_test_split(data: str, split: list[str], tmp_path: Path) -> None:
    run_files = [tmp_path / "run" / name for name in ("best.safetensors", "last.safetensors")]
    for arguments in (run_files, ["small", "--choose"]):
        result = run(*arguments, "--data", data, *split)
        assert isinstance(result.exception, MienError)
        assert "choose on --split PublicTest" in str(result.exception)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["{model}"], "no data to evaluate on"),
        (["{model}", "--data", "gone.csv"], "gone.csv"),
        (["{model}", "--data", "{data}", "--split", "Fold1"], "no split 'Fold1'"),
        (["{model}", "--data", "{data}", "--labels", "ferplus"], "--ferplus"),
        (["{model}", "--data", "{data}", "--tta", "ten"], "unknown test-time averaging"),
        (["{model}", "--data", "{data}", "--exclude", "gone.csv"], "check --exclude"),
        (["{model}", "--data", "{data}", "--confusion", "c.gif"], "unknown kind of figure"),
        (["{model}", "--data", "{data}", "--save-probabilities", "p.csv"], "end in .npz"),
        (["{model}", "{model}", "--data", "{data}", "--confusion", "c.png"], "use --out DIR"),
        (["no-such-model", "--data", "{data}"], "no-such-model"),
        (["gone.npz"], "gone.npz: no such file"),
        (["{model}", "--data", "{data}", "--fit-on", "PublicTest"], "for several models"),
        (["{model}", "{model}", "--data", "{data}", "--fit-on", "PrivateTest"], "a test split fits nothing"),
        (["{model}", "{model}", "--data", "{data}", "--write-ensemble", "e.json"], "ends in .toml"),
        (["{model}", "--data", "{data}", "--data", "{data}", "--tta", "mirror"], "--tta does not go with"),
        (["{model}", "{model}", "--data", "{data}", "--data", "{data}"], "take one MODEL"),
        (["{model}", "--data", "{data}", "--map", "contempt"], "write OLD=NEW"),
        (["{model}", "--data", "{data}", "--groups", "g.csv"], "add --report DIR"),
        (["{model}", "--data", "{data}", "--report", "r", "--robustness", "many"], "give a number of faces"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(arguments: list[str], told: str, data: str, model: str) -> None:
    result = run(*(argument.format(data=data, model=model) for argument in arguments))
    assert isinstance(result.exception, MienError), result.output
    assert told in str(result.exception)
    assert "\n" not in str(result.exception)
    assert result.stdout == ""


def test_no_model_is_bad_usage() -> None:
    assert run().exit_code == 2
