"""One net in one engine in a process of its own: waits on standard input, so that engines can take turns.

    python benchmarks/esr_speed_engine.py ENGINE FILE THREADS FACES

ENGINE is torch, torch-nhwc or torch-cuda with a .safetensors file, or onnx with an .onnx one; FACES is an .npy of
uint8 crops (n, h, w, c). Each line in is a number of runs on one face; the line out is JSON: their seconds, and the
joules of the processor, null where the machine does not tell them. The word `end` gives the process's peak
memory and writes the logits of all faces beside FACES.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

Run = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
POWER = Path("/sys/class/powercap")


def in_torch(file: Path, threads: int, layout: str) -> Run:
    """Eager float32: uint8 crops in, logits out, as the exported file."""
    import torch

    from mien.lab.predict import load_net

    torch.set_num_threads(threads)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    device = torch.device("cuda" if layout == "cuda" else "cpu")
    kept = torch.channels_last if layout == "nhwc" else torch.contiguous_format
    net, spec = load_net(file)
    net = net.to(device, memory_format=kept)  # type: ignore[call-overload]
    mean, std = (torch.tensor(v, device=device)[:, None, None] for v in (spec.mean, spec.std))

    def run(crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        with torch.inference_mode():
            pixels = torch.from_numpy(crops).to(device).permute(0, 3, 1, 2).float()
            x = ((pixels / 255 - mean) / std).contiguous(memory_format=kept)
            return np.asarray(net(x).cpu().numpy())

    return run


def in_onnx(file: Path, threads: int) -> Run:
    """Our runtime."""
    from mien.runtime.session import OnnxModel

    model = OnnxModel(file, threads)
    return lambda crops: model.run(crops).logits


def opened(engine: str, file: Path, threads: int) -> Run:
    if engine == "onnx":
        return in_onnx(file, threads)
    return in_torch(file, threads, engine.removeprefix("torch").removeprefix("-"))


def peak_mb() -> float:
    """The most memory this process has held; what its parent held does not count."""
    lines = Path("/proc/self/status").read_text().splitlines()
    (kib,) = (int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    return round(kib * 1024 / 1e6, 1)


def gpu_mb(engine: str) -> float | None:
    if engine != "torch-cuda":
        return None
    import torch

    return round(torch.cuda.max_memory_reserved() / 1e6, 1)


def joules() -> float | None:
    """What the processors have used so far, by RAPL."""
    try:
        counters = [int(p.read_text()) for p in POWER.glob("intel-rapl:*/energy_uj") if p.parent.name.count(":") == 1]
    except OSError:
        return None
    return sum(counters) / 1e6 if counters else None


def main() -> None:
    engine, file, threads, faces = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])
    crops = np.load(faces)
    run = opened(engine, file, threads)
    for i in range(10):  # oneDNN and ONNX Runtime prepare their kernels and memory
        run(crops[i : i + 1])
    answer: dict[str, Any] = {"ready": engine}
    print(json.dumps(answer), flush=True)
    at = 0
    for line in sys.stdin:
        if line.strip() == "end":
            peak = peak_mb()
            target = faces.with_name(f"{faces.stem}-{engine}-{file.stem}.npy")
            np.save(target, np.concatenate([run(crops[i : i + 1]) for i in range(len(crops))]))
            answer = {"peak_mb": peak, "gpu_mb": gpu_mb(engine), "logits": str(target)}
        else:
            run(crops[:1])  # wakes the threads up
            before, seconds = joules(), []
            for _ in range(int(line)):
                at = (at + 1) % len(crops)
                start = perf_counter()
                run(crops[at : at + 1])
                seconds.append(perf_counter() - start)
            after = joules()
            answer = {"seconds": seconds, "joules": None if before is None or after is None else after - before}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
