"""A run's folder: recipe.toml, log.csv, train.log, model.json, weights, resume/, tensorboard/, plots/."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mien.errors import MienError
from mien.whole_file import write_whole


class RunFolder:
    """Paths of a run and the ways its files are written."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    @property
    def recipe(self) -> Path:
        return self.path / "recipe.toml"

    @property
    def log(self) -> Path:
        return self.path / "log.csv"

    @property
    def diary(self) -> Path:
        return self.path / "train.log"

    @property
    def spec(self) -> Path:
        return self.path / "model.json"

    @property
    def resume(self) -> Path:
        return self.path / "resume"

    @property
    def tensorboard(self) -> Path:
        return self.path / "tensorboard"

    @property
    def plots(self) -> Path:
        return self.path / "plots"

    def weights(self, which: str) -> Path:
        """`best` on validation, `last` finished epoch, or `final` when the recipe is done."""
        return self.path / f"{which}.safetensors"

    def start(self, recipe_text: str, *, resume: bool) -> None:
        """Make the folder, or check that it holds this very recipe.

        Raises:
            MienError: a folder in use and no --resume, or --resume with another recipe.
        """
        used = self.recipe.exists()
        if used and not resume:
            raise MienError(f"{self.path}: holds a run already; --resume goes on with it, --out names another folder")
        if used and resume and self.recipe.read_text(encoding="utf-8") != recipe_text:
            raise MienError(f"{self.recipe}: differs from the recipe given; resume with the same, or use another --out")
        self.path.mkdir(parents=True, exist_ok=True)
        write_whole(self.recipe, recipe_text)

    def write_log(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """log.csv, a row an epoch; written whole, so that a resumed run has each epoch once.

        Cells that a row lacks, as those of epochs that were not validated, are empty.
        """
        buffer = io.StringIO()
        columns = list(dict.fromkeys([*max(rows, key=len), *(key for row in rows for key in row)]))
        writer = csv.DictWriter(buffer, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        write_whole(self.log, buffer.getvalue())
