"""A peer's net or one of mien's in a process of its own, spoken to in lines of JSON; see ../peers.py.

usage: python worker.py fer | mien MODEL THREADS | torch FOLDER THREADS | openvino FILE THREADS
"""

from __future__ import annotations

from time import perf_counter

START = perf_counter()

import json  # noqa: E402
import sys  # noqa: E402
import tempfile  # noqa: E402
from collections.abc import Callable  # noqa: E402
from importlib.metadata import PackageNotFoundError, version  # noqa: E402
from typing import Any, NamedTuple  # noqa: E402

import numpy as np  # noqa: E402

Run = Callable[[Any], Any]
"""(n, side, side) uint8 -> (n, k) probabilities."""
WORDS = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]
"""FER2013's order, in which the peers here answer."""


class Peer(NamedTuple):
    """A net and, where its package has them, its whole analysis of a picture and of a video."""

    run: Run
    words: list[str]
    picture: Callable[[str], int] | None = None  # a file -> how many faces were found
    pixels: Callable[[Any], int] | None = None  # (h, w, 3) uint8 RGB -> the same
    video: Callable[[str], int] | None = None  # a file -> rows


def fer() -> Peer:
    """fer 25's own steps from a grey face on: resized, -1..1, its net called as it calls it."""
    import cv2
    from fer.classes import Video
    from fer.fer import FER

    detector = FER(mtcnn=False)
    size = detector._FER__emotion_target_size

    def run(crops: Any) -> Any:
        faces = np.stack([cv2.resize(crop, size) for crop in crops]).astype("float32")
        return np.asarray(detector._classify_emotions((faces / 255 - 0.5) * 2))

    def picture(path: str) -> int:
        return len(detector.detect_emotions(cv2.imread(path)))

    def pixels(image: Any) -> int:
        return len(detector.detect_emotions(image[..., ::-1]))

    def video(path: str) -> int:
        with tempfile.TemporaryDirectory() as folder:
            film = Video(path, outdir=folder)
            return len(
                film.analyze(detector, save_frames=False, save_video=False, annotate_frames=False, zip_images=False)
            )

    return Peer(run, WORDS, picture, pixels, video)


def facial_emotion_recognition(folder: str, threads: int) -> Peer:
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

    return Peer(run, WORDS)


def mien(name: str, threads: int) -> Peer:
    """One of ours, as the runtime calls it."""
    from mien import Analyzer
    from mien.evaluate.answers import answers_of
    from mien.images.crop import fit
    from mien.labels import EMOTIONS

    analyzer = Analyzer(name, threads=threads)
    model = analyzer.model
    answers = answers_of(name, model.spec)

    def run(crops: Any) -> Any:
        faces = fit(crops, model.spec.height, model.spec.width, model.spec.colour)
        return answers.probabilities(model.run(faces).logits)[:, answers.present]

    words = [emotion for emotion, here in zip(EMOTIONS, answers.present, strict=True) if here]

    def looked(source: Any) -> int:
        return len(analyzer(source))

    return Peer(run, words, looked, looked, lambda path: sum(1 for _ in analyzer.video(path)))


def openvino(file: str, threads: int) -> Peer:
    """One of our files in OpenVINO, at the precision that the file has."""
    import openvino as ov

    core = ov.Core()
    settings = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": "f32"}
    compiled = core.compile_model(core.read_model(file), "CPU", settings)
    request, logits = compiled.create_infer_request(), compiled.output("logits")

    def run(crops: Any) -> Any:
        said = request.infer({"crops": crops[..., None]})[logits]
        shifted = np.exp(said - said.max(axis=1, keepdims=True))
        return shifted / shifted.sum(axis=1, keepdims=True)

    return Peer(run, WORDS)


def say(**told: Any) -> None:
    print(json.dumps(told), flush=True)


def timed(call: Callable[[], Any], repeats: int) -> tuple[list[float], Any]:
    seconds, found = [], None
    for _ in range(repeats):
        start = perf_counter()
        found = call()
        seconds.append(perf_counter() - start)
    return seconds, found


def whole(peer: Peer, asked: dict[str, Any]) -> None:
    """A picture from its file and from its pixels, or a video; what a package does not do is not answered."""
    call = getattr(peer, asked["do"])
    if call is None:
        say(seconds=[])
        return
    given = asked["path"]
    if asked["do"] == "pixels":
        given = np.fromfile(given, np.uint8).reshape(asked["height"], asked["width"], 3)
    seconds, found = timed(lambda: call(given), asked["repeats"])
    say(seconds=seconds, found=found)


def main() -> None:
    which = sys.argv[1]
    if which == "fer":
        peer = fer()
    else:
        opened = {"mien": mien, "torch": facial_emotion_recognition, "openvino": openvino}[which]
        peer = opened(sys.argv[2], int(sys.argv[3]))
    known = {}
    for name in ("fer", "tensorflow", "mien", "onnxruntime", "openvino", "torch", "numpy"):
        try:
            known[name] = version(name)
        except PackageNotFoundError:
            continue
    say(ready=perf_counter() - START, words=peer.words, versions=known)
    crops = np.zeros((0, 1, 1), np.uint8)
    for line in sys.stdin:
        asked = json.loads(line)
        if asked["do"] == "open":
            side = asked["side"]
            crops = np.fromfile(asked["path"], np.uint8).reshape(-1, side, side)
            say(n=len(crops))
        elif asked["do"] == "probabilities":
            batch = asked["batch"]
            parts = [peer.run(crops[at : at + batch]) for at in range(0, asked["n"], batch)]
            np.concatenate(parts).astype("<f4").tofile(asked["out"])
            say(done=True)
        elif asked["do"] == "time":
            batch, seconds = asked["batch"], []
            for i in range(asked["repeats"]):
                some = crops[(i * batch) % asked["n"] :][:batch]
                seconds += timed(lambda some=some: peer.run(some), 1)[0]
            say(seconds=seconds)
        else:
            whole(peer, asked)


if __name__ == "__main__":
    main()
