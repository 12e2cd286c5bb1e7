from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from tests.lab.tune.conftest import FakeTrainer

from mien.errors import MienError
from mien.lab.train.recipe_file import read_recipe, to_toml
from mien.lab.tune.liveness import LOCK, MACHINE, machine
from mien.lab.tune.slots import standing
from mien.lab.tune.study import create_study, load_study, open_storage, plan
from mien.lab.tune.worker import Setup, open_slots, work


@pytest.fixture
def setup(tmp_path: Path, recipe_file: Path) -> Setup:
    """Six trials planned in a journal."""
    recipe = read_recipe(recipe_file)
    (tmp_path / "recipe.toml").write_text(to_toml(recipe), encoding="utf-8")
    study = create_study(open_storage(str(tmp_path / "j.log")), "s", recipe)
    plan(study, recipe.tune, "here")
    return Setup(tmp_path, str(tmp_path / "j.log"), "s", poll=0.02)


def trials(setup: Setup) -> Any:
    return load_study(open_storage(setup.storage), setup.study, "here").trials


def test_runs_every_trial_once(setup: Setup, trainer: FakeTrainer) -> None:
    work(setup, trainer=trainer)
    work(setup, trainer=trainer)  # nothing is left
    assert [t.state.name for t in trials(setup)] == ["COMPLETE"] * 6
    assert sorted(name for name, _ in trainer.runs) == [f"{i:04d}" for i in range(6)]
    assert len({t.params["train.lr"] for t in trials(setup)}) == 6
    last = trials(setup)[5]
    assert last.value == pytest.approx(53 - 100 * abs(last.params["train.lr"] - 0.01))
    assert (last.user_attrs["epochs"], last.user_attrs["recalls"]["val_recall_anger"]) == (3, 53.0)


def test_an_interrupted_trial_goes_on_where_it_was(setup: Setup, trainer: FakeTrainer) -> None:
    def interrupt(run: int, epoch: int) -> None:
        if (run, epoch) == (2, 3):
            raise KeyboardInterrupt

    trainer.before = interrupt
    with pytest.raises(KeyboardInterrupt):
        work(setup, trainer=trainer)
    assert open_slots(trials(setup)) == 4
    trainer.before = lambda run, epoch: None
    work(setup, trainer=trainer)
    assert [epochs for name, epochs in trainer.runs if name == "0002"] == [[1, 2], [3]]
    stood = standing(trials(setup))
    assert [t.state.name for t in stood.values()] == ["COMPLETE"] * 6
    assert stood[2].intermediate_values.keys() == {1, 2, 3}
    assert stood[2].params == trials(setup)[2].params


def test_takes_over_from_the_dead_and_waits_for_the_living(setup: Setup, trainer: FakeTrainer, tmp_path: Path) -> None:
    lock = tmp_path / "dead.lock"
    lock.touch()
    dead = load_study(open_storage(setup.storage), "s", "here").ask()
    for key, value in ((MACHINE, machine()), (LOCK, str(lock))):
        dead.set_user_attr(key, value)
    work(setup, trainer=trainer)
    assert len(trainer.runs) == 6
    assert [t.state.name for t in trials(setup)] == ["FAIL"] + ["COMPLETE"] * 6
    assert trials(setup)[6].user_attrs["retry_of"] == 0


SLOWLY = (
    "import sys, time\nfrom pathlib import Path\nfrom mien.lab.tune.worker import Setup, work\n"
    "from tests.lab.tune.conftest import FakeTrainer\ntrainer = FakeTrainer()\n"
    "trainer.before = lambda run, epoch: time.sleep(0.1 * epoch)\n"
    "work(Setup(Path(sys.argv[1]), sys.argv[2], 's', poll=0.05), trainer=trainer)"
)


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_two_processes_one_killed_midway(setup: Setup) -> None:
    """Each of six trials ends once, and the killed one goes on after the epochs it had finished."""
    words = [sys.executable, "-c", SLOWLY, str(setup.out), setup.storage]
    workers = [subprocess.Popen(words) for _ in range(2)]
    log = setup.out / "trials" / "0003" / "log.csv"
    deadline = time.monotonic() + 120
    while not (log.exists() and log.read_text().count("\n") >= 2):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    pid = int(standing(trials(setup))[3].user_attrs["worker"].split(":")[1])
    victim, survivor = sorted(workers, key=lambda worker: worker.pid != pid)
    victim.kill()
    victim.wait()
    assert survivor.wait(120) == 0
    stood = standing(trials(setup))
    assert [t.state.name for t in stood.values()] == ["COMPLETE"] * 6
    assert len({t.params["train.lr"] for t in stood.values()}) == 6
    (dead,) = (t for t in trials(setup) if t.state.name != "COMPLETE")
    assert (dead.state.name, dead.user_attrs["died"], dead.user_attrs["slot"]) == ("FAIL", "gone", 3)
    assert stood[3].user_attrs["retry_of"] == dead.number
    assert stood[3].params == dead.params
    for slot in range(6):
        ran = (setup.out / "trials" / f"{slot:04d}" / "epochs.txt").read_text().split()
        finished = ["1", "2", "3"]
        assert sorted(set(ran)) == finished
        assert len(ran) == 3 or slot == 3  # only the epoch that the kill cut short runs again
    assert (setup.out / "trials" / "0003" / "epochs.txt").read_text().split().count("1") == 1


def test_a_worker_that_was_taken_for_dead_gives_way(setup: Setup, trainer: FakeTrainer) -> None:
    from optuna.trial import TrialState

    def steal(run: int, epoch: int) -> None:
        if (run, epoch) == (0, 2):
            study = load_study(open_storage(setup.storage), "s", "here")
            study.tell(0, state=TrialState.FAIL)

    trainer.before = steal
    work(setup, trainer=trainer)
    assert trainer.runs[0] == ("0000", [1, 2])  # ended at its next report
    assert [t.state.name for t in trials(setup)] == ["FAIL"] + ["COMPLETE"] * 5


def test_a_trial_that_cannot_be_run_is_failed_and_the_search_goes_on(setup: Setup, trainer: FakeTrainer) -> None:
    def fail(run: int, epoch: int) -> None:
        if run == 1:
            raise MienError("the loss is no number")

    trainer.before = fail
    work(setup, trainer=trainer)
    assert [t.state.name for t in trials(setup)] == ["COMPLETE", "FAIL"] + ["COMPLETE"] * 4
    assert trials(setup)[1].user_attrs["error"] == "the loss is no number"


def test_a_bug_puts_the_trial_back_and_is_told(setup: Setup, trainer: FakeTrainer) -> None:
    def bug(run: int, epoch: int) -> None:
        raise ZeroDivisionError

    trainer.before = bug
    with pytest.raises(ZeroDivisionError):
        work(setup, trainer=trainer)
    assert open_slots(trials(setup)) == 6


def test_no_trial_starts_after_the_time(setup: Setup, trainer: FakeTrainer) -> None:
    late = Setup(setup.out, setup.storage, setup.study, until=time.time() - 1)
    work(late, trainer=trainer)
    assert trainer.runs == []
