"""What a person sees of a search: a bar of trials, the best so far, a line a trial."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from mien.lab.tune.slots import standing

if TYPE_CHECKING:
    from optuna import Study


class SearchProgress:
    """Context manager; quiet prints nothing at all."""

    def __init__(self, study: Study, *, quiet: bool = False) -> None:
        self.study = study
        self.console = Console(stderr=True, quiet=quiet, highlight=False)
        self.bar = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("trials"),
            TimeElapsedColumn(), console=self.console, disable=quiet or not self.console.is_terminal,
        )  # fmt: skip
        self.task = self.bar.add_task(study.study_name, total=None)
        self._update()

    def __enter__(self) -> SearchProgress:
        self.bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.bar.stop()

    def say(self, line: str) -> None:
        """Print a line above the bar, if there is one, and look at the study anew."""
        if line:
            self.console.print(line, soft_wrap=True)
        self._update()

    def _update(self) -> None:
        from optuna.trial import TrialState

        if self.bar.disable:
            return
        trials = standing(self.study.get_trials(deepcopy=False)).values()
        values = [t.value for t in trials if t.state == TrialState.COMPLETE and t.value is not None]
        best = (max if self.study.direction.name == "MAXIMIZE" else min)(values, default=None)
        name = self.study.study_name + ("" if best is None else f", best {best:.4g}")
        done = sum(t.state.is_finished() for t in trials)
        self.bar.update(self.task, description=name, completed=done, total=len(trials))
