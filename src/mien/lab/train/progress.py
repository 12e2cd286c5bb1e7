"""What a person sees of a run: a bar with the time left on a terminal, a line an epoch elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn


class TrainingProgress:
    """Context manager; quiet prints nothing at all. `told`: columns of log.csv that each epoch's line tells."""

    def __init__(
        self, name: str, epochs: int, steps: int, done: int, *, told: tuple[str, ...] = (), quiet: bool = False
    ) -> None:
        self.console = Console(stderr=True, quiet=quiet, highlight=False)
        self.bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("steps"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=self.console,
            disable=quiet or not self.console.is_terminal,
        )
        self.name, self.epochs, self.told = name, epochs, told
        self.task = self.bar.add_task(name, total=epochs * steps, completed=done * steps)

    def __enter__(self) -> TrainingProgress:
        self.bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.bar.stop()

    def step(self, epoch: int, loss: float | None) -> None:
        """One step on; reading a loss waits for the device, so most steps give none."""
        text = None if loss is None else f"{self.name} epoch {epoch + 1}/{self.epochs} loss {loss:.3f}"
        self.bar.update(self.task, advance=1, description=text)

    def epoch(self, row: Mapping[str, Any]) -> None:
        shown = ("val_loss", "val_std", "val_knn", "val_reached", "val_rec")
        scores = "  ".join(
            f"{k.removeprefix('val_')} {v:.4g}"
            for k, v in row.items()
            if (k.startswith("val_top1_") and "_branch_" not in k) or k in shown or k in self.told
        )
        left = row["seconds"] * (self.epochs - row["epoch"]) / 60
        self.console.print(
            f"epoch {row['epoch']}/{self.epochs}  loss {row['train_loss']:.3f}  {scores}"
            f"  {row['faces_per_s']:.0f} faces/s  {left:.0f} min left"
        )
