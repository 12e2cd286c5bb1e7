"""Our models beside what people install: fer, facial-emotion-recognition, human and face-api, in one run, by turns.

    uv venv /tmp/fer-venv --python 3.11
    uv pip install --python /tmp/fer-venv/bin/python fer 'opencv-contrib-python<5' 'setuptools<81'
    mkdir /tmp/node && cd /tmp/node && npm init -y
    npm i @vladmandic/human @vladmandic/face-api @tensorflow/tfjs@4 @tensorflow/tfjs-backend-wasm@4
    pip download --no-deps --no-binary :all: facial-emotion-recognition==0.3.4 && tar xzf facial_emotion*.tar.gz -C /tmp
    python benchmarks/peers.py --data DATA --fer-python /tmp/fer-venv/bin/python --node /tmp/node \
        --torch /tmp/facial_emotion_recognition-0.3.4

Packages that fetch their weights when first used are left out: this machine reaches none. Every net sees FER2013's
faces as they are, 48 x 48 pixels, and enlarges them as its own package does; their detectors are not asked. Each runs
in a process of its own with the threads that its package takes (ours as --threads says); `peers/worker.py` and
`peers/worker.js` say how each is called. Times go from bytes in memory to probabilities. Not chosen by anything here:
whatever the peers were trained on, PrivateTest may be part of it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from record import write

import mien
from mien.labels import emotion_index
from mien.score.confusion import confusion_matrix
from mien.score.f1 import macro_f1
from mien.score.intervals import bootstrap_share

HERE = Path(__file__).parent / "peers"
SPLIT, LABELS, SIDE = "PrivateTest", "fer2013", 48
BATCHES = (8, 32, 128)
ROUNDS, CALLS = 15, 20


class Worker:
    """A net in a process of its own."""

    def __init__(self, name: str, command: list[str]) -> None:
        self.name = name
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.about = self._answer()

    def ask(self, **task: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(task) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        while line := self._process.stdout.readline():
            if line.startswith("{"):  # libraries print too
                found: dict[str, Any] = json.loads(line)
                return found
        raise RuntimeError(f"{self.name} ended")

    def peak_mb(self) -> float:
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
        return round(int(line.split()[1]) * 1024 / 1e6, 1)

    def end(self) -> None:
        self._process.kill()
        self._process.wait()


def scores(worker: Worker, targets: np.ndarray, folder: Path) -> dict[str, Any]:
    """Accuracy and macro-F1 over the seven emotions."""
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
        "macro_f1": round(100 * float(macro_f1(confusion)), 2),
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


def started(args: argparse.Namespace) -> list[Worker]:
    found = [
        Worker(f"mien {name}", [sys.executable, str(HERE / "worker.py"), "mien", name, str(args.threads)])
        for name in args.models
    ]
    if args.fer_python:
        found.append(Worker("fer", [args.fer_python, "-W", "ignore", str(HERE / "worker.py"), "fer"]))
    if args.torch:
        command = [sys.executable, "-W", "ignore", str(HERE / "worker.py"), "torch", args.torch, str(args.threads)]
        found.append(Worker("facial-emotion-recognition", command))
    if args.node:
        script = str(HERE / "worker.js")
        found += [Worker(name, ["node", script, name, str(args.node.resolve())]) for name in ("human", "face-api")]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="../shared/data/fer2013.parquet")
    parser.add_argument("--models", nargs="+", default=["small-fer2013"])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--fer-python")
    parser.add_argument("--torch", help="facial-emotion-recognition's unpacked source")
    parser.add_argument("--node", type=Path)
    args = parser.parse_args()
    faces = mien.load_dataset(args.data).in_split(SPLIT)
    targets = faces.hard(LABELS)
    assert faces.pixels is not None
    assert faces.pixels.shape[1:] == (SIDE, SIDE)
    workers = started(args)
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            faces.pixels.tofile(folder / "crops.u8")
            results: dict[str, Any] = {"split": SPLIT, "labels": LABELS, "threads": args.threads, "nets": {}}
            for worker in workers:
                worker.ask(do="open", path=str(folder / "crops.u8"), side=SIDE)
                results["nets"][worker.name] = scores(worker, targets, folder)
            for worker_name, found in speeds(workers, len(targets)).items():
                results["nets"][worker_name] |= found
            for worker in workers:
                about = {"ready_s": round(worker.about["ready"], 2), "peak_mb": worker.peak_mb()}
                results["nets"][worker.name] |= about | {"versions": worker.about["versions"]}
                print(worker.name, json.dumps(results["nets"][worker.name]), flush=True)
    finally:
        for worker in workers:
            worker.end()
    write("peers", results)


if __name__ == "__main__":
    main()
