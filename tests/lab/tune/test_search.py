from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.lab.tune.conftest import FakeTrainer

from mien.errors import MienError
from mien.lab.tune.search import Place, replot, search
from mien.lab.tune.slots import standing
from mien.lab.tune.study import load_study, open_storage


def test_searches_writes_up_and_goes_on(recipe_file: Path, tmp_path: Path, trainer: FakeTrainer) -> None:
    place = Place(tmp_path / "out")
    first = search(recipe_file, ["tune.trials=3"], place, quiet=True, trainer=trainer)
    more = search(recipe_file, [], place, quiet=True, trainer=trainer)
    assert (first["complete"], more["complete"], more["planned"], len(trainer.runs)) == (3, 6, 6, 6)
    names = {path.name for path in place.out.iterdir()}
    assert {"study.json", "trials.csv", "best.toml", "history.png", "history.html", "slices.png"} <= names
    assert json.loads((place.out / "study.json").read_text())["best"]["trial"] == more["best"]["trial"]


def test_a_grid_runs_each_point_once(recipe_file: Path, tmp_path: Path, trainer: FakeTrainer) -> None:
    sets = ["tune.sampler=grid", 'tune.space={"train.lr" = [0.1, 0.01], "data.drop" = [[], ["disgust"]]}']
    report = search(recipe_file, sets, Place(tmp_path / "out"), quiet=True, trainer=trainer)
    points = [tuple(row["params"].items()) for row in report["rows"]]
    assert len(points) == len(set(points)) == report["complete"] == 4
    assert report["best"]["params"]["train.lr"] == 0.01
    assert [row["left_out"] for row in report["leave_one_out"]] == ["nothing", "disgust"]
    assert (tmp_path / "out" / "leave_one_out.png").exists()


def test_replots_from_the_storage_alone(recipe_file: Path, tmp_path: Path, trainer: FakeTrainer) -> None:
    url = f"sqlite:///{tmp_path}/s.db"
    done = search(recipe_file, [], Place(tmp_path / "out", url), quiet=True, trainer=trainer)
    again = replot(None, [], Place(tmp_path / "new", url, "tiny"))
    assert again["best"] | {"folder": ""} == done["best"] | {"folder": ""}
    assert (tmp_path / "new" / again["best"]["folder"]).resolve() == tmp_path / "out" / done["best"]["folder"]
    assert len(trainer.runs) == 6
    assert (tmp_path / "new" / "best.toml").read_text() == (tmp_path / "out" / "best.toml").read_text()
    assert (tmp_path / "new" / "history.html").exists()


def test_mistakes_are_told_before_anything_runs(recipe_file: Path, tmp_path: Path, trainer: FakeTrainer) -> None:
    place = Place(tmp_path / "out")
    for overrides, message in (
        (['tune.space={"train.lrr" = [1, 2]}'], "unknown recipe key train.lrr"),
        (['tune.space={"train.optimiser" = ["adam", "adma"]}'], "'adma'"),
        (["tune.sampler=grid"], "range without steps"),
        (["tune.space={}"], "nothing to search"),
    ):
        with pytest.raises(MienError, match=message):
            search(recipe_file, overrides, place, quiet=True, trainer=trainer)
    with pytest.raises(MienError, match="no such journal"):
        replot(recipe_file, [], place)
    (place.out / "trials" / "0000").mkdir(parents=True)
    with pytest.raises(MienError, match="holds the trials of another study"):
        search(recipe_file, [], place, quiet=True, trainer=trainer)
    assert trainer.runs == []


def test_no_trial_that_succeeds_is_an_error(recipe_file: Path, tmp_path: Path, trainer: FakeTrainer) -> None:
    def fail(run: int, epoch: int) -> None:
        raise MienError("the loss is no number")

    trainer.before = fail
    with pytest.raises(MienError, match="no trial was completed; the loss is no number"):
        search(recipe_file, [], Place(tmp_path / "out"), quiet=True, trainer=trainer)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_two_workers_one_killed_midway(recipe_file: Path, tmp_path: Path) -> None:
    """Real training: six trials end once each, and the killed one goes on with the epochs it had finished."""
    pytest.importorskip("torch")
    out = tmp_path / "out"
    sets = ("data.path=synthetic:n=200,seed=1", "train.epochs=3", "train.precision=fp32",
            "model.options={widths=[8,8,8], depths=[1,1,1], stem=4}")  # fmt: skip
    words = [sys.executable, "-c", "from mien.cli.app import main; main()", "tune", str(recipe_file), "--workers", "2"]
    words += ["--out", str(out), "--quiet", "--json", *(arg for text in sets for arg in ("--set", text))]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as run:
        deadline = time.monotonic() + 240
        while not (out / "trials" / "0003" / "resume" / "state.pt").exists():
            assert run.poll() is None, "ended before the fourth trial"
            assert time.monotonic() < deadline
            time.sleep(0.005)
        study = load_study(open_storage(str(out / "journal.log")), "tiny", "here")
        victim = standing(study.trials)[3]
        os.kill(int(victim.user_attrs["worker"].split(":")[1]), signal.SIGKILL)
        printed, _ = run.communicate(timeout=240)
    assert run.returncode == 0
    report = json.loads(printed)
    assert (report["complete"] + report["pruned"], report["left"], report["retried"]) == (6, 0, 1)
    stood = standing(study.trials)
    assert len({t.params["train.lr"] for t in stood.values()}) == 6
    assert not any(t.state.name in ("RUNNING", "WAITING") for t in study.trials)
    killed = stood[3]
    assert killed.user_attrs["retry_of"] == victim.number
    assert study.trials[victim.number].user_attrs["died"] == "gone"
    assert killed.params == victim.params
    assert killed.user_attrs["epochs"] == 3
    log = (out / "trials" / "0003" / "train.log").read_text()
    assert "resumed after epoch" in log
    assert log.count("epoch 1  ") == 1  # each epoch was run once
