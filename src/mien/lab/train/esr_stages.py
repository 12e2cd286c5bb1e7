"""An ESR's whole training: a run a branch in OUT/branches/, the ensemble so far in OUT."""

from __future__ import annotations

import csv
import inspect
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from accelerate import Accelerator

from mien.datasets.face_set import FaceSet
from mien.digest import digest_of
from mien.lab.models import esr as architectures
from mien.lab.train.checkpoint import load_weights
from mien.lab.train.esr import EsrStage, Stage
from mien.lab.train.esr_affect import resolved
from mien.lab.train.loop import Loop
from mien.lab.train.recipe import Recipe
from mien.lab.train.recipe_file import to_toml
from mien.lab.train.run_folder import RunFolder
from mien.lab.train.run_log import RunLog
from mien.model_spec import ModelSpec
from mien.whole_file import whole_file, write_whole

OnEpoch = Callable[[dict[str, Any]], None]


class Stages:
    """Branches one by one, each starting from the best ensemble of those before it.

    A branch that is done keeps in OUT/branches/KK its recipe, log, curves and `final.safetensors`, the best
    ensemble of its stage; OUT holds the same ensemble as `best`, the stage's last epoch as `last`, and, once all
    branches are there, the last stage's best as `final`.
    """

    def __init__(
        self,
        recipe: Recipe,
        faces: FaceSet,
        out: str | Path,
        accelerator: Accelerator,
        *,
        bf16: bool,
        resume: bool = False,
        quiet: bool = False,
        on_epoch: OnEpoch | None = None,
    ) -> None:
        self.recipe, self.faces, self.folder = resolved(recipe), faces, RunFolder(out)
        self.accelerator, self.bf16, self.resume, self.quiet, self.on_epoch = accelerator, bf16, resume, quiet, on_epoch
        self.main: bool = accelerator.is_main_process
        self.branches = branches_of(recipe)
        self.log: list[dict[str, Any]] = []
        if self.main:
            self.folder.start(to_toml(self.recipe), resume=resume)
        accelerator.wait_for_everyone()
        self.diary = RunLog(self.folder.diary if self.main else None)

    def run(self) -> tuple[ModelSpec, list[dict[str, Any]]]:
        """All the stages that are not done; returns the ensemble's ModelSpec and log.csv's rows."""
        before: Path | None = None
        for branch in range(1, self.branches + 1):
            own = RunFolder(self.folder.path / "branches" / f"{branch:02d}")
            if not is_done(own):
                self._train(own, Stage(branch, before))
            if self.main:
                _tidy(own)
            self.accelerator.wait_for_everyone()
            self.log += [{"branch": branch, **row} for row in read_log(own.log)]
            if self.main:
                self._plot()
            before = own.weights("final")
        if self.main:
            _copy(self.folder.weights("best"), self.folder.weights("final"))
            self.folder.write_log(self.log)
            self.diary.say(f"done: {self.branches} branches")
        self.accelerator.wait_for_everyone()
        return ModelSpec.from_file(self.folder.spec), self.log

    def _plot(self) -> None:
        from mien.plots.branch_curves import plot_branches

        self.folder.plots.mkdir(exist_ok=True)
        plot_branches({self.recipe.name: self.log}, self.folder.plots / "branches.png")

    def _train(self, own: RunFolder, stage: Stage) -> None:
        told = f"branch {stage.branch} of {self.branches}"
        self.diary.say(f"{told} started, see {own.diary.relative_to(self.folder.path)}")
        if self.main and not self.quiet:
            print(f"mien: {told}", file=sys.stderr)  # noqa: T201
        method = EsrStage(self.recipe, self.faces, self.accelerator, self.bf16, stage)

        def tell(row: dict[str, Any]) -> None:
            self.folder.write_log([*self.log, *({"branch": stage.branch, **each} for each in loop.log)])
            if self.on_epoch is not None:
                self.on_epoch({"branch": stage.branch, **row})

        loop = Loop(
            method,
            own,
            self.accelerator,
            bf16=self.bf16,
            resume=self.resume,
            quiet=self.quiet,
            on_epoch=tell,
        )
        loop.run()
        if self.main:
            self._hand_on(own)
            self.diary.say(f"{told} done: {method.scored} {loop.best:.4g}")
        self.accelerator.wait_for_everyone()
        self.accelerator.free_memory()

    def _hand_on(self, own: RunFolder) -> None:
        """The stage's ensemble becomes the run's; renaming its best to its final is what makes the stage done."""
        best = own.weights("best")
        kept = best if best.exists() else own.weights("final")
        _, spec = load_weights(kept)
        text = spec.replace(sha256=digest_of(kept)).to_json()
        _copy(own.weights("last"), self.folder.weights("last"))
        _copy(kept, self.folder.weights("best"))
        write_whole(self.folder.spec, text)
        write_whole(own.spec, text)
        kept.replace(own.weights("final"))


def branches_of(recipe: Recipe) -> int:
    """How many branches a recipe's network shall have."""
    build = getattr(architectures, recipe.model.name)
    default = inspect.signature(build).parameters["branches"].default
    return int(recipe.model.options.get("branches", default))


def is_done(own: RunFolder) -> bool:
    """Whether a stage has ended: its best ensemble has become its final one."""
    return own.weights("final").exists() and not own.weights("best").exists()


def read_log(path: Path) -> list[dict[str, Any]]:
    """The rows of a log.csv as they were written, empty cells left out."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [{key: _number(cell) for key, cell in row.items() if cell} for row in rows]


def _number(cell: str) -> int | float:
    return int(cell) if cell.isdigit() else float(cell)


def _tidy(own: RunFolder) -> None:
    """What a stage that is done needs no more: of nine it would be gigabytes."""
    own.weights("last").unlink(missing_ok=True)
    shutil.rmtree(own.resume, ignore_errors=True)


def _copy(source: Path, target: Path) -> None:
    """Replace the target at once or not at all."""
    with whole_file(target) as part:
        shutil.copyfile(source, part)
