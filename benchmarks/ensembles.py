"""Ensembles of models on FER2013: fitted on validation, reported on PrivateTest, with paired tests of the members.

usage: ensembles.py [MODEL...] [--data ../shared/data/fer2013.parquet] [--labels fer2013]

A MODEL runs (bundled name, .onnx, run), or is a folder with val.npz and test.npz as benchmarks/zoo.py saves them.
Models that run are timed here, and fitted on the fifth of PublicTest that the bundled ones have not learnt; saved ones
have no time and are fitted on what was saved.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from fer2013 import REFIT
from record import write

import mien
from mien.evaluate.comparison import compare
from mien.evaluate.cost import milliseconds_per_face
from mien.evaluate.ensembling import ensembles
from mien.evaluate.predictor import open_model
from mien.evaluate.probabilities_file import load_probabilities

if TYPE_CHECKING:
    from mien.datasets.face_set import FaceSet
    from mien.evaluate.predictions import Predictions

BUNDLED = ("small-fer2013", "small")
SAVED = ("val.npz", "test.npz")
"""What a folder of saved probabilities holds: of validation, and of PrivateTest."""


def said(model: str, rest: FaceSet, faces: FaceSet, labels: str) -> list[Predictions]:
    """On validation and on PrivateTest."""
    if all((Path(model) / name).exists() for name in SAVED):
        return [load_probabilities(Path(model) / name) for name in SAVED]
    parts = ((rest, "Validation"), (faces, "PrivateTest"))
    return [mien.evaluate(model, data, split, labels=labels).predictions for data, split in parts]


def cost(model: str) -> float | None:
    saved = any((Path(model) / name).exists() for name in SAVED)
    return None if saved else milliseconds_per_face(open_model(model, "cpu"), repeats=20)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", default=BUNDLED)
    parser.add_argument("--data", default="../shared/data/fer2013.parquet")
    parser.add_argument("--labels", default="fer2013")
    args = parser.parse_args()
    rest, faces = mien.load_dataset(args.data + REFIT), mien.load_dataset(args.data)
    validation, test = zip(*(said(model, rest, faces, args.labels) for model in args.models), strict=True)
    rows = ensembles(test, validation, members=args.models, cost=[cost(model) for model in args.models])
    comparison = compare(test).to_dict() | {"data": Path(args.data).name}
    for row in rows:
        print(row.rule, row.in_words, round(row.top1, 2), row.top1_ci95, round(row.gain, 2), row.gain_ci95, row.ms)
    for pair in comparison["pairs"]:
        print(pair["first"], pair["second"], pair["top1_difference"], pair["top1_ci95"], pair["p"], pair["kappa"])
    write(
        "ensembles",
        {
            "labels": args.labels,
            "validation": {"split": validation[0].split, "n": len(validation[0])},
            "test": {"split": "PrivateTest", "n": len(test[0])},
            "rows": [row.to_dict() for row in rows],
            "comparison": comparison,
        },
        packages=("mien", "numpy", "scipy", "onnxruntime"),
    )


if __name__ == "__main__":
    main()
