"""What a bundled model's recipe gives from one seed to another, on FER2013's PrivateTest.

usage: seeds.py runs/small-fer2013-1.onnx... [--data ../shared/data/fer2013.parquet]

The files are made by `recipes/bundle.py NAME --seed N`; the bundled file is seed 0 and measured beside them. Seeds that
are not given keep their rows of the newest record: a seed takes hours, and their runs need not lie on one machine.
"""

from __future__ import annotations

import argparse
import datetime
from pathlib import Path
from typing import Any

from fer2013 import TRAINED_ON
from record import latest, write

import mien


def measured(model: str, file: str, seed: int, data: str) -> dict[str, Any]:
    """A row of the record: one seed's file on PrivateTest."""
    scores = mien.evaluate(file, data=data, split="PrivateTest", labels=TRAINED_ON[model])
    assert scores.deduplicated is not None
    return {
        "model": model, "seed": seed, "labels": scores.labels, "n": scores.n, "top1": scores.top1,
        "top1_ci95": scores.top1_ci95, "macro_f1": scores.macro_f1, "ece": scores.ece,
        "deduplicated": {key: scores.deduplicated[key] for key in ("n", "top1")},
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--data", default="../shared/data/fer2013.parquet")
    args = parser.parse_args()
    given: dict[tuple[str, int], str] = {}
    for file in args.files:
        model, _, seed = file.stem.rpartition("-")
        if model not in TRAINED_ON or not seed.isdigit():
            parser.error(f"{file}: no NAME-SEED.onnx of {', '.join(TRAINED_ON)}")
        given |= {(model, 0): model, (model, int(seed)): str(file)}
    rows = {(row["model"], row["seed"]): row for row in (latest("seeds") or {"results": []})["results"]}
    for (model, seed), file in given.items():
        row = rows[model, seed] = measured(model, file, seed, args.data)
        print(model, seed, row["n"], round(row["top1"], 2), round(row["deduplicated"]["top1"], 2))
    write("seeds", [rows[key] for key in sorted(rows)])


if __name__ == "__main__":
    main()
