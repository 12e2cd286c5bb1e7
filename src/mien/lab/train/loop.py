"""The training loop: one recipe, one run folder, on Hugging Face Accelerate.

Everything random in an epoch follows from (seed, epoch), so a run that was killed starts its last unfinished
epoch again and ends with the very weights it would have had.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable
from itertools import islice
from typing import Any

import torch
from accelerate import Accelerator

from mien.errors import MienError
from mien.lab.models.face_net import FaceNet
from mien.lab.train.average import Average, refresh_norms
from mien.lab.train.board import open_board, put
from mien.lab.train.checkpoint import load_state, save_state, save_weights
from mien.lab.train.freezing import learning_stages, set_learning
from mien.lab.train.method import Method
from mien.lab.train.optimisers import make_optimiser, set_rate
from mien.lab.train.progress import TrainingProgress
from mien.lab.train.recipe_file import to_toml
from mien.lab.train.run_folder import RunFolder
from mien.lab.train.run_log import RunLog
from mien.lab.train.schedules import has_stalled, learning_rate, picture_side
from mien.lab.train.seeds import hash_seed
from mien.model_spec import ModelSpec
from mien.whole_file import write_whole

_REFRESH = 100  # batches from which an averaged network's norms take their statistics


class Loop:
    """One training run's state; `run` is the story."""

    def __init__(
        self,
        method: Method,
        folder: RunFolder,
        accelerator: Accelerator,
        *,
        bf16: bool,
        resume: bool = False,
        quiet: bool = False,
        on_epoch: Callable[[dict[str, Any]], None] | None = None,
    ) -> None:
        self.method, self.folder, self.accelerator, self.bf16 = method, folder, accelerator, bf16
        self.recipe, self.settings, self.on_epoch = method.recipe, method.recipe.train, on_epoch
        self.quiet = quiet or not accelerator.is_main_process
        self.spec: ModelSpec = method.spec
        self.optimiser = make_optimiser(method.model, self.settings, method.rates())
        self.average = Average(method.net, self.settings.ema, plain=bool(self.settings.swa))
        self.log: list[dict[str, Any]] = []
        self.best = -math.inf
        if accelerator.is_main_process:
            folder.start(to_toml(self.recipe), resume=resume)
        accelerator.wait_for_everyone()
        if resume:
            self._restore()
        self.diary = RunLog(folder.diary if accelerator.is_main_process else None)
        self.steps = method.steps()
        self.learning = -1  # stages that learn; set by the first epoch

    def run(self) -> list[dict[str, Any]]:
        epochs, main = self.settings.epochs, self.accelerator.is_main_process
        board = open_board(self.folder.tensorboard, len(self.log)) if main else None
        self.diary.say(f"{'resumed after epoch ' + str(len(self.log)) if self.log else 'started'}; {self._facts()}")
        told = self.method.told
        with TrainingProgress(
            self.recipe.name, epochs, self.steps, len(self.log), told=told, quiet=self.quiet
        ) as progress:
            while len(self.log) < epochs and not has_stalled(self._scores(), self.settings.early_stop):
                row = self._epoch(len(self.log), progress)
                self.log.append(row)
                if main:
                    self._finish_epoch(row)
                    put(board, row)
                    progress.epoch(row)
                    if _validated(row):
                        self._remark(row)
                    if self.on_epoch is not None:
                        self.on_epoch(row)
                self.accelerator.wait_for_everyone()
        if board is not None:
            board.close()
        if main:
            self.diary.say(f"done after epoch {len(self.log)}" + (", early" if len(self.log) < epochs else ""))
            self._save("final", self.log[-1])
            self._plot_curves()
        self.accelerator.wait_for_everyone()
        return self.log

    def _epoch(self, epoch: int, progress: TrainingProgress) -> dict[str, Any]:
        rank, world = self.accelerator.process_index, self.accelerator.num_processes
        side = picture_side(self.recipe, epoch)
        torch.manual_seed(hash_seed(self.recipe.seed, epoch, rank))  # dropout's draws
        self._set_learning(epoch)
        started, total, rate = time.perf_counter(), torch.zeros((), device=self.accelerator.device), 0.0
        scores = self._scores()
        for step, batch in enumerate(self.method.batches(epoch, side, (rank, world))):
            rate = learning_rate(self.settings, epoch * self.steps + step, self.steps, scores)
            total += self._step(batch, rate, epoch, step)
            progress.step(epoch, float(total) / (step + 1) if step % 20 == 0 else None)
            if self.settings.status and (step + 1) % self.settings.status == 0:
                mean = float(total) / (step + 1)
                self.diary.say(f"epoch {epoch + 1} step {step + 1}/{self.steps}  loss {mean:.4f}  lr {rate:.3g}")
        mean = float(self.accelerator.reduce(total, "mean")) / self.steps
        if not math.isfinite(mean):
            raise MienError(
                f"{self.folder.path}: the loss is no number in epoch {epoch + 1}; lower train.lr or set"
                " train.grad_clip (last.safetensors holds the epoch before)"
            )
        seconds = time.perf_counter() - started
        self._average_epoch(epoch)
        found = self.method.validate(self._kept(), epoch) if self.method.validates(epoch) else {}
        return {
            "epoch": epoch + 1,
            "train_loss": mean,
            **found,
            "lr": rate,
            "side": side[0],
            "seconds": round(time.perf_counter() - started, 2),
            "faces_per_s": round(self.steps * self.settings.batch / seconds, 1),
        }

    def _step(self, batch: Any, rate: float, epoch: int, step: int) -> torch.Tensor:
        set_rate(self.optimiser, rate)
        loss = self.method.loss(self.model, batch)
        self.accelerator.backward(loss)
        if self.settings.grad_clip:
            self.accelerator.clip_grad_norm_(self.method.model.parameters(), self.settings.grad_clip)
        self.prepared.step()
        self.prepared.zero_grad(set_to_none=True)
        self.method.after_step((epoch * self.steps + step + 1) / (self.settings.epochs * self.steps))
        self.average.update(self.method.net)
        return loss.detach()

    def _set_learning(self, epoch: int) -> None:
        """Wake the model, hold what is frozen, and wrap it anew where other parameters learn than before."""
        self.method.wake()
        net = self.method.net
        count = learning_stages(self.settings, epoch, len(net.stages()))
        if count < len(net.stages()):
            set_learning(net, count)
        if count == self.learning:
            return
        if self.learning >= 0:
            set_learning(net, count)
        if self.settings.freeze:
            self.diary.say(f"epoch {epoch + 1}: {count} of {len(net.stages())} stages learn")
        self.learning = count
        model = self.method.model
        if self.settings.sync_norm and self.accelerator.num_processes > 1:
            model = torch.nn.SyncBatchNorm.convert_sync_batchnorm(model)  # type: ignore[no-untyped-call]
        compiled = torch.compile(model, dynamic=False) if self.settings.compile else model
        self.model, self.prepared = self.accelerator.prepare(compiled, self.optimiser)

    def _remark(self, row: dict[str, Any]) -> None:
        if remark := self.method.remark(row):
            self.diary.say(f"epoch {row['epoch']}: {remark}")
            print(f"mien: epoch {row['epoch']}: {remark}", file=sys.stderr)  # noqa: T201

    def _average_epoch(self, epoch: int) -> None:
        if not self.settings.swa or epoch < math.floor(self.settings.swa * self.settings.epochs):
            return
        self.average.update_epoch(self.method.net)
        refresh_norms(self.average.net, islice(self.method.pictures(epoch), _REFRESH), like=self.method.net)

    def _kept(self) -> FaceNet:
        net: FaceNet = self.average.net  # type: ignore[assignment]
        return net

    def _scores(self) -> list[float]:
        """A score an epoch, NaN where it was not validated."""
        return [self.method.score(row) if _validated(row) else math.nan for row in self.log]

    def _finish_epoch(self, row: dict[str, Any]) -> None:
        """Write what was reached, the resume state last: a kill in between only repeats the epoch."""
        score = self.method.score(row) if _validated(row) else math.nan
        if score > self.best or (self.method.later_ties and score == self.best):
            self.best = score
            self._save("best", row)
        self._save("last", row)
        self.folder.write_log(self.log)
        told = ("train_loss", "val_loss", "lr", *self.method.told)
        shown = {k: v for k, v in row.items() if k in told or k.startswith("val_top1")}
        self.diary.say(f"epoch {row['epoch']}  " + "  ".join(f"{k} {v:.4g}" for k, v in shown.items()))
        tensors = {"model": self.method.model.state_dict(), "optimiser": self.optimiser.state_dict()}
        if self.average.own is not None:
            tensors["average"] = self.average.own.state_dict()
        save_state(self.folder.resume, tensors, {"log": self.log, "best": self.best, "steps": self.average.steps})

    def _save(self, which: str, row: dict[str, Any]) -> None:
        scores = {"split": self._chosen_on(), "n": self.method.chosen_on, "epoch": row["epoch"]}
        scores |= {k: round(v, 3) for k, v in row.items() if k.startswith("val_") and math.isfinite(v)}
        spec = self.spec.replace(scores={"validation": scores})
        spec = spec.replace(sha256=save_weights(self._kept(), spec, self.folder.weights(which)))
        write_whole(self.folder.spec, spec.to_json())
        self.spec = spec

    def _chosen_on(self) -> str:
        data = self.recipe.data
        if data.protocol:
            return f"{data.protocol}, fold {data.fold}"
        if data.folds:
            return f"fold {data.fold} of {data.folds}"
        return "holdout" if data.holdout else data.validation

    def _restore(self) -> None:
        state = load_state(self.folder.resume)
        if state is None:
            return
        tensors, facts = state
        self.method.model.load_state_dict(tensors["model"])
        self.optimiser.load_state_dict(tensors["optimiser"])
        if self.average.own is not None:
            self.average.own.load_state_dict(tensors["average"])
        self.average.steps = facts["steps"]
        self.log, self.best = facts["log"], facts["best"]

    def _facts(self) -> str:
        where, many = self.accelerator.device.type, self.accelerator.num_processes
        return (
            f"{self.method.rows} faces, {self.steps} steps of {self.settings.batch} an epoch, "
            f"{many} x {where}, {'bf16' if self.bf16 else 'fp32'}"
        )

    def _plot_curves(self) -> None:
        from mien.plots.curves import plot_curves

        self.folder.plots.mkdir(exist_ok=True)
        rows = [{k: v for k, v in row.items() if "recall" not in k and "_AU" not in k} for row in self.log]
        plot_curves(rows, self.folder.plots / "curves.png")


def _validated(row: dict[str, Any]) -> bool:
    """Whether an epoch was validated: the others have no such columns."""
    return any(key.startswith("val_") for key in row)
