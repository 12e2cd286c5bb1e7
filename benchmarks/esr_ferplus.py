"""ESR-9 and ESR*-9 on FER+ as two CPU cores can train them: the curve of each branch, and PrivateTest once.

    mien train recipes/esr9-ferplus-cpu.toml --data DATA --out runs/esr9-ferplus-cpu
    mien train recipes/esrstar9-ferplus-cpu.toml --data DATA --out runs/esrstar9-ferplus-cpu
    python benchmarks/esr_ferplus.py --data DATA runs/esr9-ferplus-cpu runs/esrstar9-ferplus-cpu

Epochs are chosen on PublicTest. A run that still lacks branches is told as far as it is, and its ensemble is not
scored on PrivateTest.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from record import write

import mien
from mien.lab.train.esr_stages import read_log
from mien.model_spec import ModelSpec
from mien.plots.branch_curves import plot_branches

PICTURE = Path(__file__).parents[1] / "docs" / "images" / "esr-ferplus.png"
NAMES = {"esr9": "ESR-9", "esrstar9": "ESR*-9"}


def told(run: Path, data: str) -> dict[str, Any]:
    """One run's stages, and the ensemble's scores where all branches are there."""
    rows = read_log(run / "log.csv")
    spec = ModelSpec.from_file(run / "model.json")
    stages = []
    for branch in sorted({int(row["branch"]) for row in rows}):
        mine = [row for row in rows if int(row["branch"]) == branch]
        best = max(mine, key=lambda row: row["val_top1"])
        stages.append({
            "branch": branch, "epochs": len(mine), "ensemble": best["val_top1"], "vote": best["val_top1_vote"],
            "branches": [best[f"val_top1_branch_{k}"] for k in range(1, branch + 1)],
            "disagreement": best["val_disagreement"], "minutes": sum(row["seconds"] for row in mine) / 60,
        })  # fmt: skip
    found: dict[str, Any] = {
        "run": run.name, "architecture": spec.architecture, "training": dict(spec.training), "stages": stages,
        "minutes": sum(stage["minutes"] for stage in stages),
    }  # fmt: skip
    if (run / "final.safetensors").exists():
        scores = mien.evaluate(str(run), data=data, split="PrivateTest", labels="ferplus").to_dict()
        found["private_test"] = {k: scores[k] for k in ("n", "top1", "top1_ci95", "macro_f1", "per_class", "branches")}
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("runs", type=Path, nargs="+")
    parser.add_argument("--data", default="../shared/data/fer2013.parquet")
    options = parser.parse_args()
    found = [told(run, options.data) for run in options.runs]
    rows = {NAMES[one["architecture"]]: read_log(run / "log.csv") for one, run in zip(found, options.runs, strict=True)}
    plot_branches(rows, PICTURE, title="FER+, PublicTest")
    for one in found:
        print(one["run"], f"{one['minutes']:.0f} min", one["stages"][-1], one.get("private_test", {}).get("top1"))
    write("esr-ferplus", found, packages=("mien", "numpy", "torch"))


if __name__ == "__main__":
    main()
