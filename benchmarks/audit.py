"""`mien data audit` on FER2013: what it finds, how long it takes, and whether it finds planted copies.

usage: audit.py [--data ../shared/data/fer2013.parquet]          measure, and count the verdicts of docs/audit-pairs.csv
       audit.py --sheet DIR [--seed 1]                           draw the near pairs of such a list, to look at
       audit.py --out-of-fold NPZ                                judge by votes what confident learning finds; the
                                                                 file is of `mien data audit --save-out-of-fold NPZ`

Planted: 240 random faces of Training are put over random rows of PrivateTest, 60 mirrored, 60 brightened by a quarter,
60 as JPEG of quality 40, 60 shifted by two pixels. A planted pair is found when findings.csv would list it.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from record import write

import mien
from mien.datasets.face_set import FaceSet
from mien.evaluate.audit.audit import Audit, audit
from mien.evaluate.audit.confident_learning import error_summary, joined, likely_errors

Picture = NDArray[np.uint8]
VERDICTS = Path(__file__).parents[1] / "docs" / "audit-pairs.csv"
EACH, SEED = 60, 0
DRAWN, A_SHEET, ENLARGED = 100, 20, 3


def brightened(face: Picture) -> Picture:
    return np.clip(np.rint(face * 1.25), 0, 255).astype(np.uint8)


def recompressed(face: Picture) -> Picture:
    _, data = cv2.imencode(".jpg", face, [cv2.IMWRITE_JPEG_QUALITY, 40])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)


def shifted(face: Picture) -> Picture:
    """Two pixels to the right, the border repeated."""
    return np.pad(face, ((0, 0), (2, 0)), mode="edge")[:, :-2]


CHANGES: dict[str, Callable[[Picture], Picture]] = {
    "mirrored": lambda face: face[:, ::-1],
    "brightened by a quarter": brightened,
    "JPEG quality 40": recompressed,
    "shifted by two pixels": shifted,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="../shared/data/fer2013.parquet")
    parser.add_argument("--sheet", type=Path, metavar="DIR", help="draw sheets of near pairs here, and a list of them")
    parser.add_argument("--out-of-fold", type=Path, metavar="NPZ", help="saved probabilities of held-out rows")
    parser.add_argument("--seed", type=int, default=1, help="of the pairs drawn")
    args = parser.parse_args()
    if args.out_of_fold:
        write(
            "audit-out-of-fold", judged(mien.load_dataset(args.data), args.out_of_fold), packages=("mien", "cleanlab")
        )
        return
    started = time.perf_counter()
    faces = mien.load_dataset(args.data)
    found = audit(faces, "fer2013")
    seconds = time.perf_counter() - started
    if args.sheet:
        draw_sheets(faces, found, args.sheet, args.seed)
        return
    kept = ("n", "findings", "rows_to_leave_out", "exact", "twins_in_other_splits", "agreement_with_votes", "drift")
    results = {"seconds": round(seconds, 1)} | {key: found.summary[key] for key in kept}
    results["planted"] = planted(faces)
    if VERDICTS.exists():
        results["near_pairs_looked_at"] = verdicts(found)
    write("audit", results, packages=("mien", "numpy", "scipy", "opencv-python-headless"))
    for key in ("seconds", "findings", "exact", "planted", "near_pairs_looked_at"):
        print(key, results.get(key))


def planted(faces: FaceSet) -> dict[str, Any]:
    """Recall of the planted pairs, overall and by kind of change."""
    assert faces.pixels is not None
    rng = np.random.default_rng(SEED)
    total = EACH * len(CHANGES)
    sources = rng.choice(np.flatnonzero(faces.split == "Training"), total, replace=False)
    places = rng.choice(np.flatnonzero(faces.split == "PrivateTest"), total, replace=False)
    changes = [name for name in CHANGES for _ in range(EACH)]
    pixels = faces.pixels.copy()
    for source, place, change in zip(sources, places, changes, strict=True):
        pixels[place] = CHANGES[change](faces.pixels[source])
    found = audit(faces.replace(pixels=pixels, content=""), "fer2013", kinds=("exact", "near"))
    pairs = {(f.row, f.twin) for f in found.findings}
    hits = [(int(source), int(place)) in pairs for source, place in zip(sources, places, strict=True)]
    by_kind = {name: sum(hits[i * EACH : (i + 1) * EACH]) for i, name in enumerate(CHANGES)}
    return {
        "planted": total,
        "seed": SEED,
        "found": sum(hits),
        "recall": round(sum(hits) / total, 4),
        "recall_by_kind": {name: round(count / EACH, 4) for name, count in by_kind.items()},
    }


def verdicts(found: Audit) -> dict[str, Any]:
    """What somebody who looked at the pairs said of them."""
    with VERDICTS.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    listed = {(f.row, f.twin) for f in found.findings if f.kind == "near"}
    gone = [row for row in rows if (int(row["row"]), int(row["twin"])) not in listed]
    return {"n": len(rows), "no_longer_listed": len(gone), **Counter(row["verdict"] for row in rows)}


def judged(faces: FaceSet, path: Path) -> dict[str, Any]:
    """Of the rows that the votes can judge: how often the winner of the votes is another emotion than the label."""
    said = joined([path], faces, "fer2013")
    errors = likely_errors(said)
    winner, labels = faces.hard("ferplus"), faces.hard("fer2013")
    rows = said.rows[winner[said.rows] >= 0]
    other = winner != labels
    flagged = np.zeros(len(faces), np.bool_)
    flagged[[f.row for f in errors]] = True
    first = [f.row for f in errors if winner[f.row] >= 0][:500]

    def share(some: NDArray[np.bool_] | NDArray[np.int64] | list[int]) -> float:
        return round(100 * float(other[some].mean()), 1)

    out = error_summary(said, errors) | {
        "judged_by_votes": len(rows),
        "votes_name_another": share(rows),
        "flagged_and_judged": int(flagged[rows].sum()),
        "votes_name_another_of_flagged": share(rows[flagged[rows]]),
        "votes_name_another_of_the_rest": share(rows[~flagged[rows]]),
        "votes_name_another_of_the_500_first": share(first),
    }
    print(out)
    return out


def draw_sheets(faces: FaceSet, found: Audit, folder: Path, seed: int) -> None:
    """Random near pairs on sheets of 20, three times enlarged, and a list to write verdicts into.

    The sheets hold pictures of the data set: they belong to whoever has it, and nowhere else.
    """
    assert faces.pixels is not None
    near = [f for f in found.findings if f.kind == "near"]
    chosen = np.sort(np.random.default_rng(seed).choice(len(near), DRAWN, replace=False))
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "pairs.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("row", "twin", "score", "verdict", "remark"))
        writer.writerows((near[i].row, near[i].twin, f"{near[i].score:.4f}", "", "") for i in chosen)
    side = faces.pixels.shape[1] * ENLARGED
    for sheet in range(DRAWN // A_SHEET):
        cells = []
        for number, i in enumerate(chosen[sheet * A_SHEET : (sheet + 1) * A_SHEET], sheet * A_SHEET + 1):
            rows = (near[i].row, near[i].twin)
            both = [cv2.resize(faces.pixels[row], (side, side), interpolation=cv2.INTER_CUBIC) for row in rows]
            label = np.zeros((18, 2 * side), np.uint8)
            text = f"{number}: {rows[0]} {rows[1]}  {near[i].score:.3f}"
            cv2.putText(label, text, (3, 13), cv2.FONT_HERSHEY_SIMPLEX, 0.42, 255, 1, cv2.LINE_AA)
            cells.append(np.pad(np.vstack([np.hstack(both), label]), ((0, 6), (0, 6)), constant_values=128))
        lines = [np.hstack(cells[start : start + 4]) for start in range(0, len(cells), 4)]
        cv2.imwrite(str(folder / f"sheet{sheet + 1}.png"), np.vstack(lines))
    print(folder)


if __name__ == "__main__":
    main()
