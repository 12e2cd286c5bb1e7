"""benchmarks/zoo.py: rows within a time, gone on with after a kill, combined, and told in a table."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"

TINY = """
[data]
path = "synthetic:n=120,seed=0"
validation = "Validation"
[[heads]]
labels = "synthetic"
[model]
name = "small"
options = {{widths = [{width}, 8], depths = [1, 1], stem = 4, dropout = 0.0}}
[input]
height = 24
width = 24
[train]
epochs = 40
batch = 16
optimiser = "adamw"
lr = 1e-2
precision = "fp32"
warmup = 3
"""


AWAITED = ("fer2013/resnet50_vggface", "ckplus/resnet50_vggface")  # their network comes later


@pytest.fixture(autouse=True)
def benchmarks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))


@pytest.fixture
def recipes(tmp_path: Path) -> list[Path]:
    return write_recipes(tmp_path)


def write_recipes(folder: Path) -> list[Path]:
    out = []
    for name, width in (("thin", 8), ("wide", 12)):
        out.append(folder / f"{name}.toml")
        out[-1].write_text(TINY.format(width=width))
    return out


def zoo(*arguments: object, monkeypatch: pytest.MonkeyPatch) -> int:
    import zoo as script

    monkeypatch.setattr(sys, "argv", ["zoo.py", *map(str, arguments)])
    return script.main()


def result(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "result.json").read_text())


def test_a_schedule_fills_its_time_and_no_more() -> None:
    from zoo_budget import Cost, fit

    assert fit(100, Cost(0.1, 1.0), natural=10, most=20) == (20, 0)  # all of the recipe fits
    assert fit(100, Cost(0.1, 1.0), natural=30, most=100) == (25, 0)  # whole epochs
    for cost, natural in ((Cost(1.0, 2.0), 60), (Cost(0.5, 20.0), 500), (Cost(3.0, 0.0), 40), (Cost(0.01, 60), 9)):
        epochs, steps = fit(100, cost, natural, most=100)
        used = epochs * (cost.epoch + (steps or natural) * cost.step)
        assert 75 < used <= 100, (epochs, steps, used)
        assert steps <= natural or epochs == 1
    assert fit(1, Cost(5.0, 5.0), natural=10, most=9) == (1, 1)  # too little for anything: the least there is


def test_a_step_is_timed_by_training(recipes: list[Path]) -> None:
    from zoo_budget import measure
    from zoo_row import Plan, prepared

    from mien.lab.train.recipe_file import read_recipe

    cost = measure(read_recipe(recipes[0]), prepared(recipes[0], Plan())[1], "cpu", seconds=0.01)
    assert 0 < cost.step < 5
    assert 0 < cost.epoch < 20


@dataclass
class Trained:
    """Two rows of a table that was killed in the first and started again, with a recipe that is not there."""

    out: Path
    recipes: list[Path]
    asked: tuple[Any, ...]
    plan: str  # plan.json of the first row after the kill
    resumed: list[bool]  # of each training since


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trained]:
    folder = tmp_path_factory.mktemp("zoo")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        patch.setenv("MIEN_CACHE", str(folder / "cache"))
        import zoo_row
        from zoo_budget import Cost

        patch.setattr("mien.plots.curves.plot_curves", lambda *_, **__: None)
        patch.setattr("zoo_budget.measure", lambda *_: Cost(0.01, 0.05))  # a busy machine must not decide
        train = zoo_row.train

        def killed(*arguments: Any, on_epoch: Any, **settings: Any) -> Any:
            def stop(row: dict[str, Any]) -> None:
                on_epoch(row)
                raise KeyboardInterrupt

            return train(*arguments, on_epoch=stop, **settings)

        out = folder / "out"
        asked = ("--minutes", 0.01, "--rows", 60, "--validation-rows", 8, "--side", 16, "--out", out, "--no-record")
        made = Trained(out, write_recipes(folder), asked, "", [])
        patch.setattr(zoo_row, "train", killed)
        with pytest.raises(KeyboardInterrupt):
            zoo(made.recipes[0], *asked, monkeypatch=patch)
        made.plan = (out / "thin" / "plan.json").read_text()
        assert not (out / "thin" / "result.json").exists()

        def counted(*arguments: Any, **settings: Any) -> Any:
            made.resumed.append(settings["resume"])
            return train(*arguments, **settings)

        patch.setattr(zoo_row, "train", counted)
        zoo(*made.recipes, folder / "gone.toml", *asked, monkeypatch=patch)
        yield made


def test_a_killed_row_goes_on_as_it_was_planned(trained: Trained) -> None:
    assert trained.resumed[:2] == [True, False]
    assert (trained.out / "thin" / "plan.json").read_text() == trained.plan
    assert json.loads(trained.plan)["overrides"][-3:] == ["train.epochs=8", "train.steps=2", "train.warmup=0.8"]
    thin = result(trained.out / "thin")
    assert (thin["epochs"], thin["steps"]) == (8, 2)


def test_a_row_tells_what_it_was_asked_and_what_came_out(trained: Trained) -> None:
    gone = result(trained.out / "gone")
    assert gone["status"] == "not run"
    assert "gone.toml" in gone["reason"]
    for name in ("thin", "wide"):
        row = result(trained.out / name)
        assert (row["recipe"], row["n"], row["side"], row["validation_faces"]) == (name, 12, [16, 16], 8)
        assert 50 <= row["training_faces"] <= 66
        assert 0 < row["minutes"] < 1
        assert any(line.startswith("data.fraction=") for line in row["overrides"])
        with np.load(trained.out / name / "test.npz") as saved:
            hits = saved["probabilities"].argmax(axis=1) == saved["targets"]
        assert row["top1"] == pytest.approx(100 * hits.mean(), abs=1e-3)


def test_a_finished_row_is_kept_and_never_mixed_with_another(trained: Trained, monkeypatch: pytest.MonkeyPatch) -> None:
    import zoo as script

    zoo(*trained.recipes, *trained.asked, monkeypatch=monkeypatch)
    assert len(trained.resumed) == 2
    with pytest.raises(script.MienError, match="made with side 16, not 20"):
        zoo(trained.recipes[0], *trained.asked[:7], 20, *trained.asked[8:], monkeypatch=monkeypatch)


def test_ensembles_and_the_table(trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import record
    import zoo as script
    import zoo_tables

    both = tmp_path / "both.toml"
    both.write_text('combine = "mean"\nmembers = ["runs/zoo/thin/test.npz", "runs/zoo/wide/test.npz"]\n')
    zoo(both, *trained.asked, monkeypatch=monkeypatch)
    alone = [result(trained.out / name)["top1"] for name in ("thin", "wide")]
    assert [one["top1"] for one in result(trained.out / "both")["members"]] == alone

    monkeypatch.setattr(record, "RESULTS", tmp_path)
    monkeypatch.setattr(zoo_tables, "RESULTS", tmp_path)
    rows = [
        {"row": "Thin", "recipe": "thin", "published": "99.90", "source": "a dream"},
        {"row": "Both", "recipe": "both"},
        {"row": "Gone", "recipe": "gone"},
        {"row": "Else", "recipe": "", "why": "no such network here"},
    ]
    facts = {"source": "nobody", "protocol": "none", "rows": rows}
    monkeypatch.setitem(zoo_tables.PUBLISHED["tables"], "mine", facts)
    filled: list[str] = []
    monkeypatch.setattr("readme_tables.fill", filled.append)
    script.publish(trained.out)
    script.publish(trained.out)  # the same rows again are no new ones
    assert filled == ["docs/zoo.md"] * 2
    lines = zoo_tables.zoo("mine").splitlines()
    assert lines[2].startswith(f"| Thin | `thin` | 99.90 (a dream) | {alone[0]:.2f} % [a] | 12 |")
    assert lines[3].startswith("| Both | `both` | none | ")
    assert "| not run: " in lines[4]
    assert "not run: no such network here" in lines[5]
    assert lines[6] == ""
    assert any("Not the published protocol: 0.01 minutes of training" in line for line in lines)


def test_a_row_is_worked_on_by_one_process_alone(tmp_path: Path) -> None:
    from zoo_row import claimed

    with claimed(tmp_path / "row") as first, claimed(tmp_path / "row") as second, claimed(tmp_path / "other") as third:
        assert (first, second, third) == (True, False, True)
    with claimed(tmp_path / "row") as again:
        assert again


def test_published_rows_are_named_once_and_their_tables_stand_in_the_page() -> None:
    import zoo_tables

    page = (BENCHMARKS.parent / "docs" / "zoo.md").read_text()
    for name, facts in zoo_tables.PUBLISHED["tables"].items():
        assert f"<!-- {name}:begin -->" in page
        rows = [row["row"] for row in facts["rows"]]
        assert len(set(rows)) == len(rows)
        for row in facts["rows"]:
            assert bool(row["recipe"]) != bool(row.get("why"))
            assert ("published" in row) == ("source" in row)
            there = not row["recipe"] or (BENCHMARKS.parent / "recipes" / f"{row['recipe']}.toml").is_file()
            assert there or row["recipe"] in AWAITED, row["recipe"]


def test_weights_none_is_overridden_where_a_recipe_has_some(tmp_path: Path) -> None:
    from zoo_row import Plan, prepared

    path = tmp_path / "r.toml"
    path.write_text(TINY.format(width=8).replace('name = "small"', 'name = "small"\nweights = "imagenet"'))
    overrides, faces = prepared(path, Plan(weights="none", side=12, sets=("train.lr=0.1",)))
    assert overrides == ["input.height=12", "input.width=12", 'model.weights=""', "train.lr=0.1"]
    assert len(faces) == 120
    assert prepared(path, Plan())[0] == []


def jaffe(n: int = 60) -> Any:
    """Drawn faces of ten people, cut as JAFFE is."""
    from mien.datasets.synthetic import synthetic

    faces = synthetic(n, 0, size=24)
    people = np.array([f"P{i % 10}" for i in range(n)])
    targets = {"jaffe": faces.targets["synthetic"]}
    return faces.replace(name="jaffe", targets=targets, subject=people, split=np.full(n, ""))


def test_the_folds_of_a_protocol_are_pooled_into_one_test(
    recipes: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import zoo_row

    from mien.datasets.protocols import find
    from mien.lab.train.recipe_file import read_recipe

    path = recipes[0]
    path.write_text(path.read_text().replace("[data]", '[data]\nprotocol = "loso"').replace('"synthetic"', '"jaffe"'))
    assert zoo_row._folds(read_recipe(path)) == list(range(10))
    assert zoo_row._folds(read_recipe(path, ["data.protocol=jaffe-random", "data.fold=3"])) == [3]
    assert find("loso").parts

    faces = jaffe()
    monkeypatch.setattr(zoo_row, "_loaded", lambda *_: faces)
    monkeypatch.setattr(zoo_row, "_folds", lambda _: [0, 9])  # two of the ten
    monkeypatch.setattr("mien.plots.curves.plot_curves", lambda *_, **__: None)
    row = zoo_row.run_row(path, zoo_row.Plan(out=tmp_path / "zoo", sets=("train.epochs=1",)))
    assert row["status"] == "done", row
    assert (row["n"], row["split"], row["folds"], row["epochs"]) == (12, "Test", 2, 1)
    assert row["protocol"]["name"] == "loso"
    with np.load(tmp_path / "zoo" / "thin" / "test.npz") as saved:
        people = faces.subject[saved["rows"]]
    assert sorted(people) == ["P0"] * 6 + ["P9"] * 6
