"""How far `mien analyze` has come, in a file beside the table, so that a run that was stopped can go on."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mien.errors import MienError

SUFFIX = ".resume"


@dataclass
class Progress:
    """What is done: pictures and whole videos by number, the state inside the video that is not
    whole, where the table stands, and what was counted."""

    pictures: int = 0
    videos: int = 0
    state: dict[str, Any] | None = None
    mark: dict[str, int] | None = None
    counts: dict[str, int] = field(default_factory=dict)


class Checkpoint:
    """The file `OUT.resume`.

    Args:
        out: the table.
        about: what must be the same for a run to go on: settings, model, inputs; plain data for JSON.
    """

    def __init__(self, out: Path, about: Mapping[str, Any]) -> None:
        self._out = out
        self.path = out.with_name(out.name + SUFFIX)
        self._about = json.loads(json.dumps(about))

    def save(self, progress: Progress) -> None:
        """Write it anew; it is whole at any time."""
        draft = self.path.with_name(self.path.name + ".draft")
        draft.write_text(json.dumps({"about": self._about, "progress": vars(progress)}), encoding="utf-8")
        draft.replace(self.path)

    def load(self) -> Progress:
        """Where the run was stopped; a fresh start where there is neither table nor checkpoint.

        Raises:
            MienError: a table without a checkpoint, one that cannot be read, or one of another run.
        """
        try:
            said = json.loads(self.path.read_text(encoding="utf-8"))
            about, progress = said["about"], Progress(**said["progress"])
        except FileNotFoundError:
            if self._out.exists():
                raise MienError(
                    f"{self._out}: no {self.path.name} beside it, so there is nothing to go on with; it is whole, or "
                    "another program's. Leave out --resume to write it anew"
                ) from None
            return Progress()
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise MienError(f"{self.path}: cannot be read ({error}); start again without --resume") from error
        for name in {**about, **self._about}:
            if about.get(name) != self._about.get(name):
                raise MienError(f"{self.path}: {_differs(name, about.get(name), self._about.get(name))}")
        return progress

    def remove(self) -> None:
        """The run is done."""
        self.path.unlink(missing_ok=True)


def inputs_named(paths: Iterable[Path]) -> str:
    """A digest of what the inputs are called."""
    return _digest(os.fspath(path) for path in paths)


def inputs_as_they_are(paths: Iterable[Path]) -> str:
    """A digest of the inputs' sizes and times of change."""
    return _digest(_stamp(path) for path in paths)


def _stamp(path: Path) -> str:
    try:
        found = path.stat()
    except OSError:
        return "-"
    return f"{found.st_size} {found.st_mtime_ns}"


def _digest(words: Iterable[str]) -> str:
    whole = hashlib.sha256()
    for word in words:
        whole.update(word.encode("utf-8", "surrogateescape") + b"\0")
    return whole.hexdigest()


def _differs(name: str, then: Any, now: Any) -> str:
    remedy = "start again without --resume"
    if name == "names":
        return f"the run that was stopped had other inputs; name the same ones, or {remedy}"
    if name == "files":
        return f"an input has changed since the run was stopped; {remedy}"
    if name == "model file":
        return f"the model's file has changed since the run was stopped; {remedy}"
    return f"the run that was stopped had {name} {_said(then)}, not {_said(now)}; give the same, or {remedy}"


def _said(value: Any) -> str:
    return "none" if value is None else str(value)
