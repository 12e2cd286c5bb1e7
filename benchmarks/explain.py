"""Do heat maps point at what decides? Faces whose class the mouth alone decides, and faces of FER2013.

A small net learns the four mouths of `mien.datasets.synthetic.mouth_alone`; heat maps of its answers are made for
faces it has not seen, before and after its weights are drawn anew, and their mass in the mouth's box, widened by two
pixels, is measured. Then the bundled model's maps of FER2013 are held against shuffled ones.

usage: explain.py [--data ../shared/data/fer2013.parquet] [--seeds 3]
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import numpy as np
import torch
from record import write
from torch.nn import functional as F

import mien
from mien.datasets.synthetic.mouth_alone import MOUTHS, mouth_alone
from mien.evaluate.explain.explain import explain
from mien.evaluate.explain.explainer import open_explainer
from mien.evaluate.explain.methods import METHODS, WITHOUT_TORCH
from mien.lab.explain.explainer import TorchExplainer
from mien.lab.models.face_net import output_widths
from mien.lab.models.registry import create
from mien.labels import EMOTIONS
from mien.model_spec import Head, ModelSpec
from mien.runtime.heat_map import enlarged, mass_inside

NAMES = tuple(name for name in EMOTIONS if name in MOUTHS)
OPTIONS = {"widths": [16, 32], "depths": [1, 1], "stem": 8, "dropout": 0.0}  # last map 12 x 12 of 48 pixels
LEARNT, EPOCHS, BATCH, RATE = 4000, 25, 64, 0.01
HELD_OUT, MARGIN = 500, 2
TRAINING, TESTING = 1, 3  # seeds of the faces; 2 was looked at while the benchmark was written
FORGOTTEN = 5  # nets drawn anew for each trained one
ROWS = 200


def labels_of(faces: Any) -> np.ndarray:
    return np.asarray([NAMES.index(EMOTIONS[k]) for k in faces.hard("synthetic")])


def train(seed: int) -> tuple[TorchExplainer, float]:
    """A net that names the mouths, and the seconds it took."""
    torch.manual_seed(seed)
    faces, _ = mouth_alone(LEARNT, TRAINING)
    head = Head("emotion", "emotion", NAMES, "synthetic")
    net = create("small", [head], **OPTIONS)
    spec = ModelSpec("mouths", "small", (head,), 48, 48, architecture_options=OPTIONS, **output_widths(net, 1, 48, 48))
    explainer = TorchExplainer(net, spec, torch.device("cpu"))
    x, y = explainer.inputs(faces.pixels[..., None]), torch.from_numpy(labels_of(faces))
    steps = EPOCHS * (LEARNT // BATCH)
    optimiser = torch.optim.AdamW(net.parameters(), RATE, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps)
    net.train()
    begun = time.perf_counter()
    for _ in range(EPOCHS):
        for rows in torch.randperm(LEARNT).split(BATCH)[: LEARNT // BATCH]:
            loss = F.cross_entropy(net(x[rows]), y[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    net.eval()
    return explainer, time.perf_counter() - begun


def share(maps: np.ndarray, boxes: np.ndarray) -> dict[str, Any]:
    """Median share of mass in the widened box, and quartiles."""
    found = mass_inside(enlarged(maps, 48, 48), boxes, MARGIN)
    known = found[np.isfinite(found)]
    quarter, middle, three = np.percentile(known, (25, 50, 75)) if len(known) else (np.nan,) * 3
    return {"median": float(middle), "quartiles": [float(quarter), float(three)], "n": len(known),
            "flat": int(len(found) - len(known))}  # fmt: skip


def mouths(seed: int) -> dict[str, Any]:
    explainer, seconds = train(seed)
    faces, boxes = mouth_alone(HELD_OUT, TESTING)
    tight = mouth_alone(HELD_OUT, TESTING, seen=8)[1]
    crops = faces.pixels[..., None]
    logits = explainer.logits(crops)
    columns = logits.argmax(axis=1)
    wide = np.clip(boxes + MARGIN * np.array([-1, -1, 1, 1]), 0, 48)
    result: dict[str, Any] = {
        "seed": seed, "seconds": seconds, "top1": 100 * float((columns == labels_of(faces)).mean()), "n": HELD_OUT,
        "box_share_of_picture": float(np.median((wide[:, 2] - wide[:, 0]) * (wide[:, 3] - wide[:, 1])) / 48**2),
        "methods": {},
    }  # fmt: skip
    for method in METHODS:
        said = explain(explainer, crops, method=method, check=True, seed=seed)
        maps = said.maps
        forgotten = [explainer.randomised(100 * seed + k)[0].maps(crops, columns, method) for k in range(FORGOTTEN)]
        result["methods"][method] = {
            "map": list(maps.shape[1:]),
            "in_mouth": share(maps, boxes),
            "in_tight_mouth": share(maps, tight),
            "in_mouth_forgotten": [share(each, boxes)["median"] for each in forgotten],
            **{key: value for key, value in said.summary().items() if key not in ("method", "layer", "map", "n")},
        }
        print(seed, method, round(result["methods"][method]["in_mouth"]["median"], 3),
              [round(v, 3) for v in result["methods"][method]["in_mouth_forgotten"]], flush=True)  # fmt: skip
    return result


def fer2013(data: str) -> list[dict[str, Any]]:
    """The bundled model without torch, on rows drawn at random from PublicTest."""
    faces = mien.load_dataset(data).in_split("PublicTest")
    rows = np.sort(np.random.default_rng(0).choice(len(faces), ROWS, replace=False))
    crops = faces.pixels[rows][..., None]
    out = []
    for method in WITHOUT_TORCH:
        begun = time.perf_counter()
        open_explainer("small").maps(crops[:1], np.zeros(1, np.int64), method)
        first = time.perf_counter() - begun
        summary = explain(open_explainer("small"), crops, method=method, check=True).summary()
        out.append({"model": "small", "split": "PublicTest", "seconds_first_face": first, **summary})
        print(out[-1], flush=True)
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="../shared/data/fer2013.parquet")
    parser.add_argument("--seeds", type=int, default=3)
    args = parser.parse_args()
    results = {"mouths": [mouths(seed) for seed in range(args.seeds)], "fer2013": fer2013(args.data)}
    write("explain", results, packages=("mien", "numpy", "onnxruntime", "torch", "captum"))


if __name__ == "__main__":
    main()
