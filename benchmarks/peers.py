"""Our models beside what people install: fer, facial-emotion-recognition, human and face-api, in one run, by turns.

    uv venv /tmp/fer-venv --python 3.11
    uv pip install --python /tmp/fer-venv/bin/python fer 'opencv-contrib-python<5' 'setuptools<81'
    mkdir /tmp/node && cd /tmp/node && npm init -y
    npm i @vladmandic/human @vladmandic/face-api @tensorflow/tfjs@4 @tensorflow/tfjs-backend-wasm@4
    pip download --no-deps --no-binary :all: facial-emotion-recognition==0.3.4 && tar xzf facial_emotion*.tar.gz -C /tmp
    python benchmarks/peers.py --data DATA --fer-python /tmp/fer-venv/bin/python --node /tmp/node \
        --torch /tmp/facial_emotion_recognition-0.3.4

Packages that fetch their weights when first used are left out: this machine reaches none. Every net sees FER2013's
faces as they are, 48 x 48 pixels, and enlarges them as its own package does; for these figures no detector is asked.
Each runs in a process of its own that may use --cores cores; `peers/worker.py` and `peers/worker.js` say how each is
called. Times of nets go from bytes in memory to probabilities; a picture's from its file, or its pixels, to a list of
faces, a video's from its file to its rows, detector included. Whatever the peers were trained on, PrivateTest may be
part of it. OpenCV 5 has no Haar cascades and setuptools 81 no pkg_resources, which fer needs.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

import install_size
import moving_portraits
import numpy as np
from five_faces import five_faces
from numpy.typing import NDArray
from PIL import Image
from record import write
from worker_process import Worker

import mien
from mien.evaluate.duplicates import NOWHERE, elsewhere
from mien.labels import emotion_index
from mien.runtime.catalog import find
from mien.score.confusion import confusion_matrix
from mien.score.f1 import macro_f1
from mien.score.intervals import bootstrap_share

HERE = Path(__file__).parent / "peers"
SPLIT, LABELS, SIDE = "PrivateTest", "fer2013", 48
BATCHES = (8, 32, 128)
ROUNDS, CALLS = 15, 20
PICTURES, VIDEOS = 30, 2  # rounds
SECONDS = 10  # of video


def scores(worker: Worker, targets: NDArray[np.int64], alone: NDArray[np.bool_], folder: Path) -> dict[str, Any]:
    """Accuracy and macro-F1 over the seven emotions; `alone` (n,) says which pictures stand in no other split."""
    out = folder / "said.f32"
    worker.ask(do="probabilities", n=len(targets), batch=32, out=str(out))
    words = worker.about["words"]
    said = np.fromfile(out, "<f4").reshape(len(targets), len(words))
    place = np.array([emotion_index(word) for word in words])
    answers = place[said.argmax(axis=1)]
    right = answers == targets
    seen = np.unique(targets)
    confusion = confusion_matrix(np.searchsorted(seen, targets), np.searchsorted(seen, answers), len(seen))
    return {
        "n": len(targets),
        "top1": round(100 * float(right.mean()), 2),
        "top1_ci95": bootstrap_share(right),
        "macro_f1": round(float(macro_f1(confusion)), 2),
        "deduplicated": {"n": int(alone.sum()), "top1": round(100 * float(right[alone].mean()), 2)},
    }


def speeds(workers: list[Worker], n: int) -> dict[str, dict[str, Any]]:
    """Milliseconds a face alone, and faces a second in batches, the workers by turns."""
    single: dict[str, list[float]] = {worker.name: [] for worker in workers}
    batched: dict[str, dict[int, list[float]]] = {worker.name: {b: [] for b in BATCHES} for worker in workers}
    for turn in range(ROUNDS + 1):
        for worker in workers:
            found = worker.ask(do="time", n=n, batch=1, repeats=CALLS)["seconds"]
            single[worker.name] += found if turn else []  # the first round warms up
    for turn in range(4):
        for batch in BATCHES:
            for worker in workers:
                found = worker.ask(do="time", n=n - n % batch, batch=batch, repeats=3)["seconds"]
                batched[worker.name][batch] += found if turn else []
    out = {}
    for worker in workers:
        rates = {b: b / median(seconds) for b, seconds in batched[worker.name].items()}
        best = max(rates, key=lambda b: rates[b])
        ms = 1000 * np.array(single[worker.name])
        out[worker.name] = {
            "ms": {"median": round(float(np.median(ms)), 3), "p95": round(float(np.percentile(ms, 95)), 3)},
            "faces_per_s": round(rates[best]),
            "best_batch": best,
        }
    return out


def whole(workers: list[Worker], folder: Path) -> dict[str, dict[str, Any]]:
    """Whole analyses of a picture with five faces and of a video of three people, the workers by turns."""
    image = five_faces()
    Image.fromarray(image).save(folder / "five.jpg", quality=92)
    image.tofile(folder / "five.u8")
    frames = len(moving_portraits.write(folder / "people.mp4", SECONDS))
    height, width = image.shape[:2]
    tasks: dict[str, tuple[int, dict[str, Any]]] = {
        "picture": (PICTURES, {"path": str(folder / "five.jpg")}),
        "pixels": (PICTURES, {"path": str(folder / "five.u8"), "height": height, "width": width}),
        "video": (VIDEOS, {"path": str(folder / "people.mp4")}),
    }
    out: dict[str, dict[str, Any]] = {worker.name: {} for worker in workers}
    for name, (rounds, task) in tasks.items():
        seconds: dict[str, list[float]] = {worker.name: [] for worker in workers}
        found: dict[str, int] = {}
        for turn in range(rounds + 1):
            for worker in workers:
                said = worker.ask(do=name, repeats=1, **task)
                seconds[worker.name] += said["seconds"] if turn else []  # the first round warms up
                found[worker.name] = said.get("found", 0)
        for worker in workers:
            if taken := seconds[worker.name]:
                out[worker.name][name] = {"seconds": round(median(taken), 4), "found": found[worker.name]}
                if name == "video":
                    out[worker.name][name]["frames_per_s"] = round(frames / median(taken), 1)
    return out


def sizes(args: argparse.Namespace) -> dict[str, Any]:
    """Megabytes on disk: ours as a fresh base install, a peer's environment, a peer's modules with TensorFlow.js."""
    found: dict[str, Any] = {"mien": install_size.measure()["megabytes"]}
    if args.fer_python:
        where = "import sysconfig; print(sysconfig.get_path('purelib'))"
        done = subprocess.run([args.fer_python, "-c", where], capture_output=True, text=True, check=True)
        found["fer"] = round(install_size.size(Path(done.stdout.strip())) / 1e6, 1)
    if args.node:
        modules = args.node / "node_modules"
        engine = install_size.size(modules / "@tensorflow")
        for name in ("human", "face-api"):
            found[name] = round((install_size.size(modules / "@vladmandic" / name) + engine) / 1e6, 1)
    return found


def started(args: argparse.Namespace) -> list[Worker]:
    python = [sys.executable, "-W", "ignore", str(HERE / "worker.py")]
    commands = {f"mien {Path(name).name}": [*python, "mien", name, str(args.cores)] for name in args.models}
    for name in args.models if args.openvino_python else ():
        worker = [args.openvino_python, str(HERE / "worker.py"), "openvino", str(find(name)), str(args.cores)]
        commands[f"openvino {Path(name).name}"] = worker
    if args.fer_python:
        commands["fer"] = [args.fer_python, "-W", "ignore", str(HERE / "worker.py"), "fer"]
    if args.torch:
        commands["facial-emotion-recognition"] = [*python, "torch", args.torch, str(args.cores)]
    if args.node:
        for name in ("human", "face-api"):
            commands[name] = ["node", str(HERE / "worker.js"), name, str(args.node.resolve())]
    return [Worker(name, command, args.cores) for name, command in commands.items()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="../shared/data/fer2013.parquet")
    parser.add_argument("--models", nargs="+", default=["small-fer2013"], help="bundled names or .onnx files")
    parser.add_argument("--record", default="peers", help="the record's name: int8 for float32 and int8 files of a net")
    parser.add_argument("--openvino-python", help="each model in OpenVINO as well")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--fer-python")
    parser.add_argument("--torch", help="facial-emotion-recognition's unpacked source")
    parser.add_argument("--node", type=Path)
    args = parser.parse_args()
    all_faces = mien.load_dataset(args.data)
    here = all_faces.split == SPLIT
    twins, faces = elsewhere(all_faces, here), all_faces.in_split(SPLIT)
    targets = faces.hard(LABELS)
    assert twins is not None
    assert faces.pixels is not None
    assert faces.pixels.shape[1:] == (SIDE, SIDE)
    results: dict[str, Any] = {
        "split": SPLIT, "labels": LABELS, "cores": args.cores, "load_before": round(os.getloadavg()[0], 2),
        "megabytes": sizes(args) if args.record == "peers" else {}, "nets": {},
    }  # fmt: skip
    workers = started(args)
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            faces.pixels.tofile(folder / "crops.u8")
            for worker in workers:
                worker.ask(do="open", path=str(folder / "crops.u8"), side=SIDE)
            timed, analysed = speeds(workers, len(targets)), whole(workers, folder)
            for worker in workers:
                about = {"ready_s": round(worker.about["ready"], 2), "versions": worker.about["versions"]}
                found = scores(worker, targets, twins == NOWHERE, folder) | timed[worker.name] | about
                found |= {"peak_mb": worker.peak_mb(), "whole": analysed[worker.name]}
                results["nets"][worker.name] = found
                print(worker.name, json.dumps(found), flush=True)
    finally:
        for worker in workers:
            worker.end()
    write(args.record, results)


if __name__ == "__main__":
    main()
