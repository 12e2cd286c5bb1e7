"""One worker: draws trials until none is left, and takes over those of workers that died."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mien.datasets.face_set import FaceSet
from mien.errors import MienError
from mien.lab.train.recipe import Recipe
from mien.lab.train.recipe_file import read_recipe
from mien.lab.train.run_folder import RunFolder
from mien.lab.tune.follow import Follower, SearchError
from mien.lab.tune.liveness import GRACE, Pulse, Watch, Worker
from mien.lab.tune.rows import drawn_rows, trial_recipe
from mien.lab.tune.slots import ATTEMPT, FOLDER, RUN, SLOT, SURPLUS, hand_back, is_surplus, standing
from mien.lab.tune.space import Space
from mien.lab.tune.study import hold_data, load_study, make_pruner, make_sampler, open_storage

if TYPE_CHECKING:
    from optuna import Study, Trial
    from optuna.trial import FrozenTrial

Say = Callable[[str], None]
Trainer = Callable[..., Any]
"""train(recipe, faces, folder, device=, resume=, quiet=, on_epoch=), as mien.lab.train.run.train."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What a worker process needs to know."""

    out: Path  # recipe.toml is in it; trials/ and workers/ go there
    storage: str
    study: str
    device: str = "auto"
    until: float | None = None  # time.time() after which no trial starts
    threads: int = 0  # of torch; 0 leaves them
    poll: float = 1.0  # seconds between two looks at the trials of others
    grace: float = GRACE

    @property
    def recipe(self) -> Path:
        return self.out / "recipe.toml"


def work(setup: Setup, *, say: Say | None = None, trainer: Trainer | None = None) -> None:
    """Run trials until every one has ended, here or at another worker, or the time is over.

    Raises:
        MienError: data or a metric that no trial could be run with.
        KeyboardInterrupt: passed on after the running trial was put back into the study.
    """
    _Work(setup, say or (lambda line: None), trainer or _lab_trainer(setup.threads)).run()


