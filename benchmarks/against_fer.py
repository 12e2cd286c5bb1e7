"""Our whole analysis beside the `fer` package's, on one picture with five faces, in turn, medians.

    uv venv /tmp/fer-venv --python 3.11
    uv pip install --python /tmp/fer-venv/bin/python fer 'opencv-contrib-python<5' 'setuptools<81'
    python benchmarks/against_fer.py --fer-python /tmp/fer-venv/bin/python --save

The two run in processes of their own, each with its model loaded, and take turns run by run, so that a busy
spell of the machine hits both alike. `file` is timed from a JPEG on disk to a list of faces, `array` from
decoded pixels. OpenCV 5 has no Haar cascades and setuptools 81 no pkg_resources, which fer needs.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Any

from five_faces import five_faces
from PIL import Image
from record import write

WORKER = """
import json, sys
from importlib.metadata import version
from time import perf_counter
import cv2
from fer.fer import FER
detector = FER(mtcnn=False)
path = sys.argv[1]
image = cv2.imread(path)
found = len(detector.detect_emotions(image))
versions = {name: version(name) for name in ("fer", "tensorflow", "opencv-contrib-python", "numpy")}
print(json.dumps({"ready": True, "faces": found, "versions": versions}), flush=True)
for line in sys.stdin:
    start = perf_counter()
    detector.detect_emotions(cv2.imread(path) if line.strip() == "file" else image)
    print(json.dumps({"seconds": perf_counter() - start}), flush=True)
"""


class Fer:
    """The fer package in a process of its own."""

    def __init__(self, python: str, picture: Path) -> None:
        command = [python, "-W", "ignore", "-c", WORKER, str(picture)]
        environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
        )
        self.about = self._answer()

    def seconds(self, kind: str) -> float:
        assert self._process.stdin is not None
        self._process.stdin.write(kind + "\n")
        self._process.stdin.flush()
        return float(self._answer()["seconds"])

    def close(self) -> None:
        self._process.communicate(timeout=60)

    def _answer(self) -> dict[str, Any]:
        """The next line of JSON; TensorFlow prints others among them."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("{"):
                return dict(json.loads(line))
        _, error = self._process.communicate()
        sys.exit("fer did not run:\n" + error[-2000:])


def measure(fer_python: str, picture: Path, model: str, repeats: int) -> dict[str, Any]:
    import mien
    from mien.images.read import read_image

    analyzer = mien.Analyzer(model)
    image = read_image(picture)
    ours = {"file": lambda: analyzer(picture), "array": lambda: analyzer(image)}
    fer = Fer(fer_python, picture)
    seconds: dict[str, dict[str, list[float]]] = {who: {"file": [], "array": []} for who in ("mien", "fer")}
    for turn in range(3 + repeats):
        for kind, run in ours.items():
            start = perf_counter()
            run()
            taken = {"mien": perf_counter() - start, "fer": fer.seconds(kind)}
            if turn >= 3:
                for who, value in taken.items():
                    seconds[who][kind].append(value)
    fer.close()
    ms = {who: {kind: summary(values) for kind, values in kinds.items()} for who, kinds in seconds.items()}
    return {
        "what": "whole analysis of one picture, model loaded, milliseconds",
        "picture": {"width": image.shape[1], "height": image.shape[0]},
        "faces": {"mien": len(analyzer(image)), "fer": fer.about["faces"]},
        "ms": ms,
        "share_of_fer": {kind: round(ms["mien"][kind]["median"] / ms["fer"][kind]["median"], 3) for kind in ours},
        "model": analyzer.spec.name,
        "detector": analyzer.detector,
        "fer_versions": fer.about["versions"],
    }


def summary(seconds: list[float]) -> dict[str, float]:
    ms = [1000 * s for s in seconds]
    p95 = quantiles(ms, n=20)[-1] if len(ms) > 1 else ms[0]
    return {"median": round(median(ms), 2), "p95": round(p95, 2), "n": len(ms)}


def load() -> float | None:
    """Runnable processes over the last minute: tells whether the machine was idle."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("picture", nargs="?", type=Path, help="a JPEG; else the one of five_faces.py")
    parser.add_argument("--fer-python", required=True, help="python of an environment that has fer")
    parser.add_argument("--model", default="small")
    parser.add_argument("--repeats", type=int, default=50)
    parser.add_argument("--save", action="store_true", help="keep the result among results/")
    options = parser.parse_args()
    before = load()
    with tempfile.TemporaryDirectory() as folder:
        picture = options.picture
        if picture is None:
            picture = Path(folder) / "five_faces.jpg"
            Image.fromarray(five_faces()).save(picture, quality=92)
        result = measure(options.fer_python, picture, options.model, options.repeats) | {"load_before": before}
    print(json.dumps(result, indent=2))
    if options.save:
        write("against_fer", result, packages=("mien", "numpy", "onnxruntime", "opencv-python-headless"))


if __name__ == "__main__":
    main()
