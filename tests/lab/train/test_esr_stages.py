from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from tests.lab.train.test_esr import NARROW, faces, recipe

torch = pytest.importorskip("torch")

from safetensors.torch import load_file  # noqa: E402

from mien.errors import MienError  # noqa: E402
from mien.lab.predict import load_net  # noqa: E402
from mien.lab.train.esr_stages import branches_of, is_done, read_log  # noqa: E402
from mien.lab.train.recipe import Esr, Model, Recipe  # noqa: E402
from mien.lab.train.run import Trained, train  # noqa: E402
from mien.lab.train.run_folder import RunFolder  # noqa: E402


def plan(branches: int = 2, name: str = "esr9", *, esr: Esr | None = None, **settings: Any) -> Recipe:
    made = recipe(name, esr=esr or Esr(first_epochs=1, epochs=2), optimiser="adamw", lr=0.01, **settings)
    return Recipe(**{**{f: getattr(made, f) for f in Recipe.__dataclass_fields__}, "model": _model(name, branches)})


def _model(name: str, branches: int) -> Model:
    return Model(name, NARROW | {"branches": branches})


def run(recipe: Recipe, out: Path, n: int = 56, **options: Any) -> Trained:
    return train(recipe, faces(n), out, device="cpu", quiet=True, **options)


def test_three_branches_learn(tmp_path: Path) -> None:
    """Far above chance, 14 %: seven patterns of stripes."""
    seen: list[tuple[int, int]] = []
    done = run(
        plan(3, esr=Esr(first_epochs=7, epochs=4, old_lr=0.005)),
        tmp_path,
        112,
        on_epoch=lambda row: seen.append((row["branch"], row["epoch"])),
    )
    assert seen == [(1, e) for e in range(1, 8)] + [(b, e) for b in (2, 3) for e in range(1, 5)]
    assert done.spec.scores["validation"]["val_top1"] > 60
    assert done.spec.branches == done.spec.architecture_options["branches"] == 3
    net, spec = load_net(tmp_path)
    assert (net.branches, spec.scores) == (3, done.spec.scores)
    with (tmp_path / "log.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(int(row["branch"]), int(row["epoch"])) for row in rows] == seen
    assert rows[0]["val_top1_branch_3"] == ""
    assert rows[-1]["val_top1_branch_3"] != ""
    assert not [p for p in tmp_path.rglob("*") if p.name in ("state.pt", "resume")]
    kept = {p.name for p in tmp_path.rglob("branches/*/*.safetensors")}
    assert kept == {"final.safetensors"}


def test_a_killed_run_goes_on_and_ends_the_same_with_a_frozen_base_as_it_was(tmp_path: Path) -> None:
    made = plan(esr=Esr(first_epochs=1, epochs=2, base_lr=0, old_lr=0))

    def stop(row: dict[str, Any]) -> None:
        if (row["branch"], row["epoch"]) == (2, 1):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(made, tmp_path / "killed", on_epoch=stop)
    assert load_net(tmp_path / "killed")[0].branches == 1  # what can be used of it so far
    assert not (tmp_path / "killed" / "final.safetensors").exists()
    with pytest.raises(MienError, match="holds a run already; --resume"):
        run(made, tmp_path / "killed")
    first = (tmp_path / "killed" / "branches" / "01" / "train.log").read_text()
    again = run(made, tmp_path / "killed", resume=True)
    assert (tmp_path / "killed" / "branches" / "01" / "train.log").read_text() == first  # was done, is not touched
    whole = run(made, tmp_path / "whole")
    a, b = (load_file(tmp_path / name / "final.safetensors") for name in ("killed", "whole"))
    assert a.keys() == b.keys()
    assert all(torch.equal(a[key], b[key]) for key in a)
    timed = ("seconds", "faces_per_s")
    assert [{k: v for k, v in row.items() if k not in timed} for row in again.log] == [
        {k: v for k, v in row.items() if k not in timed} for row in whole.log
    ]
    before = load_file(tmp_path / "whole" / "branches" / "01" / "final.safetensors")
    assert all(torch.equal(value, b[key]) for key, value in before.items())  # base and first branch, norms too


def test_how_many_branches() -> None:
    assert [branches_of(Recipe(model=Model(name))) for name in ("esr9", "esrstar15")] == [9, 15]
    assert branches_of(Recipe(model=_model("esr9", 4))) == 4


def test_a_stage_is_done_when_its_best_has_become_its_final(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    for name, done in (("best", False), ("final", False)):
        folder.weights(name).touch()
        assert is_done(folder) is done
    folder.weights("best").unlink()
    assert is_done(folder)


def test_the_log_is_read_as_it_was_written(tmp_path: Path) -> None:
    rows = [{"epoch": 1, "loss": 0.5, "val": 12.0}, {"epoch": 2, "loss": float("inf")}]
    RunFolder(tmp_path).write_log(rows)
    assert read_log(tmp_path / "log.csv") == rows
