"""A ten-minute video whose truth is known: numbers and times, ids, memory, frames a second.

    python benchmarks/video.py [--seconds 600] [--unseen 300] [--width 1280] [--height 720] [--keep FILE]

The video is `moving_portraits`: three public-domain portraits, crossings, a pillar, a cut each ten seconds, uneven
frame times. The tracker's thresholds were set on those ten minutes; `unseen` are later shots, which nothing was set
on, with other layouts and the same three people. Each setting runs in a process of its own, so that memory is the
run's alone; it is read at the end of each tenth of the video, of ten minutes each minute.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import moving_portraits
import numpy as np
from record import write
from scipy.stats import mannwhitneyu

import mien
from mien.faces import Faces
from mien.runtime.tracking.appearance import HALF, distances, looks, patches

SETTINGS = ({"detect_every": 1}, {"detect_every": 5}, {"detect_every": 1, "link_cuts": True})
PARTS = 10
FIRST_UNSEEN = 100


def resident() -> float:
    """Memory of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def measured(
    path: Path, seconds: float, width: int, height: int, settings: dict[str, Any], first_shot: int
) -> dict[str, Any]:
    """One run over a video that begins with this shot."""
    analyzer = mien.Analyzer(threads=None if os.environ.get("OMP_NUM_THREADS") is None else 1)
    numbers: list[int] = []
    times: list[float] = []
    memory: list[float] = []

    def watched() -> Iterator[Faces]:
        for faces in analyzer.video(path, **settings):
            assert faces.frame is not None
            assert faces.time is not None
            if faces.time >= (len(memory) + 1) * seconds / PARTS - 0.5:  # before the end closes the file
                memory.append(round(resident(), 1))
            numbers.append(faces.frame)
            times.append(faces.time)
            yield faces

    start, used = time.perf_counter(), time.process_time()
    told = moving_portraits.compared(watched(), width, height, first_shot)
    spent, used = time.perf_counter() - start, time.process_time() - used
    true = [at * float(moving_portraits.UNIT) for at in moving_portraits.times(seconds)]
    links = [{name: found[0] for name, found in shot.items()} for shot in told.ids.values()]
    return {
        "settings": settings,
        "frames": len(numbers),
        "numbers_exact": numbers == list(range(len(true))),
        "largest_time_error_s": max(abs(a - b) for a, b in zip(times, true, strict=True)),
        "shots": len(told.switches),
        "switches_by_shot": list(told.switches.values()),
        "most_switches_in_a_shot": max(told.switches.values()),
        "switches": sum(told.switches.values()),
        "missed_in_full_view": told.missed,
        "not_found_hidden": told.hidden,
        "stray": told.stray,
        "ids": len({i for shot in told.ids.values() for found in shot.values() for i in found}),
        "first_ids_by_shot": links if settings.get("link_cuts") else None,
        "memory_mb": memory,
        "memory_last_over_first": round(memory[-1] / memory[0], 4),
        "frames_per_s": round(len(numbers) / spent, 1),
        "frames_per_cpu_s": round(len(numbers) / used, 1),
        "load_average": os.getloadavg()[0],
    }


def appearance(width: int, height: int) -> dict[str, Any]:
    """How often two faces of one person lie closer than two of different people, over eight shots of faces in full
    view: by the model's embedding, by the colour patch, and by the looks made of both."""
    analyzer, faces, who = mien.Analyzer(threads=1), [], []
    for at in np.arange(0.2, 80, 0.45):
        image = moving_portraits.draw(float(at), width, height)
        found, there = analyzer.detect(image), moving_portraits.people(float(at), width, height)
        _, (embedding,) = analyzer.classified([found], [analyzer.crops(image, found)])
        for row, patch in enumerate(patches(image, found.boxes)):
            x, y = (found.boxes[row, :2] + found.boxes[row, 2:]) / 2
            away, person = min(((np.hypot(x - p.x, y - p.y) / p.height, p) for p in there), key=lambda pair: pair[0])
            if away < 0.3 and not person.behind:
                faces.append((embedding[row], patch[2 * HALF :], looks(patch[None], embedding[row : row + 1])[0]))
                who.append(person.name)
    pair = np.triu_indices(len(who), 1)
    same = (np.array(who)[:, None] == np.array(who)[None])[pair]
    out: dict[str, Any] = {"faces": len(who)}
    for name, vectors in zip(("embedding", "patch", "looks"), map(np.array, zip(*faces, strict=True)), strict=True):
        unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        apart = (distances(vectors, vectors) if name == "looks" else 1 - unit @ unit.T)[pair]
        wins = mannwhitneyu(apart[~same], apart[same]).statistic / (same.sum() * (~same).sum())
        out[name] = {
            "closer": round(float(wins), 4),
            "same_99th_percentile": round(float(np.quantile(apart[same], 0.99)), 3),
            "others_1st_percentile": round(float(np.quantile(apart[~same], 0.01)), 3),
        }
    return out


def runs(path: Path, seconds: float, asked: argparse.Namespace, first_shot: int) -> list[dict[str, Any]]:
    """Every setting over a video, made first where it is not there."""
    if not path.exists():
        moving_portraits.write(path, seconds, asked.width, asked.height, first_shot)
    words = [sys.executable, __file__, "--seconds", str(seconds), "--width", str(asked.width), "--height",
             str(asked.height), "--first-shot", str(first_shot), "--keep", str(path)]  # fmt: skip
    found = []
    for settings in SETTINGS:
        done = subprocess.run([*words, "--one", json.dumps(settings)], check=True, capture_output=True, text=True)
        found.append(json.loads(done.stdout.splitlines()[-1]))
        print(json.dumps(found[-1]), flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--unseen", type=float, default=300, help="Seconds of the shots that nothing was set on.")
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--height", type=int, default=720)
    parser.add_argument("--keep", type=Path, help="Keep the video here, or take it from here.")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--first-shot", type=int, default=0, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        settings = json.loads(asked.one)
        found = measured(asked.keep, asked.seconds, asked.width, asked.height, settings, asked.first_shot)
        print(json.dumps(found))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = asked.keep or Path(folder) / "portraits.mp4"
        first = runs(path, asked.seconds, asked, 0)
        unseen = runs(Path(folder) / "unseen.mp4", asked.unseen, asked, FIRST_UNSEEN) if asked.unseen else []
        video = {"seconds": asked.seconds, "size": [asked.width, asked.height], "bytes": path.stat().st_size}
    looked = appearance(asked.width, asked.height)
    print(json.dumps(looked))
    write(
        "video",
        {"video": video, "runs": first, "unseen": unseen, "appearance": looked},
        packages=("mien", "numpy", "onnxruntime", "av", "opencv-python-headless"),
    )


if __name__ == "__main__":
    main()
