"""A run's train.log: what happened and when, a line each, added to when a run goes on."""

from __future__ import annotations

import datetime
from pathlib import Path


class RunLog:
    """Lines with a time stamp in UTC; a file of None writes nothing."""

    def __init__(self, path: Path | None) -> None:
        self.path = path

    def say(self, text: str) -> None:
        """Add a line; each is on the disk before the call returns, so that a kill loses none."""
        if self.path is None:
            return
        stamp = datetime.datetime.now(datetime.UTC).isoformat(sep=" ", timespec="seconds").removesuffix("+00:00")
        with self.path.open("a", encoding="utf-8") as file:
            file.write(f"{stamp}  {text}\n")
