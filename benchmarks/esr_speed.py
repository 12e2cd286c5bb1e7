"""Evaluations a second of ESR-9, ESR-15, ESR*-9 and ESR*-15, one face at a time, as OpenDR's documentation lists them.

    python benchmarks/esr_speed.py [--nets esr9 esr15 esrstar9 esrstar15] [--runs 100] [--threads 2]

Each net stands in a process of its own for each engine: eager torch in float32 (both memory layouts, of which the
faster one is compared with), our runtime in float32 and in int8. The processes take turns, a few runs each, so that
a busy spell of the machine hits all alike; ratios are of medians. Speed does not depend on what a net has
learnt, but int8's difference from float32 does: each net first learns drawn faces for some minutes (kept in --work).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from record import write

from mien.datasets.face_set import FaceSet
from mien.datasets.load import load_dataset
from mien.labels import AFFECT, EMOTIONS
from mien.model_spec import Head, ModelSpec
from mien.runtime.probabilities import softmax

NETS = ("esr9", "esr15", "esrstar9", "esrstar15")
HEADS = (
    Head("emotion", "emotion", EMOTIONS, "synthetic"),
    Head("affect", "valence_arousal", AFFECT, "synthetic", activation="none"),
)
"""Both that the published nets have."""
K = len(EMOTIONS)
SIDE = 96
TURN = 5
"""Runs of one engine before the next one's turn."""
ENGINE = Path(__file__).with_name("esr_speed_engine.py")
BATCH, RATE = 32, 3e-4


def learn(name: str, data: str, faces: FaceSet, epochs: int, folder: Path) -> None:
    """A net that tells drawn faces apart: all branches at once, in bfloat16, AdamW under one falling cosine."""
    import torch
    from torch.nn import functional as F

    from mien.lab.models.face_net import count_parameters
    from mien.lab.models.registry import create
    from mien.lab.train.average import refresh_norms
    from mien.lab.train.checkpoint import save_weights

    torch.manual_seed(0)
    net = create(name, HEADS, channels=3, height=SIDE, width=SIDE)
    net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    training = faces.in_split("Training")
    assert training.pixels is not None
    x = torch.from_numpy(training.pixels).permute(0, 3, 1, 2)
    y = torch.from_numpy(training.hard("synthetic"))
    affect = torch.from_numpy(np.stack([training.targets[name] for name in AFFECT], axis=1))
    turns, start = len(y) // BATCH, time.perf_counter()
    optimiser = torch.optim.AdamW(net.parameters(), RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=epochs * turns, pct_start=0.2)

    def pixels(rows: torch.Tensor) -> torch.Tensor:
        return (x[rows].float() / 255).contiguous(memory_format=torch.channels_last)

    for epoch in range(epochs):
        for rows in torch.randperm(len(y)).split(BATCH)[:turns]:
            with torch.autocast("cpu", torch.bfloat16):
                sides = net.answer(pixels(rows)).sides
            said = torch.stack(sides).float()  # (branches, n, k + 2)
            emotion = F.cross_entropy(said[..., :K].flatten(0, 1), y[rows].repeat(len(said)))
            loss = len(said) * (emotion + F.mse_loss(said[..., K:], affect[rows].expand(len(said), -1, -1)))
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
        told = f"loss a branch {loss.item() / len(said):.2f}, {time.perf_counter() - start:.0f} s"
        print(f"{name}: epoch {epoch + 1} of {epochs}, {told}", flush=True)
    # the spatial gates' norms of ESR* follow their batches so slowly that they would still stand at the start
    refresh_norms(net, (pixels(rows) for rows in torch.arange(len(y)).split(BATCH)))
    spec = ModelSpec(
        name=name, architecture=name, heads=HEADS, height=SIDE, width=SIDE, colour="rgb",
        mean=(0.0,) * 3, std=(1.0,) * 3, parameters=count_parameters(net),
        training={"data": data, "n_train": len(y), "epochs": epochs},
    )  # fmt: skip
    save_weights(net, spec, folder / "final.safetensors")


def files_of(name: str, data: str, faces: FaceSet, epochs: int, work: Path) -> tuple[dict[str, Path], ModelSpec]:
    """The net's weights and both exported files, made where they are not there yet, and the int8 file's ModelSpec."""
    from mien.lab.export.int8 import export_int8
    from mien.lab.export.onnx import export_run
    from mien.runtime.session import OnnxModel

    folder = work / name
    folder.mkdir(parents=True, exist_ok=True)
    weights = folder / "final.safetensors"
    files = {"weights": weights, "fp32": folder / f"{name}.onnx", "int8": folder / f"{name}-int8.onnx"}
    if not weights.exists():
        learn(name, data, faces, epochs, folder)
    if not files["fp32"].exists():
        export_run(weights, files["fp32"])
    if not files["int8"].exists():
        export_int8(weights, files["int8"], data)
    return files, OnnxModel(files["int8"]).spec


