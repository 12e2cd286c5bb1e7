"""A bar on standard error for work of several steps, where that is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def steps(quiet: bool) -> Iterator[Callable[[str, int, int], None] | None]:
    """Something to call with a step's name, what is done and what there is; None where nothing is
    shown."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task, now = bar.add_task("", total=None), ""

        def report(name: str, done: int, total: int) -> None:
            nonlocal now
            if name != now:
                now = name
                bar.reset(task, description=name)
            bar.update(task, completed=done, total=total)

        yield report
