"""The bundled models on FER2013's PrivateTest, which no choice has seen.

usage: fer2013.py [--data ../shared/data/fer2013.parquet] [--large runs]

With --large the large files of that folder, recorded as `large`.
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
RUNS = (*TRAINED_ON.items(), ("small-fer2013", "ferplus"), ("small", "fer2013"))
REFIT = ":protocol=refit"
"""The cut by which they learnt: whatever is fitted for them is fitted on its Validation."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="../shared/data/fer2013.parquet")
    parser.add_argument("--large", type=Path)
    args = parser.parse_args()
    large = [(str(args.large / f"{name}.onnx"), labels) for name, labels in LARGE.items()] if args.large else []
    results = []
    for model, labels in large or RUNS:
        for data, split in ((args.data + REFIT, "Validation"), (args.data, "PrivateTest")):
            scores = mien.evaluate(model, data=data, split=split, labels=labels).to_dict()
            scores |= {"model": Path(model).stem, "data": scores["data"].rsplit("/", 1)[-1]}
            results.append(scores)
            print(model, labels, split, scores["n"], round(scores["top1"], 2), scores["top1_ci95"])
    write("large" if large else "fer2013", results)


if __name__ == "__main__":
    main()