class Engine:
    """A process that runs one net when it is its turn."""

    def __init__(self, engine: str, file: Path, threads: int, faces: Path) -> None:
        command = [sys.executable, str(ENGINE), engine, str(file), str(threads), str(faces)]
        surroundings = {**os.environ, "OMP_NUM_THREADS": str(threads)}
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=surroundings
        )
        self.seconds: list[float] = []
        self.joules: list[float | None] = []
        self.read()

    def read(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.process.args}: ended with {self.process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def ask(self, line: str) -> dict[str, Any]:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        return self.read()

    def turn(self, runs: int) -> None:
        answer = self.ask(str(runs))
        self.seconds += answer["seconds"]
        self.joules.append(answer["joules"])

    def end(self) -> dict[str, Any]:
        """What was measured, and the logits of all faces."""
        answer = self.ask("end")
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()
        ms = 1000 * np.asarray(self.seconds)
        told = [j for j in self.joules if j is not None]
        return {
            "n": len(ms),
            "ms_median": round(float(np.median(ms)), 3),
            "ms_p10": round(float(np.percentile(ms, 10)), 3),
            "ms_p90": round(float(np.percentile(ms, 90)), 3),
            "per_second": round(1000 / float(np.median(ms)), 2),
            "joules": round(sum(told) / len(ms), 3) if told else None,
            "peak_mb": answer["peak_mb"],
            "gpu_mb": answer["gpu_mb"],
            "logits": np.load(answer["logits"]),
        }


def compare(found: dict[str, dict[str, Any]], labels: NDArray[np.int64]) -> None:
    """Turn logits into each engine's distance from the faster eager one, and add its ratio to that one's speed."""
    eager = min((found[k] for k in ("torch", "torch-nhwc")), key=lambda one: float(one["ms_median"]))
    probabilities = {key: softmax(one.pop("logits")[:, :K]) for key, one in found.items()}
    for key, one in found.items():
        expected, actual = probabilities["torch"], probabilities[key]
        one["ratio"] = round(eager["ms_median"] / one["ms_median"], 2)
        one["ratio_p10"] = round(eager["ms_p10"] / one["ms_p10"], 2)
        one["difference"] = {
            "n": len(labels),
            "max": float(f"{np.abs(expected - actual).max():.2g}"),
            "mean": float(f"{np.abs(expected - actual).mean():.2g}"),
            "same": round(float((expected.argmax(1) == actual.argmax(1)).mean()), 4),
        }
        one["top1"] = round(100 * float((actual.argmax(1) == labels).mean()), 1)


def measure(name: str, files: dict[str, Path], faces: FaceSet, runs: int, threads: int, work: Path) -> dict[str, Any]:
    """Every engine's speed, memory, size and distance for one net."""
    import torch

    pixels = work / "faces.npy"
    assert faces.pixels is not None
    np.save(pixels, faces.pixels)
    chosen = {"torch": ("torch", "weights"), "torch-nhwc": ("torch-nhwc", "weights")}
    chosen |= {"onnx": ("onnx", "fp32"), "onnx-int8": ("onnx", "int8")}
    if torch.cuda.is_available():
        chosen["torch-cuda"] = ("torch-cuda", "weights")
    engines = {key: Engine(engine, files[file], threads, pixels) for key, (engine, file) in chosen.items()}
    for _ in range(-(-runs // TURN)):
        for engine in engines.values():
            engine.turn(TURN)
    found = {key: engine.end() for key, engine in engines.items()}
    for key, (_, file) in chosen.items():
        found[key]["megabytes"] = round(files[file].stat().st_size / 1e6, 1)
    compare(found, faces.hard("synthetic"))
    for key, one in found.items():
        print(name, key, {k: one[k] for k in ("per_second", "ratio", "peak_mb", "megabytes", "difference", "top1")})
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nets", nargs="+", choices=NETS, default=list(NETS))
    parser.add_argument("--runs", type=int, default=100, help="of each engine, one face each")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--faces", type=int, default=1000, help="drawn faces, of which 80 %% are learnt from")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "mien-esr-speed")
    args = parser.parse_args()
    data = f"synthetic:n={args.faces},seed=9,difficulty=0.1,size={SIDE},colour=rgb"
    faces = load_dataset(data)
    results: dict[str, Any] = {"threads": args.threads, "nets": {}}
    for name in args.nets:
        files, spec = files_of(name, data, faces, args.epochs, args.work)
        found = measure(name, files, faces.in_split("Test"), args.runs, args.threads, args.work)
        results["nets"][name] = {"parameters": spec.parameters, "training": spec.training, "engines": found}
    write("esr_speed", results, packages=("mien", "numpy", "onnxruntime", "torch"))


if __name__ == "__main__":
    main()
