"""Few labels: what a BYOL trunk is worth on FER2013 against training from scratch.

    python -m mien train recipes/byol.toml --out runs/byol
    nice -n 19 python benchmarks/byol_labels.py [--trunk runs/byol] [--out runs/byol-labels] [--shares 0.01,0.1,1]

1, 10 and 100 % of the training labels, drawn evenly from each emotion, three draws of the first two; with each
- `scratch`: recipes/byol-finetune.toml from random weights,
- `fine_tune`: the same recipe and as many steps, from the trunk,
- `probe`: recipes/byol-probe.toml, a linear layer on the trunk as it is.
Nothing is chosen: the last epoch counts. PublicTest is shown beside; PrivateTest is looked at once a training, at
its end. A training that is done is not done again, one that was stopped goes on: run the script until it ends.
All trainings of a share see the same faces in the same steps; the trunk is one, of one seed.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from record import write

import mien
from mien.datasets.load import load_dataset
from mien.lab.predict import load_net
from mien.lab.train.recipe_file import read_recipe
from mien.lab.train.run import train
from mien.score.intervals import wilson

RECIPES = Path(__file__).parents[1] / "recipes"
WAYS = {"scratch": "byol-finetune.toml", "fine_tune": "byol-finetune.toml", "probe": "byol-probe.toml"}
RATES = {"scratch": 4e-3, "fine_tune": 2e-3, "probe": 1e-2}  # set beforehand, not searched
EPOCHS = 5  # of equally many steps; only so often is PublicTest looked at
SHARES = {0.01: (100, 64, 3), 0.1: (120, 128, 3), 1.0: (225, 128, 1)}
"""Share of the labels -> steps an epoch, faces a step, draws."""
SPLITS = ("PublicTest", "PrivateTest")


@dataclass(frozen=True, slots=True)
class Cell:
    """One training of the table."""

    share: float
    way: str
    seed: int

    @property
    def name(self) -> str:
        return f"{self.way}-{100 * self.share:g}-{self.seed}"

    def settings(self, trunk: Path, data: Path) -> list[str]:
        steps, batch, _ = SHARES[self.share]
        return [
            f"name=byol-{self.name}",
            f"init={'' if self.way == 'scratch' else trunk}",
            f"seed={self.seed}",
            f"data.path={data}",
            f"data.fraction={self.share}",
            f"data.fraction_seed={self.seed}",
            f"train.epochs={EPOCHS}",
            f"train.steps={steps}",
            f"train.batch={batch}",
            f"train.lr={RATES[self.way]}",
            "train.warmup=0.5",
        ]


def measure(cell: Cell, trunk: Path, data: Path, out: Path) -> dict[str, Any]:
    """Train one cell, or go on with it, and score its last epoch; kept in a file beside the run."""
    kept = out / f"{cell.name}.json"
    if kept.exists():
        return dict(json.loads(kept.read_text(encoding="utf-8")))
    recipe = read_recipe(RECIPES / WAYS[cell.way], cell.settings(trunk, data))
    folder = out / cell.name
    done = train(recipe, load_dataset(str(data)), folder, resume=folder.exists(), quiet=True)
    found: dict[str, Any] = {**asdict(cell), "labels": done.spec.training["n_train"]}
    for split in SPLITS:
        scores = mien.evaluate(str(folder), data=str(data), split=split, labels="fer2013").to_dict()
        found[split] = {"n": scores["n"], "right": round(scores["top1"] * scores["n"] / 100)}
    part = kept.with_suffix(".part")
    part.write_text(json.dumps(found), encoding="utf-8")
    part.replace(kept)
    return found


def row(cells: list[dict[str, Any]]) -> dict[str, Any]:
    """A way's cells of one share as a line: the mean, Wilson's interval of the mean count, and each draw."""
    steps, batch, _ = SHARES[cells[0]["share"]]
    line = {
        "labels": cells[0]["labels"],
        "steps": EPOCHS * steps,
        "batch": batch,
        "lr": RATES[cells[0]["way"]],
        "draws": len(cells),
    }
    for split in SPLITS:
        n, right = cells[0][split]["n"], [cell[split]["right"] for cell in cells]
        low, high = wilson(round(sum(right) / len(right)), n)
        line[split] = {
            "n": n,
            "top1": round(100 * sum(right) / len(right) / n, 2),
            "top1_ci95": [round(low, 2), round(high, 2)],
            "top1_by_draw": [round(100 * r / n, 2) for r in right],
        }
    return line


def trunk_facts(trunk: Path) -> dict[str, Any]:
    """What the trunk is and how its training went."""
    import csv

    _, spec = load_net(trunk)
    with (trunk / "log.csv").open(encoding="utf-8") as file:
        log = list(csv.DictReader(file))
    last = {key: round(float(log[-1][key]), 4) for key in ("train_loss", "val_std", "val_knn", "collapsed")}
    return {
        "parameters": spec.parameters,
        "recipe": spec.training["recipe"],
        "n_train": spec.training["n_train"],
        "epochs": len(log),
        "minutes": round(sum(float(r["seconds"]) for r in log) / 60, 1),
        "commit": spec.training["commit"],
        **last,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--trunk", type=Path, default=Path("runs/byol"))
    parser.add_argument("--data", type=Path, default=Path("../shared/data/fer2013.parquet"))
    parser.add_argument("--out", type=Path, default=Path("runs/byol-labels"))
    parser.add_argument("--shares", default="0.01,0.1,1", help="of the labels, from the fewest on")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    table: dict[str, dict[str, Any]] = {}
    for share in map(float, options.shares.split(",")):
        for way in WAYS:
            cells = []
            for seed in range(SHARES[share][2]):
                cells.append(measure(Cell(share, way, seed), options.trunk, options.data, options.out))
                print(cells[-1], flush=True)
            table.setdefault(f"{100 * share:g} %", {})[way] = row(cells)
    write("byol_labels", {"trunk": trunk_facts(options.trunk), "table": table}, packages=("mien", "numpy", "torch"))


if __name__ == "__main__":
    main()
