"""What test-time averaging gives the bundled models, and what it costs; each beside the plain score.

usage: tta.py [--data ../shared/data/fer2013.parquet] [--models nano nano-fer2013]

Models that --models leaves out keep their rows of the newest record: for when some files are replaced.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

from fer2013 import REFIT, TRAINED_ON
from record import latest, write

import mien
from mien.evaluate.tta import averaging

WAYS = ("mirror", "ten-crop", "resmasking")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="../shared/data/fer2013.parquet")
    parser.add_argument("--models", nargs="+", choices=list(TRAINED_ON), default=list(TRAINED_ON))
    args = parser.parse_args()
    kept = (latest("tta") or {"results": []})["results"]
    whole, refit = mien.load_dataset(args.data), mien.load_dataset(args.data + REFIT)
    rows: list[dict[str, Any]] = []
    for model in TRAINED_ON:
        if model not in args.models:
            rows += [row for row in kept if row["model"] == model]
            continue
        for faces, split in ((refit, "Validation"), (whole, "PrivateTest")):
            mien.evaluate(model, faces, split)  # duplicates are looked for once and kept
            begun = time.perf_counter()
            mien.evaluate(model, faces, split)
            plain = time.perf_counter() - begun
            for name in WAYS:
                begun = time.perf_counter()
                scores = mien.evaluate(model, faces, split, tta=name)
                took = time.perf_counter() - begun
                way = averaging(name)
                assert scores.tta is not None
                assert way is not None
                row = {
                    "model": model, "labels": scores.labels, "split": split, "n": scores.n, "tta": name,
                    "views": way.views, "top1": scores.top1, "top1_averaged": scores.tta["top1"],
                    "top1_averaged_ci95": scores.tta["top1_ci95"], "ece": scores.ece, "ece_averaged": scores.tta["ece"],
                    "seconds": took, "seconds_plain": plain,
                }  # fmt: skip
                rows.append(row)
                print(model, split, name, f"{scores.top1:.2f} -> {scores.tta['top1']:.2f}", f"{took:.1f} s")
    write("tta", rows)


if __name__ == "__main__":
    main()
