"""A peer's net or one of mien's in a process of its own, spoken to in lines of JSON; see ../peers.py.

usage: python worker.py fer | mien MODEL THREADS | torch FOLDER THREADS
"""

from __future__ import annotations

from time import perf_counter

START = perf_counter()

import json  # noqa: E402
import sys  # noqa: E402
from collections.abc import Callable  # noqa: E402
from importlib.metadata import PackageNotFoundError, version  # noqa: E402
from typing import Any  # noqa: E402

import numpy as np  # noqa: E402

Run = Callable[[Any], Any]
"""(n, side, side) uint8 -> (n, k) probabilities."""
WORDS = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]
"""FER2013's order, in which the peers here answer."""


def fer() -> tuple[Run, list[str]]:
    """fer 25's own steps from a grey face on: resized, -1..1, its net called as it calls it."""
    import cv2
    from fer.fer import FER

    detector = FER(mtcnn=False)
    size = detector._FER__emotion_target_size

    def run(crops: Any) -> Any:
        faces = np.stack([cv2.resize(crop, size) for crop in crops]).astype("float32")
        return np.asarray(detector._classify_emotions((faces / 255 - 0.5) * 2))

    return run, WORDS


def facial_emotion_recognition(folder: str, threads: int) -> tuple[Run, list[str]]:
    """facial-emotion-recognition 0.3.4's net as its `_predict` calls it; its seven sigmoids are made to sum to one.

    From its unpacked source, since the package itself opens facenet-pytorch's detector when it is made.
    """
    from importlib.util import module_from_spec, spec_from_file_location
    from pathlib import Path

    import torch

    torch.set_num_threads(threads)
    (source,) = Path(folder).glob("**/facial_emotion_recognition/networks.py")
    spec = spec_from_file_location("networks", source)
    assert spec is not None
    assert spec.loader is not None
    networks = module_from_spec(spec)
    spec.loader.exec_module(networks)
    net = networks.NetworkV2(in_c=1, nl=32, out_f=7)
    held = torch.load(source.parent / "model" / "model.pkl", map_location="cpu", weights_only=False)
    net.load_state_dict(held["network"])
    net.eval()

    @torch.inference_mode()
    def run(crops: Any) -> Any:
        said = net((torch.from_numpy(crops)[:, None].float() / 255 - 0.5) / 0.5)
        return (said / said.sum(dim=1, keepdim=True).clamp_min(1e-12)).numpy()

    return run, WORDS


def mien(name: str, threads: int) -> tuple[Run, list[str]]:
    """One of ours, as the runtime calls it."""
    from mien.evaluate.answers import answers_of
    from mien.runtime.catalog import find
    from mien.runtime.session import OnnxModel

    model = OnnxModel(find(name), threads=threads)
    answers = answers_of(name, model.spec)

    def run(crops: Any) -> Any:
        return answers.probabilities(model.run(crops[..., None]).logits)[:, answers.present]

    from mien.labels import EMOTIONS

    return run, [emotion for emotion, here in zip(EMOTIONS, answers.present, strict=True) if here]


def say(**told: Any) -> None:
    print(json.dumps(told), flush=True)


def main() -> None:
    which = sys.argv[1]
    if which == "fer":
        run, words = fer()
    else:
        opened = mien if which == "mien" else facial_emotion_recognition
        run, words = opened(sys.argv[2], int(sys.argv[3]))
    known = {}
    for name in ("fer", "tensorflow", "mien", "onnxruntime", "torch", "numpy"):
        try:
            known[name] = version(name)
        except PackageNotFoundError:
            continue
    say(ready=perf_counter() - START, words=words, versions=known)
    crops = np.zeros((0, 1, 1), np.uint8)
    for line in sys.stdin:
        asked = json.loads(line)
        if asked["do"] == "open":
            side = asked["side"]
            crops = np.fromfile(asked["path"], np.uint8).reshape(-1, side, side)
            say(n=len(crops))
        elif asked["do"] == "probabilities":
            batch = asked["batch"]
            parts = [run(crops[at : at + batch]) for at in range(0, asked["n"], batch)]
            np.concatenate(parts).astype("<f4").tofile(asked["out"])
            say(done=True)
        elif asked["do"] == "time":
            batch, seconds = asked["batch"], []
            for i in range(asked["repeats"]):
                some = crops[(i * batch) % asked["n"] :][:batch]
                start = perf_counter()
                run(some)
                seconds.append(perf_counter() - start)
            say(seconds=seconds)


if __name__ == "__main__":
    main()
