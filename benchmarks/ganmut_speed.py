"""Faces a second of `mien augment` from beginning to end, and memory as the number of pictures grows.

    python benchmarks/ganmut_speed.py [--rounds 3]

48 x 48 grey, six residual blocks, untrained generators (the arithmetic is the same), drawn faces read from an .npz
cache; the clock stands around the whole command, interpreter and loading included, less what the same command takes to
find nothing left to do.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import torch
from record import write

from mien.lab.export.generator import export_generator
from mien.lab.gan.generator import ganmut_linear
from mien.lab.gan.space_facts import space_facts
from mien.lab.train.checkpoint import save_weights
from mien.model_spec import ModelSpec

CODE = "from mien.cli.app import main; main()"


def generator(width: int, folder: Path) -> Path:
    torch.manual_seed(0)
    options = {"conv_dim": width}
    net = ganmut_linear(channels=1, **options)
    spec = ModelSpec(
        f"untrained-{width}", "ganmut_linear", (), 48, 48, architecture_options=options, space=space_facts(net.space)
    )
    save_weights(net, spec, folder / f"{width}.safetensors")
    export_generator(folder / f"{width}.safetensors", folder / f"{width}.onnx")
    return folder / f"{width}.onnx"


def augment(model: Path, faces: int, variants: int, out: Path) -> tuple[float, float]:
    """Seconds and the peak of the command's memory in MB."""
    data = f"synthetic:n={faces},size=48"
    words = [data, "--model", str(model), "--out", str(out), "--num-augments", str(variants), "--quiet"]
    words += ["--labels", "synthetic", "--split", "Training"]
    watch = (
        "import resource, subprocess, sys;"
        f"code = subprocess.call([sys.executable, '-c', {CODE!r}, 'augment', *sys.argv[1:]]);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.exit(code)"
    )
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", watch, *words], check=True, capture_output=True, text=True)
    return time.perf_counter() - started, int(done.stdout.split()[-1]) / (1024 if sys.platform != "darwin" else 2**20)


def measured(model: Path, faces: int, variants: int, rounds: int, folder: Path) -> dict[str, Any]:
    found = []
    for _ in range(rounds):
        out = folder / "variants"
        shutil.rmtree(out, ignore_errors=True)
        seconds, peak = augment(model, faces, variants, out)
        again, _ = augment(model, faces, variants, out)
        made = round(0.8 * faces) * variants  # the training share of drawn faces
        found.append({"seconds": round(seconds, 2), "nothing_left": round(again, 2), "peak_mb": round(peak, 1)})
        found[-1]["faces_per_s"] = round(made / (seconds - again), 1)
        found[-1]["faces_per_s_whole_command"] = round(made / seconds, 1)
    best = sorted(found, key=lambda row: row["faces_per_s"])
    return {"pictures": made, "rounds": found, "median_faces_per_s": best[len(best) // 2]["faces_per_s"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for width, faces in ((32, 7500), (64, 3750)):
            results[f"conv_dim {width}"] = measured(generator(width, folder), faces, 1, asked.rounds, folder)
            print(width, results[f"conv_dim {width}"], flush=True)
        small = generator(8, folder)
        results["memory"] = [measured(small, 5000, many, 1, folder) for many in (1, 4, 16)]
    results["load_average"] = os.getloadavg()[0]
    write("ganmut-speed", results, packages=("mien", "numpy", "torch", "onnxruntime"))


if __name__ == "__main__":
    main()
