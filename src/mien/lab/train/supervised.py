"""The supervised loop: one recipe, one run folder, on Hugging Face Accelerate.

Everything random in an epoch follows from (seed, epoch), so a run that was killed starts its last unfinished
epoch again and ends with the very weights it would have had.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState

from mien.datasets.face_set import FaceSet
from mien.errors import MienError
from mien.lab.models.face_net import FaceNet, count_parameters
from mien.lab.models.registry import create
from mien.lab.train.average import Average
from mien.lab.train.batches import FaceTensors, hash_seed, model_heads
from mien.lab.train.checkpoint import load_state, save_state, save_weights
from mien.lab.train.device import pick_device, pick_precision
from mien.lab.train.losses import soft_cross_entropy
from mien.lab.train.optimisers import make_optimiser
from mien.lab.train.progress import TrainingProgress
from mien.lab.train.provenance import commit, versions
from mien.lab.train.recipe import Recipe, to_toml
from mien.lab.train.run_folder import RunFolder, write_text
from mien.lab.train.schedules import learning_rate, side_at
from mien.lab.train.splits import training_and_validation
from mien.lab.train.validate import predict, validation_scores
from mien.model_spec import ModelSpec


@dataclass(slots=True)
class Trained:
    """How a run ended: its folder, its ModelSpec, and a dict an epoch as in log.csv."""

    folder: Path
    spec: ModelSpec
    log: list[dict[str, Any]]


def train(
    recipe: Recipe,
    faces: FaceSet,
    out: str | Path,
    *,
    device: str = "auto",
    resume: bool = False,
    quiet: bool = False,
) -> Trained:
    """Train as the recipe says and write the run's folder.

    Raises:
        MienError: data that the recipe does not fit, a folder in use, or a loss that is no number any more.
    """
    AcceleratorState._reset_state(reset_partial_state=True)  # one process may train more than once
    where = pick_device(device)
    bf16 = pick_precision(recipe.train.precision, where) == "bf16"
    accelerator = Accelerator(mixed_precision="bf16" if bf16 else "no", cpu=where.type == "cpu")
    return _Run(recipe, faces, RunFolder(out), accelerator, bf16, resume, quiet).run()


class _Run:
    """One training run's state; `run` is the story."""

    def __init__(
        self,
        recipe: Recipe,
        faces: FaceSet,
        folder: RunFolder,
        accelerator: Accelerator,
        bf16: bool,
        resume: bool,
        quiet: bool,
    ) -> None:
        self.recipe, self.folder, self.accelerator, self.bf16 = recipe, folder, accelerator, bf16
        self.quiet = quiet or not accelerator.is_main_process
        training, validation = training_and_validation(recipe, faces)
        heads = model_heads(faces, recipe.heads)
        device = accelerator.device
        self.training = FaceTensors(training, recipe.heads, heads, recipe.input, device)
        self.validation = FaceTensors(validation, recipe.heads, heads, recipe.input, device)
        torch.manual_seed(recipe.seed)
        settings = recipe.input
        self.net: FaceNet = create(
            recipe.model.name,
            heads,
            channels=len(settings.mean) if settings.colour == "rgb" else 1,
            height=settings.height,
            width=settings.width,
            **recipe.model.options,
        ).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.optimiser = make_optimiser(self.net, recipe.train)
        self.average = Average(self.net, recipe.train.ema)
        self.spec = self._model_spec(heads, faces, len(training), len(validation))
        if accelerator.is_main_process:
            folder.start(to_toml(recipe), resume=resume)
        self.log: list[dict[str, Any]] = []
        self.best = -math.inf
        if resume:
            self._restore()
        compiled = torch.compile(self.net, dynamic=False) if recipe.train.compile else self.net
        self.model, self.prepared = accelerator.prepare(compiled, self.optimiser)
        self.steps = max(1, len(self.training) // recipe.train.batch)

    def run(self) -> Trained:
        epochs = self.recipe.train.epochs
        board = self._tensorboard()
        with TrainingProgress(self.recipe.name, epochs, self.steps, len(self.log), quiet=self.quiet) as progress:
            for epoch in range(len(self.log), epochs):
                row = self._epoch(epoch, progress)
                if self.accelerator.is_main_process:
                    self._finish_epoch(row)
                    for key, value in row.items():
                        if board is not None and isinstance(value, float):
                            board.add_scalar(key.replace("val_", "validation/"), value, row["epoch"])
                    progress.epoch(row)
                self.accelerator.wait_for_everyone()
        if board is not None:
            board.close()
        if self.accelerator.is_main_process:
            self._finish()
        return Trained(self.folder.path, self.spec, self.log)

    def _epoch(self, epoch: int, progress: TrainingProgress) -> dict[str, Any]:
        recipe, settings = self.recipe, self.recipe.train
        torch.manual_seed(hash_seed(recipe.seed, epoch, self.accelerator.process_index))  # dropout's draws
        self.model.train()
        side = side_at(settings, epoch, (recipe.input.height, recipe.input.width))
        batches = self.training.epoch(
            recipe.augment,
            batch=settings.batch,
            side=side,
            seed=(recipe.seed, epoch),
            shard=(self.accelerator.process_index, self.accelerator.num_processes),
        )
        started, total = time.perf_counter(), torch.zeros((), device=self.accelerator.device)
        rate = 0.0
        for step, (x, targets) in enumerate(batches):
            rate = learning_rate(settings, epoch * self.steps + step, self.steps)
            for group in self.optimiser.param_groups:
                group["lr"] = rate
            loss = self._loss(self.model(x), targets)
            self.accelerator.backward(loss)
            if settings.grad_clip:
                self.accelerator.clip_grad_norm_(self.net.parameters(), settings.grad_clip)
            self.prepared.step()
            self.prepared.zero_grad(set_to_none=True)
            self.average.update(self.net)
            total += loss.detach()
            progress.step(epoch, float(loss.detach()) if step % 20 == 0 else float(total) / (step + 1))
        mean = float(total) / self.steps
        if not math.isfinite(mean):
            raise MienError(
                f"{self.folder.path}: the loss is no number in epoch {epoch + 1}; lower train.lr or set"
                " train.grad_clip (last.safetensors holds the epoch before)"
            )
        seconds = time.perf_counter() - started
        logits = predict(self.average.net, self.validation, bf16=self.bf16)  # type: ignore[arg-type]
        scores = validation_scores(logits, self.validation, self.spec)
        head = recipe.train.select or recipe.heads[0].name
        return {
            "epoch": epoch + 1,
            "train_loss": mean,
            **scores,
            "val_top1": scores[f"val_top1_{head}"],
            "lr": rate,
            "side": side[0],
            "seconds": round(time.perf_counter() - started, 2),
            "faces_per_s": self.steps * settings.batch / seconds,
        }

    def _loss(self, logits: torch.Tensor, targets: Any) -> torch.Tensor:
        loss = torch.zeros((), device=logits.device)
        for plan in self.recipe.heads:
            part = logits[:, self.spec.columns(plan.name)]
            loss = loss + plan.weight * soft_cross_entropy(part, *targets[plan.name])
        return loss

    def _finish_epoch(self, row: dict[str, Any]) -> None:
        """Write what was reached, the resume state last: a kill in between only repeats the epoch."""
        self.log.append(row)
        if row["val_top1"] > self.best:
            self.best = row["val_top1"]
            self._save("best", row)
        self._save("last", row)
        self.folder.write_log(self.log)
        tensors = {"net": self.net.state_dict(), "optimiser": self.optimiser.state_dict()}
        if self.recipe.train.ema:
            tensors["average"] = self.average.net.state_dict()
        facts = {"log": self.log, "best": self.best, "steps": self.average.steps}
        save_state(self.folder.resume, tensors, facts)

    def _save(self, which: str, row: dict[str, Any]) -> None:
        scores = {"split": self.recipe.data.validation or "holdout", "n": len(self.validation), "epoch": row["epoch"]}
        scores |= {key: round(value, 3) for key, value in row.items() if key.startswith("val_")}
        spec = self.spec.replace(scores={"validation": scores})
        spec = spec.replace(sha256=save_weights(self.average.net, spec, self.folder.weights(which)))
        write_text(self.folder.spec, spec.to_json())
        self.spec = spec

    def _finish(self) -> None:
        self._save("final", self.log[-1])
        self._plot_curves()

    def _restore(self) -> None:
        state = load_state(self.folder.resume)
        if state is None:
            return
        tensors, facts = state
        self.net.load_state_dict(tensors["net"])
        self.optimiser.load_state_dict(tensors["optimiser"])
        if self.recipe.train.ema:
            self.average.net.load_state_dict(tensors["average"])
        self.average.steps = facts["steps"]
        self.log, self.best = facts["log"], facts["best"]

    def _tensorboard(self) -> Any:
        if not self.accelerator.is_main_process:
            return None
        from torch.utils.tensorboard.writer import SummaryWriter

        return SummaryWriter(str(self.folder.tensorboard), purge_step=len(self.log) + 1)

    def _plot_curves(self) -> None:
        from mien.plots.curves import plot_curves

        self.folder.plots.mkdir(exist_ok=True)
        plot_curves(self.log, self.folder.plots / "curves.png")

    def _model_spec(self, heads: Any, faces: FaceSet, n_train: int, n_validation: int) -> ModelSpec:
        recipe, settings = self.recipe, self.recipe.input
        channels = len(settings.mean)
        with torch.no_grad():
            self.net.eval()
            x = torch.zeros(1, channels, settings.height, settings.width, device=self.accelerator.device)
            feature_map = self.net.features(x)
            embedding = self.net.pool(feature_map)
            self.net.train()
        return ModelSpec(
            name=recipe.name,
            architecture=recipe.model.name,
            architecture_options=dict(recipe.model.options),
            heads=heads,
            height=settings.height,
            width=settings.width,
            colour=settings.colour,
            mean=settings.mean,
            std=settings.std,
            parameters=count_parameters(self.net),
            embedding=embedding.shape[1],
            feature_map=(feature_map.shape[1], feature_map.shape[2], feature_map.shape[3]),
            licence=recipe.licence,
            training={
                "data": faces.name,
                "data_sha256": faces.content or faces.digest(),
                "train": recipe.data.train,
                "n_train": n_train,
                "validation": recipe.data.validation or f"holdout {recipe.data.holdout}",
                "n_validation": n_validation,
                "recipe": recipe.name,
                "seed": recipe.seed,
                "precision": "bf16" if self.bf16 else "fp32",
                "commit": commit(),
                "versions": versions(),
            },
        )
