"""What FER2013's copies are worth to a score: whose label they carry, and how models do on them and on the others.

usage: twins.py [MODEL...] [--data ../shared/data/fer2013.parquet]

A copy of a PrivateTest picture is one in Training or PublicTest, pixel by pixel or nearly. A net that remembered each
picture's label, and were as good as MODEL on those that stand nowhere else, would reach `remembering`.
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np
from numpy.typing import NDArray
from record import write

import mien
from mien.datasets.face_set import FaceSet
from mien.evaluate.duplicates import exact_groups
from mien.evaluate.pixels import crops
from mien.evaluate.same_picture import SIZE, same_pictures

SPLIT, LABELS = "PrivateTest", "fer2013"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", default=["small-fer2013", "nano-fer2013"])
    parser.add_argument("--data", default="../shared/data/fer2013.parquet")
    args = parser.parse_args()
    faces = mien.load_dataset(args.data)
    said = remembered(faces)
    rows = np.flatnonzero(faces.split == SPLIT)
    copied, same = said[rows] >= 0, said[rows] == faces.hard(LABELS)[rows]
    results: dict[str, Any] = {
        "split": SPLIT, "n": len(rows), "copied": int(copied.sum()), "same_label": percent(same[copied]), "models": [],
    }  # fmt: skip
    print(results)
    for model in args.models:
        found = mien.evaluate(model, faces, SPLIT, labels=LABELS).predictions
        assert (found.rows == rows).all()
        right = np.nan_to_num(found.probabilities, nan=-1).argmax(axis=1) == found.targets
        one = {
            "model": model, "top1": percent(right), "copied": percent(right[copied]), "others": percent(right[~copied]),
            "remembering": percent(np.where(copied, same, right)),
        }  # fmt: skip
        results["models"].append(one)
        print(one)
    write("twins", results)


def remembered(faces: FaceSet) -> NDArray[np.int64]:
    """(n,) of rows in SPLIT the label that most copies in other splits carry (the first of equals), -1 without copies.

    Pixel by pixel copies count, and near ones where there is none of those.
    """
    labels, rest = faces.hard(LABELS), faces.split != SPLIT
    group = exact_groups(faces)
    first = np.unique(group, return_index=True)[1]
    votes = np.zeros((len(first), int(labels.max()) + 1), np.int64)
    np.add.at(votes, (group[rest], labels[rest]), 1)
    asked = np.unique(group[~rest])
    alone = asked[votes[asked].sum(axis=1) == 0]
    thumbnails = np.concatenate([part[..., 0] for part in crops(faces.select(first), SIZE, SIZE, "grey")])
    pairs = same_pictures(thumbnails, alone, np.flatnonzero(votes.sum(axis=1) > 0))
    of_copies = np.zeros_like(votes)
    np.add.at(of_copies, pairs.first, votes[pairs.second])
    votes[alone] = of_copies[alone]
    best = np.where(votes.sum(axis=1) > 0, votes.argmax(axis=1), -1)
    return np.where(rest, -1, best[group])


def percent(hits: NDArray[np.bool_]) -> float:
    return round(100 * float(hits.mean()), 2)


if __name__ == "__main__":
    main()
