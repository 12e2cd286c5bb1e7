"""The bundled models on FER2013's PrivateTest, which no choice has seen.

usage: fer2013.py [--data ../shared/data/fer2013.parquet] [--large runs | --smaller runs]

With --large the large files of that folder, recorded as `large`; with --smaller those that are smaller than the bundled
ones, recorded as `smaller`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from record import write

import mien

TRAINED_ON = {"small-fer2013": "fer2013", "nano-fer2013": "fer2013", "small": "ferplus", "nano": "ferplus"}
"""The bundled models, and the labels that each learnt."""
LARGE = {"large-fer2013": "fer2013", "large": "ferplus"}
"""What recipes/bundle.py makes too large for the wheel, and the labels that each learnt."""
SMALLER = {"nano-symmetric": "fer2013"}
"""What it makes smaller than `nano-fer2013`, and the labels that each learnt."""
RUNS = (*TRAINED_ON.items(), ("small-fer2013", "ferplus"), ("small", "fer2013"))
REFIT = ":protocol=refit"
"""The cut by which they learnt: whatever is fitted for them is fitted on its Validation."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="../shared/data/fer2013.parquet")
    folder = parser.add_mutually_exclusive_group()
    folder.add_argument("--large", type=Path)
    folder.add_argument("--smaller", type=Path)
    args = parser.parse_args()
    record, runs = "fer2013", list(RUNS)
    for name, models, place in (("large", LARGE, args.large), ("smaller", SMALLER, args.smaller)):
        if place:
            record, runs = name, [(str(place / f"{model}.onnx"), labels) for model, labels in models.items()]
    results = []
    for model, labels in runs:
        for data, split in ((args.data + REFIT, "Validation"), (args.data, "PrivateTest")):
            scores = mien.evaluate(model, data=data, split=split, labels=labels).to_dict()
            scores |= {"model": Path(model).stem, "data": scores["data"].rsplit("/", 1)[-1]}
            results.append(scores)
            print(model, labels, split, scores["n"], round(scores["top1"], 2), scores["top1_ci95"])
    write(record, results)


if __name__ == "__main__":
    main()