class _Work:
    def __init__(self, setup: Setup, say: Say, trainer: Trainer) -> None:
        self.setup, self.say, self.trainer = setup, say, trainer
        self.recipe = read_recipe(setup.recipe)
        self.space = Space.of(self.recipe.tune.space, str(setup.recipe))
        self.study: Study = load_study(open_storage(setup.storage), setup.study, setup.storage)
        self.study.pruner = make_pruner(self.recipe.tune.pruner)
        self._faces: tuple[tuple[str, str], FaceSet] | None = None

    def run(self) -> None:
        watch = Watch(self.setup.grace)
        with Worker(self.setup.out / "workers") as worker:
            while True:
                trials = self.study.get_trials(deepcopy=False)
                if recover(self.study, trials, watch):
                    continue
                late = self.setup.until is not None and time.time() > self.setup.until
                states = {t.number: t.state.name for t in trials}
                if late or not {"WAITING", "RUNNING"} & set(states.values()):
                    return
                if "WAITING" not in states.values():
                    time.sleep(self.setup.poll)  # another worker may yet die and leave its trial to us
                    continue
                self._next(worker)

    def _next(self, worker: Worker) -> None:
        from optuna.trial import TrialState

        trial = self.study.ask()
        trials = self.study.get_trials(deepcopy=False)
        mine = next(t for t in trials if t.number == trial.number)
        if is_surplus(mine, trials):
            trial.set_user_attr(SURPLUS, True)
            self.study.tell(trial, state=TrialState.FAIL)
            return
        folder = self.setup.out / "trials" / mine.user_attrs[FOLDER]
        for key, value in {**worker.attributes(), RUN: str(folder.resolve())}.items():
            trial.set_user_attr(key, value)
        self.study.sampler = make_sampler(self.recipe.tune.sampler, self.recipe.tune.seed, mine.user_attrs[SLOT])
        try:
            with Pulse(trial):
                state, reached, note = self._run(trial)
        except BaseException as error:
            if _finished_elsewhere(error):
                self.say(f"trial {mine.user_attrs[SLOT]}: taken over by another worker")
                return
            now = next(t for t in self.study.get_trials(deepcopy=False) if t.number == trial.number)
            hand_back(self.study, now, type(error).__name__, same_folder=True)
            raise
        if note:
            trial.set_user_attr("error", note)
        try:
            self.study.tell(trial, reached, state=TrialState[state])
        except BaseException as error:
            if not _finished_elsewhere(error):
                raise
            return
        shutil.rmtree(RunFolder(folder).resume, ignore_errors=True)  # half of a trial's disk space, and no use any more

    def _run(self, trial: Trial) -> tuple[str, float | None, str]:
        """State, value where complete, and what went wrong where failed."""
        from optuna import TrialPruned

        tune, attributes = self.recipe.tune, trial.user_attrs
        overrides = self.space.overrides(self.space.suggest(trial))
        folder = RunFolder(self.setup.out / "trials" / attributes[FOLDER])
        follower = Follower(trial, tune.metric, tune.direction, self.recipe.train.epochs)
        state, note = "COMPLETE", ""
        try:
            recipe = read_recipe(self.setup.recipe, overrides)
            follower.last = recipe.train.epochs  # which the space may vary
            if attributes[ATTEMPT]:
                follower.replay(folder.log)
            self.trainer(
                trial_recipe(recipe), self._faces_for(recipe), folder.path, device=self.setup.device,
                resume=bool(attributes[ATTEMPT]), quiet=True, on_epoch=follower,
            )  # fmt: skip
        except TrialPruned:
            state = "PRUNED"
        except SearchError:
            raise
        except (MienError, RuntimeError) as error:
            if not isinstance(error, MienError) and type(error).__name__ != "OutOfMemoryError":
                raise
            state, note = "FAIL", str(error).splitlines()[0]
        if state == "COMPLETE" and not follower.best:
            state, note = "FAIL", f"{tune.metric} was never a number"
        for key, value in follower.attributes().items():
            trial.set_user_attr(key, value)
        end = f"{tune.metric} {follower.value:.4g}, {len(follower.epochs)} epochs"
        self.say(f"trial {attributes[SLOT]}: {note or end}{', pruned' if state == 'PRUNED' else ''}")
        return state, follower.value if state == "COMPLETE" else None, note

    def _faces_for(self, recipe: Recipe) -> FaceSet:
        from mien.datasets.load import load_dataset

        source = (recipe.data.path, recipe.data.ferplus)
        if self._faces is None or self._faces[0] != source:
            try:
                faces = load_dataset(source[0], ferplus=source[1] or None)
                if not {"data.path", "data.ferplus"} & self.space.dimensions.keys():
                    hold_data(self.study, faces.content or faces.digest())
                self._faces = source, drawn_rows(self.recipe, faces)
            except MienError as error:
                raise SearchError(str(error)) from error
        return self._faces[1]


def recover(study: Study, trials: Sequence[FrozenTrial], watch: Watch) -> int:
    """Put the trials of dead workers back into the study; returns how many."""
    found = 0
    for trial in trials:
        fate = watch.fate(trial) if trial.state.name == "RUNNING" else ""
        if fate:
            hand_back(study, trial, fate, same_folder=fate == "gone")
            found += 1
    return found


def open_slots(trials: Sequence[FrozenTrial]) -> int:
    """How many trials have not ended."""
    return sum(not trial.state.is_finished() for trial in standing(trials).values())


def _finished_elsewhere(error: BaseException) -> bool:
    from optuna.exceptions import UpdateFinishedTrialError

    return isinstance(error, UpdateFinishedTrialError)


def _lab_trainer(threads: int) -> Trainer:
    import torch

    from mien.lab.train.run import train

    if threads:
        torch.set_num_threads(threads)
    return train
