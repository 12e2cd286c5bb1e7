"""Miniatures of action-unit sets in their true layouts; the pictures are noise."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image


def pictures(root: Path, names: Iterable[str]) -> None:
    """Small pictures at these paths below a folder."""
    for at, name in enumerate(names):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.random.default_rng(at).integers(0, 256, (8, 8, 3), dtype=np.uint8)).save(path)


HOST = "http://cbcsl.example.edu/EmotioNet"


def emotionet_sheet(root: Path, rows: Iterable[tuple[str, str, str]], header: str = "") -> Path:
    """A sheet of `name, original URL, codes` rows in EmotioNet's own quotes; codes of AU 1, 6, 12 and 51."""
    root.mkdir(parents=True, exist_ok=True)
    path = root / "EmotioNet_FACS_aws_2020_24600.csv"
    lines = [header or "URL,URL orig,'AU 1','AU 6','AU 12','AU 51'"]
    lines += [f"'{HOST}/{name}','{original}',{codes}" for name, original, codes in rows]
    path.write_text("\n".join(lines) + "\n")
    return path


def disfa(root: Path, people: Iterable[str], frames: int = 4, units: Iterable[int] = (1, 12, 25)) -> Path:
    """Labels and pictures; frame f of unit u of the p-th person has the intensity (f + u + p) % 6."""
    for p, person in enumerate(people):
        folder = root / "ActionUnit_Labels" / person
        folder.mkdir(parents=True, exist_ok=True)
        for unit in units:
            lines = [f"{frame},{(frame + unit + p) % 6}" for frame in range(1, frames + 1)]
            (folder / f"{person}_au{unit}.txt").write_text("\n".join(lines) + "\n")
        pictures(root, [f"Images/{person}/{frame:06d}.jpg" for frame in range(1, frames + 1)])
    return root


def bp4d(root: Path, people: Iterable[str], tasks: Iterable[int] = (1,), ending: str = "") -> Path:
    """Occurrence files with columns 1, 3, 6 and 10 for frames 11 to 13, and their pictures; 3 is coded nowhere."""
    for person in people:
        for task in tasks:
            path = root / "AUCoding" / "OCC" / f"{person}_T{task}{ending}.csv"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("0,1,3,6,10\n11,1,9,0,9\n12,0,9,1,1\n13,0,9,1,9\n")
            pictures(root, [f"{person}/T{task}/{frame:04d}.jpg" for frame in (11, 12, 13)])
    return root
