"""A whole search: checked, planned, run by one or several worker processes, and written up."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mien.errors import MienError
from mien.lab.train.recipe import Recipe
from mien.lab.train.recipe_file import read_recipe, to_toml
from mien.lab.tune.progress import SearchProgress
from mien.lab.tune.results import write_results
from mien.lab.tune.space import Space
from mien.lab.tune.study import create_study, load_study, open_storage, plan
from mien.lab.tune.worker import Say, Setup, Trainer, open_slots, work
from mien.whole_file import write_whole

if TYPE_CHECKING:
    from optuna import Study


@dataclass(frozen=True, slots=True)
class Place:
    """Where a search lives."""

    out: Path
    storage: str = ""  # "" is a journal file in `out`
    study: str = ""  # "" is the recipe's name

    @property
    def url(self) -> str:
        return self.storage or str(self.out / "journal.log")


def search(
    recipe: str | Path,
    overrides: Sequence[str],
    place: Place,
    *,
    workers: int = 1,
    device: str = "auto",
    quiet: bool = False,
    trainer: Trainer | None = None,
) -> dict[str, Any]:
    """Run what is missing of a search, or all of it, and write its results; returns what study.json holds.

    Args:
        recipe: with a [tune] section; `overrides` are KEY=VALUE as read_recipe takes them.
        workers: processes here; more may work on the same storage from elsewhere.
        trainer: see worker.Trainer; for one worker only.

    Raises:
        MienError: a recipe, space or storage that no search can be made of, or no trial that succeeded.
        KeyboardInterrupt: after the running trials were put back and the results so far written.
    """
    base = read_recipe(recipe, overrides)
    space = Space.of(base.tune.space, str(recipe))
    for probe in space.probes():  # a mistyped key or value is told now, not after an hour
        read_recipe(recipe, [*overrides, probe])
    if base.tune.sampler == "grid":
        space.grid(str(recipe))
    study = _prepare(base, place, str(recipe))
    until = time.time() + base.tune.seconds if base.tune.seconds else None
    setup = Setup(place.out, place.url, study.study_name, device, until)
    with SearchProgress(study, quiet=quiet) as progress:
        try:
            if workers == 1:
                work(setup, say=progress.say, trainer=trainer)
            else:
                _work_together(setup, workers, progress)
        finally:
            report = write_results(study, place.out, storage=place.url)
    if not open_slots(study.get_trials(deepcopy=False)) and not report["best"]:
        faults = [row["error"] for row in report["rows"] if row.get("error")]
        raise MienError(f"{place.out}: no trial was completed; {faults[0] if faults else 'all were pruned'}")
    return report


def replot(recipe: str | Path | None, overrides: Sequence[str], place: Place) -> dict[str, Any]:
    """Write a study's results again, from its storage alone."""
    name = place.study or (read_recipe(recipe, overrides).name if recipe else "")
    if "://" not in place.url and not Path(place.url).exists():
        raise MienError(f"{place.url}: no such journal; --out or --storage names where the study is")
    study = load_study(open_storage(place.url), name, place.url)
    place.out.mkdir(parents=True, exist_ok=True)
    return write_results(study, place.out, storage=place.url)


def _prepare(base: Recipe, place: Place, source: str) -> Study:
    """The study with all its trials planned, and the recipe beside them."""
    with _alone(place.out):
        study = create_study(open_storage(place.url), place.study or base.name, base)
        trials = place.out / "trials"
        if not study.get_trials(deepcopy=False) and trials.exists() and any(trials.iterdir()):
            raise MienError(f"{trials}: holds the trials of another study; take another --out")
        plan(study, base.tune, source)
        write_whole(place.out / "recipe.toml", to_toml(base))
    return study


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process at a time plans in a folder; two that plan one study elsewhere make surplus trials, no harm."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "plan.lock").open("w") as file:
        with contextlib.suppress(ImportError):
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _work_together(setup: Setup, workers: int, progress: SearchProgress) -> None:
    context = multiprocessing.get_context("spawn")
    setup = replace(setup, threads=max(1, (os.cpu_count() or 1) // workers))
    processes, pipes = [], []
    for _ in range(workers):
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_child, args=(setup, theirs), daemon=False)
        process.start()
        theirs.close()
        processes.append(process)
        pipes.append(ours)
    try:
        error = _listen(pipes, progress.say)
    finally:
        for process in processes:  # an interrupt reaches them too; they put their trials back first
            process.join(30)
            if process.is_alive():
                process.terminate()
    if error:
        raise MienError(error)
    codes = [process.exitcode for process in processes]
    if all(code != 0 for code in codes):
        raise MienError(f"{setup.out}: every worker died (exit codes {codes}); the same command goes on")


def _listen(pipes: list[Connection], say: Say) -> str:
    """Pass the workers' lines on until all pipes are closed; returns the first error."""
    error = ""
    pipes = list(pipes)
    while pipes:
        for pipe in wait(pipes, timeout=5):
            assert isinstance(pipe, Connection)
            try:
                kind, text = pipe.recv()
            except (EOFError, OSError):
                pipes.remove(pipe)
                continue
            if kind == "error":
                error = error or text
            else:
                say(text)
        say("")
    return error


def _child(setup: Setup, pipe: Connection) -> None:
    def say(line: str) -> None:
        with contextlib.suppress(OSError):
            pipe.send(("line", line))

    try:
        work(setup, say=say)
    except MienError as error:
        pipe.send(("error", str(error)))
        raise SystemExit(2) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
