"""How long a report takes, by part: a bundled model on PrivateTest, robustness on a sample and on all faces.

usage: report.py [--data ../shared/data/fer2013.parquet] [--sample-only]
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from record import write

import mien
from mien.datasets.load import load_dataset
from mien.evaluate.predictor import open_model
from mien.evaluate.report.making import report_on

MODEL, SPLIT = "small-fer2013", "PrivateTest"


def report(data: str, robustness_n: int | None) -> dict[str, Any]:
    """Seconds by part, sizes, and what the report says of robustness."""
    load = os.getloadavg()[0]
    start = time.perf_counter()
    faces = load_dataset(data)
    read = time.perf_counter()
    predictor = open_model(MODEL)
    scores = mien.evaluate(predictor, faces, SPLIT)
    scored = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        made = report_on(MODEL, predictor, faces, scores, folder, robustness_n=robustness_n)
        done = time.perf_counter()
        document = json.loads((Path(folder) / "report.json").read_text(encoding="utf-8"))
        size = made.path.stat().st_size
    seconds = {"reading": read - start, "evaluating": scored - read, **made.seconds, "all": done - start}
    robust = document["robustness"]
    return {
        "model": MODEL,
        "split": SPLIT,
        "robustness_n": robust["n"],
        "load_before": round(load, 2),
        "seconds": {name: round(value, 2) for name, value in seconds.items()},
        "html_bytes": size,
        "left_out": document["left_out"],
        "clean": robust["clean"],
        "mean_top1": robust["mean_top1"],
        "relative_drop": robust["relative_drop"],
        "curves": [
            {key: curve[key] for key in ("corruption", "mean_top1", "relative_drop")}
            | {key: [step[key] for step in curve["steps"]] for key in ("level", "top1", "ece")}
            for curve in robust["curves"]
        ],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="../shared/data/fer2013.parquet")
    parser.add_argument("--sample-only", action="store_true", help="only the report with 500 faces")
    args = parser.parse_args()
    results = []
    for n in (500,) if args.sample_only else (500, None):
        found = report(args.data, n)
        print(found["robustness_n"], found["seconds"], "load", found["load_before"])
        results.append(found)
    write("report", results)


if __name__ == "__main__":
    main()
