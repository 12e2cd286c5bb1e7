"""`method = "ganmut"`: a generator and its critic learn a space of expressions (d'Apolito et al., CVPR 2021).

As in the other trainings, all that is random in an epoch follows from (seed, epoch), and the state is written at the
end of each: a run that was killed does its last unfinished epoch again and ends with the very weights.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from torch import Tensor, nn
from torch.nn import functional as F

from mien.datasets.face_set import FaceSet
from mien.errors import MienError
from mien.lab.augment.draw import Draw
from mien.lab.augment.pipeline import augment_batch
from mien.lab.augment.shift import shifted
from mien.lab.gan.beginning import adam, generator_spec, labelled, networks
from mien.lab.gan.generator import Generator
from mien.lab.gan.objective import Objective, Terms
from mien.lab.gan.sheets import Sheets
from mien.lab.gan.space import GaussianSpace
from mien.lab.gan.space_facts import space_facts
from mien.lab.gan.validation import Validation
from mien.lab.models.face_net import channels_last
from mien.lab.train.average import Average
from mien.lab.train.batches import FaceTensors, model_heads
from mien.lab.train.board import open_board, put
from mien.lab.train.checkpoint import load_state, save_state, save_weights
from mien.lab.train.progress import TrainingProgress
from mien.lab.train.recipe import Recipe
from mien.lab.train.recipe_file import to_toml
from mien.lab.train.run_folder import RunFolder
from mien.lab.train.run_log import RunLog
from mien.lab.train.schedules import learning_rate
from mien.lab.train.seeds import hash_seed
from mien.lab.train.splits import training_and_validation
from mien.whole_file import write_whole

LESSON_BATCH = 128
LESSON_STREAM = 2**31 - 1  # no epoch's number
_LOOK = 20  # steps from one look at the losses to the next: a device is waited for


class GanTraining:
    """One run's state; `run` is the story. Arguments as of `mien.lab.train.run.train`.

    Raises:
        MienError: data that the recipe does not fit, a folder in use, or a loss that is no number any more.
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
        on_epoch: Callable[[dict[str, Any]], None] | None = None,
    ) -> None:
        self.recipe, self.accelerator, self.bf16, self.on_epoch = recipe, accelerator, bf16, on_epoch
        self.quiet = quiet or not accelerator.is_main_process
        self.folder = RunFolder(out)
        training, validation = (labelled(side, recipe) for side in training_and_validation(recipe, faces))
        head = model_heads(training, recipe.heads, recipe.data)[0]
        if head.kind != "emotion":
            raise MienError("data.merge: a generator edits emotions one by one; leave it out")
        device = accelerator.device
        self.tensors = FaceTensors(training, recipe.heads, recipe.input, device, recipe.data)
        self.labels = self.tensors.hard[recipe.heads[0].name]
        torch.manual_seed(recipe.seed)
        self.generator, self.critic = networks(recipe, head.labels, device)
        self._check_batch()
        held = FaceTensors(validation, recipe.heads, recipe.input, device, recipe.data)
        settings = recipe.ganmut
        chosen = held.hard[recipe.heads[0].name]
        self.validation = Validation(validation, held, chosen, head.labels, settings.faces, settings.judge)
        self.average = Average(self.generator, recipe.train.ema)
        self.optimisers = (
            adam(self.generator, recipe, recipe.train.lr),
            adam(self.critic, recipe, settings.critic_lr or recipe.train.lr),
        )
        self.objective = Objective(self.generator, self.critic, settings, bf16)
        self.steps = self.tensors.steps(recipe.train)
        self.spec = generator_spec(recipe, self.generator, faces, (len(training), len(validation)), bf16)
        self.log: list[dict[str, Any]] = []
        self.history: list[tuple[int, list[list[float]]]] = []  # epoch, where the emotions lay
        self.best, self.taken = -math.inf, 0
        if accelerator.is_main_process:
            self.folder.start(to_toml(recipe), resume=resume)
        accelerator.wait_for_everyone()
        if resume:
            self._restore()
        self.diary = RunLog(self.folder.diary if accelerator.is_main_process else None)
        self.sheets = Sheets(self.folder.plots, self.validation)

    def run(self) -> list[dict[str, Any]]:
        """Train what is left; returns log.csv's rows."""
        epochs, main = self.recipe.train.epochs, self.accelerator.is_main_process
        board = open_board(self.folder.tensorboard, len(self.log)) if main else None
        where = f"{self.accelerator.num_processes} x {self.accelerator.device.type}, {'bf16' if self.bf16 else 'fp32'}"
        start = f"resumed after epoch {len(self.log)}" if self.log else "started"
        self.diary.say(f"{start}; {len(self.tensors)} faces, {self.steps} critic steps an epoch, {where}")
        with TrainingProgress(self.recipe.name, epochs, self.steps, len(self.log), quiet=self.quiet) as progress:
            if not self.log and self.recipe.ganmut.lessons:
                self._teach()
            while len(self.log) < epochs:
                row = self._epoch(len(self.log), progress)
                self._check_weights(row["epoch"])
                self.log.append(row)
                if main:
                    put(board, row)  # before the state: what a kill in between wrote is purged on resuming
                    self._finish_epoch(row)
                    progress.epoch(row)
                    if self.on_epoch is not None:
                        self.on_epoch(row)
                self.accelerator.wait_for_everyone()
        if board is not None:
            board.close()
        if main:
            self.diary.say(f"done after epoch {len(self.log)}")
            self._save("final", self.log[-1])
            self.sheets.draw(self._kept(), self.spec, len(self.log), self.history, self.bf16)
        self.accelerator.wait_for_everyone()
        return self.log

    def _epoch(self, epoch: int, progress: TrainingProgress) -> dict[str, Any]:
        started = time.perf_counter()
        sums: dict[str, Tensor] = {}
        counts: dict[str, int] = {}
        rate = 0.0
        for step, (faces, labels, draw) in enumerate(self._batches(epoch)):
            rate = learning_rate(self.recipe.train, epoch * self.steps + step, self.steps)
            found = {f"critic_{k}": v for k, v in self._critic_step(faces, labels, draw, rate).items()}
            if (self.taken + 1) % self.recipe.ganmut.n_critic == 0:
                terms = self._generator_step(faces, labels, draw, rate)
                found |= {f"generator_{k}": v for k, v in terms.items()}
            self.taken += 1
            for name, value in found.items():
                sums[name] = sums.get(name, 0) + value.detach()
                counts[name] = counts.get(name, 0) + 1
            if step % _LOOK == 0:
                self._check(sums, epoch)
                cycle = sums.get("generator_cycle")
                progress.step(epoch, None if cycle is None else float(cycle) / counts["generator_cycle"])
            else:
                progress.step(epoch, None)
        self._check(sums, epoch)
        means = {k: float(self.accelerator.reduce(v / counts[k], "mean")) for k, v in sums.items()}
        seconds = time.perf_counter() - started
        last = epoch + 1 == self.recipe.train.epochs
        if last or (epoch + 1) % self.recipe.train.validate_every == 0:
            means |= self.validation.scores(self._kept(), self.critic, self.bf16)
        return {
            "epoch": epoch + 1,
            "train_loss": means.get("generator_total", math.nan),
            **means,
            "lr": rate,
            "seconds": round(time.perf_counter() - started, 2),
            "faces_per_s": round(self.steps * self.recipe.train.batch / seconds, 1),
        }

    def _batches(self, epoch: int) -> Iterator[tuple[Tensor, Tensor, Draw]]:
        """This process's faces (n, c, h, w) in -1..1, their emotions, and the numbers for all else in the step."""
        recipe, shard = self.recipe, (self.accelerator.process_index, self.accelerator.num_processes)
        draws = self.tensors.draws(
            recipe.balance, batch=recipe.train.batch, steps=self.steps, seed=(recipe.seed, epoch), shard=shard
        )
        yield from self._ready(draws)

    def _ready(self, draws: Iterator[tuple[Tensor, Draw]]) -> Iterator[tuple[Tensor, Tensor, Draw]]:
        recipe = self.recipe
        side = (recipe.input.height, recipe.input.width)
        for rows, draw in draws:
            x, _ = augment_batch(
                self.tensors.picked(rows).float() / 255,
                {},
                recipe.augment,
                draw,
                side=side,
                normal=self.tensors.normal,
            )
            yield channels_last(x), self.labels[rows.cpu()].to(rows.device), draw

    def _teach(self) -> None:
        """The critic learns what real faces show, so that the generator's first lessons come from one that knows.

        By an optimiser of its own, whose memory ends here; a run killed in between begins anew.
        """
        recipe, lessons = self.recipe, self.recipe.ganmut.lessons
        shard = (self.accelerator.process_index, self.accelerator.num_processes)
        optimiser = adam(self.critic, recipe, recipe.train.lr)
        steps = max(1, len(self.tensors) // LESSON_BATCH)
        for lesson in range(lessons):
            total = torch.zeros((), device=self.accelerator.device)
            seed = (hash_seed(recipe.seed, LESSON_STREAM), lesson)
            draws = self.tensors.draws(recipe.balance, batch=LESSON_BATCH, steps=steps, seed=seed, shard=shard)
            for faces, labels, draw in self._ready(draws):
                with torch.autocast(faces.device.type, torch.bfloat16, enabled=self.bf16):
                    said = self.critic(shifted(faces, draw, recipe.ganmut.jitter)).logits
                loss = F.cross_entropy(said.float(), labels)
                self._move(optimiser, self.critic, loss, recipe.train.lr * (1 - lesson / lessons))
                total += loss.detach()
            mean = float(self.accelerator.reduce(total, "mean")) / steps
            self.diary.say(f"lesson {lesson + 1} of the critic  loss {mean:.4f}")

    def _critic_step(self, faces: Tensor, labels: Tensor, draw: Draw, rate: float) -> Terms:
        self.critic.requires_grad_(True)
        with torch.no_grad():
            asked = self.objective.ask(labels, draw)
        terms = self.objective.critic_terms(faces, labels, asked, draw)
        peak, own = self.recipe.train.lr, self.recipe.ganmut.critic_lr
        self._move(self.optimisers[1], self.critic, terms["total"], rate * own / peak if own and peak else rate)
        return terms

    def _generator_step(self, faces: Tensor, labels: Tensor, draw: Draw, rate: float) -> Terms:
        self.critic.requires_grad_(False)
        terms = self.objective.generator_terms(faces, labels, self.objective.ask(labels, draw), draw)
        self._move(self.optimisers[0], self.generator, terms["total"], rate)
        self.average.update(self.generator)
        return terms

    def _move(self, optimiser: torch.optim.Optimizer, net: nn.Module, loss: Tensor, rate: float) -> None:
        """One step of one network. Gradients are averaged by hand: a reducer knows no losses of second derivatives."""
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        if self.accelerator.num_processes > 1:
            for p in net.parameters():
                if p.grad is not None:
                    p.grad = self.accelerator.reduce(p.grad, "mean")
        if self.recipe.train.grad_clip:
            nn.utils.clip_grad_norm_(net.parameters(), self.recipe.train.grad_clip)
        for group in optimiser.param_groups:
            group["lr"] = rate
        optimiser.step()

    def _check(self, sums: Terms, epoch: int) -> None:
        """Raise MienError where a loss is no number; the last epoch's files stand."""
        for name, value in sums.items():
            if not math.isfinite(float(value)):
                held = f"last.safetensors holds epoch {epoch}" if epoch else "nothing was written yet"
                raise MienError(
                    f"{self.folder.path}: {name} is no number in epoch {epoch + 1}; lower train.lr or set"
                    f" train.grad_clip ({held})"
                )

    def _check_weights(self, epoch: int) -> None:
        """Raise MienError where the last step of an epoch, whose loss was taken before it, broke a weight."""
        for net in (self.generator, self.critic, self._kept()):
            if not all(bool(p.isfinite().all()) for p in net.parameters()):
                held = f"last.safetensors holds epoch {epoch - 1}" if epoch > 1 else "nothing was written yet"
                raise MienError(
                    f"{self.folder.path}: a weight is no number after epoch {epoch}; lower train.lr or set"
                    f" train.grad_clip ({held})"
                )

    def _finish_epoch(self, row: dict[str, Any]) -> None:
        """Write what was reached, the resume state last: a kill in between only repeats the epoch."""
        net, sheets = self._kept(), self.recipe.ganmut.sheets
        self.history.append((row["epoch"], net.space.places().tolist()))
        score = row.get("val_reached", -math.inf) if self.recipe.ganmut.judge else float(row["epoch"])
        if score > self.best:
            self.best = score
            self._save("best", row)
        self._save("last", row)
        self.folder.write_log(self.log)
        if sheets and row["epoch"] % sheets == 0:
            self.sheets.draw(net, self.spec, row["epoch"], self.history, self.bf16)
        shown = {k: v for k, v in row.items() if k in ("generator_total", "critic_total", "val_reached", "val_rec")}
        self.diary.say(f"epoch {row['epoch']}  " + "  ".join(f"{k} {v:.4g}" for k, v in shown.items()))
        tensors: dict[str, Any] = {"generator": self.generator.state_dict(), "critic": self.critic.state_dict()}
        tensors["optimisers"] = [optimiser.state_dict() for optimiser in self.optimisers]
        if self.average.own is not None:
            tensors["average"] = self.average.own.state_dict()
        facts = {"log": self.log, "best": self.best, "steps": self.average.steps}
        save_state(self.folder.resume, tensors, facts | {"taken": self.taken, "history": self.history})

    def _save(self, which: str, row: dict[str, Any]) -> None:
        scores: dict[str, Any] = {"n": len(self.validation.rows), "epoch": row["epoch"]}
        scores["judge"] = self.recipe.ganmut.judge or "its own critic"
        scores |= {k: round(v, 3) for k, v in row.items() if k.startswith("val_")}
        net = self._kept()
        spec = self.spec.replace(scores={"validation": scores}, space=space_facts(net.space))
        spec = spec.replace(sha256=save_weights(net, spec, self.folder.weights(which)))
        write_whole(self.folder.spec, spec.to_json())
        self.spec = spec

    def _kept(self) -> Generator:
        net: Generator = self.average.net  # type: ignore[assignment]
        return net

    def _restore(self) -> None:
        state = load_state(self.folder.resume)
        if state is None:
            return
        tensors, facts = state
        self.generator.load_state_dict(tensors["generator"])
        self.critic.load_state_dict(tensors["critic"])
        for optimiser, kept in zip(self.optimisers, tensors["optimisers"], strict=True):
            optimiser.load_state_dict(kept)
        if self.average.own is not None:
            self.average.own.load_state_dict(tensors["average"])
        self.average.steps, self.taken = facts["steps"], facts["taken"]
        self.log, self.best = facts["log"], facts["best"]
        self.history = [(epoch, places) for epoch, places in facts["history"]]

    def _check_batch(self) -> None:
        mine = self.recipe.train.batch // self.accelerator.num_processes
        if isinstance(self.generator.space, GaussianSpace) and mine <= len(self.generator.space.emotions):
            raise MienError(
                f"train.batch = {self.recipe.train.batch}: a Gaussian space asks for each of"
                f" {len(self.generator.space.emotions)} emotions in every batch, and for more; make it larger"
            )
